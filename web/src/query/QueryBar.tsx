import { useCallback, useEffect, useMemo, useRef, useState } from 'react'
import type { ApiError } from '../api/client.ts'
import { useCall, useFrame } from '../shell/data.ts'
import { useCommands, type Command } from '../shell/keys.ts'
import { setView, useView } from '../shell/view.ts'
import { Editor } from './Editor.tsx'
import { keepQuery } from './history.ts'
import { SliceMenu } from './SliceMenu.tsx'
import { useDraft } from './use-draft.ts'
import { useRecall } from './use-recall.ts'
import { useSettled } from './use-settled.ts'
import { useSuggestions } from './use-suggestions.ts'
import './query.css'

const pauseMs = 400
interface Problem {
  message: string
  hint: string | null
  span: { start: number; end: number } | null
}

/** The line that says what the page shows. What is typed there applies on Enter, and by itself once it is a query. */
export function QueryBar() {
  const { dataset, query } = useView()
  const input = useRef<HTMLInputElement>(null)
  const isFocused = useCallback(() => document.activeElement === input.current, [])
  const { text, type, apply, isOwn } = useDraft(query, isFocused)
  const [at, setAt] = useState(query.length)
  const [isAsking, setAsking] = useState(false)
  const [areSlicesOpen, openSlices] = useState(false)
  const draft = useMemo(() => ({ text, at: Math.min(at, text.length) }), [text, at])
  const { shown, fits, chosen, choose } = useSuggestions(dataset, draft, isAsking)
  const recall = useRecall(dataset, query)

  const settled = useSettled(text, pauseMs)
  // The page has every sample of its query, so nobody needs to count them.
  const frame = useFrame(dataset, query)
  const matches = frame.error === null ? frame.data?.ids.length : undefined
  const check = useCall(
    'query.check',
    { dataset: dataset ?? undefined, query: settled },
    // What the page shows already is a query, unless it was refused.
    { enabled: dataset !== null && settled !== '' && (settled !== query || frame.isError) },
  )
  const checked = settled === text && settled !== '' && !check.isPlaceholderData ? check.data : undefined
  const isFit = checked?.ok === true || (settled === '' && text === '')
  useEffect(() => {
    if (isFit && isOwn && isFocused()) apply(text, 'typing')
  }, [isFit, isOwn, text, apply, isFocused])

  const problem = isOwn ? toProblem(checked) : (toProblem(checked) ?? toRefusal(frame.error))
  const span = problem?.span ?? null
  const faults = useMemo(() => (span === null || span.start > text.length ? [] : [widen(span, text)]), [span, text])

  const commit = (made: string): void => {
    setAsking(false)
    apply(made, 'done')
    if (dataset !== null && made.trim() !== '') keepQuery(dataset, made.trim())
  }
  const put = (made: string): void => {
    type(made)
    setAt(made.length)
  }
  useCommands(useCommandsOf(input, openSlices, put))
  return (
    <div className="query">
      <div className="query-line">
        <Editor
          input={input}
          text={text}
          faults={faults}
          toldBy={problem === null ? undefined : 'query-problem'}
          suggestions={shown}
          fits={fits}
          chosen={chosen}
          onChoose={choose}
          onType={(made) => {
            type(made.text)
            setAt(made.at)
            setAsking(true)
          }}
          onMove={setAt}
          onAsk={setAsking}
          onApply={() => commit(text)}
          onRecall={(by) => {
            const found = recall.step(text, by)
            if (found !== undefined) put(found)
            return found !== undefined
          }}
          isRecalling={recall.isWalking(text)}
          onBlur={() => setAsking(false)}
        />
        {text !== '' && (
          <button
            type="button"
            className="query-clear"
            aria-label="Clear the query"
            title="Clear the query"
            onClick={() => {
              put('')
              commit('')
              input.current?.focus()
            }}
          >
            ×
          </button>
        )}
        <output className="query-count" aria-label="Matches" data-busy={frame.isFetching || undefined}>
          {matches?.toLocaleString('en') ?? '–'}
          <span className="query-unit"> {matches === 1 ? 'match' : 'matches'}</span>
        </output>
        {dataset !== null && (
          <SliceMenu
            dataset={dataset}
            query={query}
            isOpen={areSlicesOpen}
            onOpen={openSlices}
            onApply={(made) => {
              put(made)
              commit(made)
            }}
          />
        )}
      </div>
      <div id="query-problem" className="query-problem" role="status">
        {problem !== null && (
          <>
            <span className="problem">{problem.message}</span>
            {problem.hint !== null && <span className="hint"> {problem.hint}</span>}
          </>
        )}
      </div>
    </div>
  )
}

function useCommandsOf(
  input: { current: HTMLInputElement | null },
  openSlices: (isOpen: boolean) => void,
  put: (text: string) => void,
): readonly Command[] {
  const latest = useRef(put)
  useEffect(() => {
    latest.current = put
  })
  return useMemo(
    () => [
      {
        id: 'query.focus',
        title: 'Go to the query',
        keys: '/',
        run: () => {
          input.current?.focus()
          input.current?.select()
        },
      },
      {
        id: 'query.clear',
        title: 'Clear the query',
        run: () => {
          latest.current('')
          setView({ query: '' })
        },
      },
      { id: 'query.slices', title: 'Saved slices; save this query', run: () => openSlices(true) },
    ],
    [input, openSlices],
  )
}

function toProblem(checked: { ok: boolean; problems: Problem[] } | undefined): Problem | null {
  return checked === undefined || checked.ok ? null : (checked.problems[0] ?? null)
}

/** What the server says of a query that reads well and yet cannot be answered. */
function toRefusal(error: ApiError | null): Problem | null {
  if (error === null || error.code === 'OFFLINE') return null
  const span = (error.details as { span?: unknown } | undefined)?.span
  const { start, end } = (span ?? {}) as { start?: unknown; end?: unknown }
  const place = typeof start === 'number' && typeof end === 'number' ? { start, end } : null
  return { message: error.message, hint: error.hint ?? null, span: place }
}

/** A fault at the end of the text is shown under its last letter. */
const widen = (span: { start: number; end: number }, text: string): { start: number; end: number } =>
  span.end > span.start && span.start < text.length
    ? span
    : { start: Math.max(0, Math.min(span.start, text.length) - 1), end: Math.max(1, span.end) }
