import type { ConceptTable } from './table.ts'
import type { TextWord } from './types.ts'

/** Part of a text: words that belong together, or one that joins others. */
export type Phrase = (TextWord & { key: string }) | { joint: 'or' | 'without' }

const longestPhrase = 3
/** Words that say nothing about what is seen. */
const stopWords = new Set(
  (
    'a an the this that these those some any all each every and in on at of to from by for with as is are was were be been being it its his her their our my your ' +
    'there here which who whose what where when while has have had do does did can i you he she they we me him them us ' +
    'photo photos photograph photographs picture pictures image images shot shots view views kind kinds sort type find show see seen looking look like ' +
    'one two three several many few lot lots very only just also into onto over under near next behind beside between above below around across along through up down out off'
  ).split(' '),
)
const joints = new Map<string, 'or' | 'without'>([
  ['or', 'or'],
  ['without', 'without'],
  ['no', 'without'],
  ['not', 'without'],
])

/** Cuts a text into the longest phrases the table knows, single unknown words, and joints; stop words are left out. */
export function cutPhrases(text: string, table: ConceptTable): Phrase[] {
  const tokens = text
    .normalize('NFKD')
    .toLowerCase()
    .replaceAll('’', "'")
    .replaceAll(/\p{M}/gu, '')
    .match(/[\p{L}\p{N}]+(?:['-][\p{L}\p{N}]+)*/gu)
  const phrases: Phrase[] = []
  for (let at = 0; tokens !== null && at < tokens.length;) {
    const found = findLongest(tokens, at, table)
    const token = tokens[at] ?? ''
    const joint = joints.get(token)
    if (found !== undefined) phrases.push(found)
    else if (joint !== undefined) phrases.push({ joint })
    else if (!stopWords.has(token)) phrases.push({ text: token, key: token, by: 'unknown' })
    at += found === undefined ? 1 : found.length
  }
  return phrases
}

function findLongest(
  tokens: readonly string[],
  at: number,
  table: ConceptTable,
): (TextWord & { key: string; length: number }) | undefined {
  for (let length = Math.min(longestPhrase, tokens.length - at); length > 0; length--) {
    const words = tokens.slice(at, at + length)
    const single = words.length === 1
    if (words.some((word) => joints.has(word)) || (single && stopWords.has(words[0] ?? ''))) continue
    const text = words.join(' ')
    const key =
      findKey(text, table) ?? findKey(words.join(''), table, !single) ?? findKey(words.join('-'), table, !single)
    if (key !== undefined) return { text, key, by: table.knows(key) ?? 'unknown', length }
  }
  return undefined
}

/** The table's own form of a word: itself or a singular, one placed in WordNet before others. */
function findKey(text: string, table: ConceptTable, wanted = true): string | undefined {
  if (!wanted) return undefined
  const forms = [
    text,
    ...(text.includes('-') ? [text.replaceAll('-', ' '), text.replaceAll('-', '')] : []),
    ...listSingulars(text),
  ]
  return forms.find((form) => table.knows(form) === 'wordnet') ?? forms.find((form) => table.knows(form) !== undefined)
}

/** What a regular plural may be the plural of. */
function listSingulars(word: string): string[] {
  if (word.length < 4 || !word.endsWith('s') || word.endsWith('ss'))
    return word.endsWith("'s") ? [word.slice(0, -2)] : []
  return [
    ...(word.endsWith("'s") ? [word.slice(0, -2)] : []),
    ...(word.endsWith('ies') ? [`${word.slice(0, -3)}y`] : []),
    word.slice(0, -1),
    ...(/(?:[sxz]|ch|sh|o)es$/.test(word) ? [word.slice(0, -2)] : []),
    ...(word.endsWith('ves') ? [`${word.slice(0, -3)}f`, `${word.slice(0, -3)}fe`] : []),
  ]
}
