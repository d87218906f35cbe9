import { useLayoutEffect, useMemo, useRef, type KeyboardEvent, type RefObject } from 'react'
import { insertSuggestion, type Draft, type Suggestion } from './insert.ts'
import { paintQuery } from './paint.ts'
import { Suggestions } from './Suggestions.tsx'

interface EditorProps {
  input: RefObject<HTMLInputElement | null>
  text: string
  faults: readonly { start: number; end: number }[]
  /** Id of what tells the faults. */
  toldBy: string | undefined
  suggestions: readonly Suggestion[]
  /** Whether the suggestions were made for the text as it stands. */
  fits: boolean
  chosen: number
  onChoose: (index: number) => void
  onType: (draft: Draft) => void
  /** The cursor went elsewhere. */
  onMove: (at: number) => void
  onAsk: (isOpen: boolean) => void
  onApply: () => void
  /** An older or newer query of before; false when there is none. */
  onRecall: (by: 1 | -1) => boolean
  isRecalling: boolean
  onBlur: () => void
}

const listId = 'query-suggestions'

/** One line of text in colours: an input whose letters cannot be seen, over a copy whose letters can. */
export function Editor(props: EditorProps) {
  const { input, text, faults, suggestions, chosen } = props
  const paint = useRef<HTMLDivElement>(null)
  const pieces = useMemo(() => paintQuery(text, faults), [text, faults])
  const follow = (): void => {
    if (paint.current !== null && input.current !== null) paint.current.scrollLeft = input.current.scrollLeft
  }
  useLayoutEffect(follow)
  // Where the cursor goes once React has put an accepted suggestion into the input.
  const wanted = useRef<number | null>(null)
  useLayoutEffect(() => {
    if (wanted.current === null) return
    input.current?.setSelectionRange(wanted.current, wanted.current)
    wanted.current = null
  })
  const isOpen = suggestions.length > 0
  const accept = (suggestion: Suggestion): void => {
    const next = insertSuggestion({ text, at: 0 }, suggestion)
    wanted.current = next.at
    props.onType(next)
  }
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>): void => {
    if (event.nativeEvent.isComposing) return
    if (answerKey(event, props, accept)) event.preventDefault()
  }
  return (
    <div className="query-editor">
      <div className="query-paint" ref={paint} aria-hidden="true">
        {pieces.map((piece, i) => (
          <span key={i} className={`query-${piece.colour}${piece.isWrong ? ' query-wrong' : ''}`}>
            {piece.text}
          </span>
        ))}
      </div>
      <input
        ref={input}
        className="query-input"
        value={text}
        role="combobox"
        aria-label="Query"
        aria-autocomplete="list"
        aria-expanded={isOpen}
        aria-controls={listId}
        aria-activedescendant={isOpen && chosen >= 0 ? `${listId}-${chosen}` : undefined}
        aria-invalid={faults.length > 0}
        aria-describedby={props.toldBy}
        placeholder="Find samples: width >= 640 and tag:blurry, or any words ( / )"
        autoComplete="off"
        autoCorrect="off"
        autoCapitalize="off"
        spellCheck={false}
        maxLength={20_000}
        onChange={(event) => props.onType({ text: event.target.value, at: event.target.selectionStart ?? 0 })}
        onSelect={(event) => props.onMove(event.currentTarget.selectionStart ?? 0)}
        onScroll={follow}
        onKeyDown={onKeyDown}
        onBlur={props.onBlur}
      />
      {isOpen && <Suggestions id={listId} suggestions={suggestions} chosen={chosen} onAccept={accept} />}
    </div>
  )
}

/** Whether the key was answered. */
function answerKey(
  event: KeyboardEvent<HTMLInputElement>,
  props: EditorProps,
  accept: (suggestion: Suggestion) => void,
): boolean {
  const { suggestions, fits, chosen, text } = props
  const isOpen = suggestions.length > 0
  const last = suggestions.length - 1
  switch (event.key) {
    case 'ArrowUp':
      if (event.altKey || text === '' || (props.isRecalling && !isOpen)) {
        props.onAsk(false)
        return props.onRecall(1) || event.altKey
      }
      if (isOpen) props.onChoose(chosen <= 0 ? last : chosen - 1)
      return isOpen
    case 'ArrowDown':
      if ((event.altKey || !isOpen) && props.onRecall(-1)) return true
      if (!isOpen) props.onAsk(true)
      else props.onChoose(chosen >= last ? 0 : chosen + 1)
      return true
    case ' ':
      if (event.ctrlKey) props.onAsk(true)
      return event.ctrlKey
    case 'Enter': {
      const one = suggestions[chosen]
      if (one !== undefined && fits) accept(one)
      else props.onApply()
      return true
    }
    case 'Tab': {
      const one = suggestions[Math.max(0, chosen)]
      if (event.shiftKey || one === undefined || !fits) return false
      accept(one)
      return true
    }
    case 'Escape':
      if (isOpen) props.onAsk(false)
      else event.currentTarget.blur()
      return true
    default:
      return false
  }
}
