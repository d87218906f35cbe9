/** A piece of a line. */
export interface Span {
  kind: 'text' | 'strong' | 'code'
  text: string
}

/** A part of a description: a heading, a paragraph, a list, or code as it stands. */
export type Block =
  | { kind: 'heading'; spans: Span[] }
  | { kind: 'paragraph'; spans: Span[] }
  | { kind: 'list'; items: Span[][] }
  | { kind: 'code'; text: string }

/** Reads the little of Markdown that descriptions use: #, -, blank lines, ```, **strong** and `code`. Anything else is text. */
export function readBlocks(text: string): Block[] {
  const blocks: Block[] = []
  let paragraph: string[] = []
  let code: string[] | undefined
  const endParagraph = (): void => {
    if (paragraph.length > 0) blocks.push({ kind: 'paragraph', spans: readSpans(paragraph.join('\n')) })
    paragraph = []
  }
  for (const line of text.replaceAll('\r\n', '\n').split('\n')) {
    if (line.startsWith('```')) {
      endParagraph()
      if (code === undefined) code = []
      else {
        blocks.push({ kind: 'code', text: code.join('\n') })
        code = undefined
      }
      continue
    }
    if (code !== undefined) {
      code.push(line)
      continue
    }
    const heading = /^#{1,6}\s+(.+?)\s*#*$/.exec(line)?.[1]
    const item = /^\s*[-*]\s+(.+)$/.exec(line)?.[1]
    if (heading === undefined && item === undefined && line.trim() !== '') {
      paragraph.push(line)
      continue
    }
    endParagraph()
    if (heading !== undefined) blocks.push({ kind: 'heading', spans: readSpans(heading) })
    if (item === undefined) continue
    const last = blocks.at(-1)
    if (last?.kind === 'list') last.items.push(readSpans(item))
    else blocks.push({ kind: 'list', items: [readSpans(item)] })
  }
  endParagraph()
  if (code !== undefined) blocks.push({ kind: 'code', text: code.join('\n') })
  return blocks
}

function readSpans(text: string): Span[] {
  const spans: Span[] = []
  let from = 0
  for (const match of text.matchAll(/\*\*([^*\n]+)\*\*|`([^`\n]+)`/g)) {
    if (match.index > from) spans.push({ kind: 'text', text: text.slice(from, match.index) })
    spans.push(match[1] === undefined ? { kind: 'code', text: match[2]! } : { kind: 'strong', text: match[1] })
    from = match.index + match[0].length
  }
  if (from < text.length) spans.push({ kind: 'text', text: text.slice(from) })
  return spans
}
