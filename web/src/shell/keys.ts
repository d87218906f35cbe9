import { useEffect } from 'react'

/** A command that a key, the palette or a menu runs. */
export interface Command {
  id: string
  title: string
  /** Like `ctrl+z`, `g`, `shift+/`; shown beside the title. */
  keys?: string
  run: () => void
}

const commands = new Map<string, Command>()

/** Offers commands while a component is on the page. The list must keep its identity between renders unless it changes. */
export function useCommands(list: readonly Command[]): void {
  useEffect(() => {
    for (const command of list) commands.set(command.id, command)
    return () => {
      for (const command of list) if (commands.get(command.id) === command) commands.delete(command.id)
    }
  }, [list])
}

export const listCommands = (): Command[] => [...commands.values()]

/** The pressed keys as commands write them. */
function nameKeys(event: KeyboardEvent): string {
  const parts = [
    ...(event.ctrlKey || event.metaKey ? ['ctrl'] : []),
    ...(event.altKey ? ['alt'] : []),
    ...(event.shiftKey && event.key.length > 1 ? ['shift'] : []),
    ...(event.shiftKey && event.key.length === 1 && (event.ctrlKey || event.metaKey) ? ['shift'] : []),
    event.key.toLowerCase(),
  ]
  return parts.join('+')
}

/** Runs commands by their keys. Keys without ctrl are left to fields of text while one has the focus. */
export function listenToKeys(): () => void {
  const onKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented) return
    const target = event.target as HTMLElement | null
    const isTyping = target !== null && (target.isContentEditable || /^(INPUT|TEXTAREA|SELECT)$/.test(target.tagName))
    if (isTyping && !(event.ctrlKey || event.metaKey)) return
    // Undo inside a field of text is the field's own.
    if (isTyping && /^[zy]$/i.test(event.key)) return
    const pressed = nameKeys(event)
    const command = listCommands().find(({ keys }) => keys === pressed)
    if (command === undefined) return
    event.preventDefault()
    command.run()
  }
  addEventListener('keydown', onKey)
  return () => removeEventListener('keydown', onKey)
}
