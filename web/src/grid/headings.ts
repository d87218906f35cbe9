import type { Group } from './items.ts'
import type { Layout } from './layout.ts'

export interface Headings {
  show(options: {
    layout: Layout
    groups: readonly Group[]
    collapsed: ReadonlySet<string>
    from: number
    to: number
    originPx: number
  }): void
  clear(): void
}

/** Keeps a button for each heading that is visible. */
export function createHeadings(host: HTMLElement, onToggle: (key: string) => void): Headings {
  const live = new Map<string, HTMLButtonElement>()

  const make = (key: string): HTMLButtonElement => {
    const button = document.createElement('button')
    button.type = 'button'
    button.className = 'grid-heading'
    button.append(document.createElement('span'), document.createElement('span'))
    button.addEventListener('click', () => onToggle(key))
    host.append(button)
    return button
  }

  const drop = (key: string): void => {
    live.get(key)?.remove()
    live.delete(key)
  }

  return {
    show({ layout, groups, collapsed, from, to, originPx }) {
      const shown = new Set<string>()
      for (let row = from; row < to; row++) {
        const group = groups[layout.sections[row]!]
        if (group === undefined) continue
        shown.add(group.key)
        const button = live.get(group.key) ?? make(group.key)
        live.set(group.key, button)
        button.firstElementChild!.textContent = group.title
        button.lastElementChild!.textContent = group.count.toLocaleString('en')
        button.setAttribute('aria-expanded', String(!collapsed.has(group.key)))
        button.style.top = `${layout.tops[row]! - originPx}px`
        button.style.height = `${layout.heights[row]!}px`
        button.style.width = `${layout.widthPx}px`
      }
      for (const key of live.keys()) if (!shown.has(key)) drop(key)
    },
    clear() {
      for (const key of live.keys()) drop(key)
    },
  }
}
