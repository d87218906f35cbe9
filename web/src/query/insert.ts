import type { Output } from '../api/client.ts'

export type Suggestion = Output<'query.complete'>['suggestions'][number]

/** A text and the place of the cursor in it. */
export interface Draft {
  text: string
  at: number
}

/** Puts a suggestion in its place; a space follows what is complete, so that the next one can be asked for. */
export function insertSuggestion({ text }: Draft, { text: added, replace }: Suggestion): Draft {
  const rest = text.slice(replace.end)
  const wantsSpace = !/[[(:.\s]$/.test(added)
  const hasSpace = /^\s/.test(rest)
  const space = wantsSpace && !hasSpace && !/^[)\],]/.test(rest) ? ' ' : ''
  return {
    text: text.slice(0, replace.start) + added + space + rest,
    at: replace.start + added.length + (wantsSpace && (hasSpace || space !== '') ? 1 : 0),
  }
}
