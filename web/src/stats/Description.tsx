import { useMemo, type ReactNode } from 'react'
import { readBlocks, type Span } from './markdown.ts'

/** A description with headings, lists and code; never HTML. */
export function Description({ text }: { text: string }) {
  const blocks = useMemo(() => readBlocks(text), [text])
  return (
    <div className="stats-description">
      {blocks.map((block, i) => {
        if (block.kind === 'heading') return <h3 key={i}>{showSpans(block.spans)}</h3>
        if (block.kind === 'paragraph') return <p key={i}>{showSpans(block.spans)}</p>
        if (block.kind === 'code') return <pre key={i}>{block.text}</pre>
        return (
          <ul key={i}>
            {block.items.map((item, j) => (
              <li key={j}>{showSpans(item)}</li>
            ))}
          </ul>
        )
      })}
    </div>
  )
}

function showSpans(spans: readonly Span[]): ReactNode {
  return spans.map(({ kind, text }, i) => {
    if (kind === 'strong') return <strong key={i}>{text}</strong>
    return kind === 'code' ? <code key={i}>{text}</code> : <span key={i}>{text}</span>
  })
}
