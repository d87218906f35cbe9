import type { DictionaryDifference, StoredDictionary } from './types.ts'

/** What differs in classes, fields, slices and the card. Classes are the same by their number, whatever they are called. */
export function compareDictionaries(before: StoredDictionary, after: StoredDictionary): DictionaryDifference[] {
  const [a, b] = [before.state, after.state]
  return [
    ...compareLists('class', a.classes, b.classes, ({ id }) => String(id)),
    ...compareLists('field', a.fields, b.fields, ({ name }) => name),
    ...compareLists(
      'slice',
      a.slices.map(({ name, query }) => ({ name, query })),
      b.slices.map(({ name, query }) => ({ name, query })),
      ({ name }) => name,
    ),
    ...compareLists(
      'card',
      Object.entries(before.card).map(([name, text]) => ({ name, text })),
      Object.entries(after.card).map(([name, text]) => ({ name, text })),
      ({ name }) => name,
    ),
  ]
}

function compareLists<T extends { name: string }>(
  kind: DictionaryDifference['kind'],
  before: readonly T[],
  after: readonly T[],
  keyOf: (item: T) => string,
): DictionaryDifference[] {
  const old = new Map(before.map((item) => [keyOf(item), item]))
  const now = new Map(after.map((item) => [keyOf(item), item]))
  const found: DictionaryDifference[] = []
  for (const [key, item] of old) {
    const later = now.get(key)
    if (later === undefined) found.push({ kind, name: item.name, what: 'removed', how: '' })
    else {
      const how = describeChange(item, later)
      if (how !== '') found.push({ kind, name: later.name, what: 'changed', how })
    }
  }
  for (const [key, item] of now) if (!old.has(key)) found.push({ kind, name: item.name, what: 'added', how: '' })
  return found
}

/** Texts longer than this are only said to be different. */
const shownCharacters = 60

function describeChange(earlier: object, later: object): string {
  const [before, after] = [earlier, later] as [Record<string, unknown>, Record<string, unknown>]
  const said: string[] = []
  for (const key of new Set([...Object.keys(before), ...Object.keys(after)])) {
    const [from, to] = [JSON.stringify(before[key]) ?? 'none', JSON.stringify(after[key]) ?? 'none']
    if (from === to) continue
    said.push(from.length + to.length > 2 * shownCharacters ? key : `${key} ${from} → ${to}`)
  }
  return said.join(', ')
}
