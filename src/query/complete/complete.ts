import { FoveaError } from '#base'
import type { Suggestion } from '#contract'
import { createContext } from '../check/context.ts'
import type { QuerySchema } from '../schema.ts'
import { parseTokens } from '../syntax/parser.ts'
import { listCandidates, type Candidate, type LookUpValues } from './candidates.ts'
import { findPlace, type Place } from './place.ts'

export interface CompleteOptions {
  limit: number
  /** Values of a field with the samples that have them, most frequent first; `typed` is what stands there already. */
  values?: LookUpValues
}

/**
 * What may come next at `at` (UTF-16 units, clamped to the text), best first: what the parser would take there, by the names
 * of the dataset, filtered by what is typed already. Answers nothing for text that cannot be read up to there.
 */
export async function completeQuery(
  text: string,
  at: number,
  schema: QuerySchema,
  options: CompleteOptions,
): Promise<Suggestion[]> {
  const place = findSafely(text, Math.max(0, Math.min(at, text.length)))
  if (place === null) return []
  const { expectations } = parseTokens(place.before)
  const context = createContext(schema, () => ({ where: null, order: [], limit: null }))
  // Another term may follow at once, but "and", "or" and the rest come first, and nothing typed asks for no term.
  const joined = expectations.filter((expected) => expected.kind === 'term' && expected.joined)
  const others = expectations.filter((expected) => !joined.includes(expected))
  const lists = await Promise.all(
    (place.typed === '' || isTouching(place) ? others : [...others, ...joined]).map((expected) =>
      listCandidates(context, expected, place, options.values),
    ),
  )
  return rank(lists.flat(), place)
    .slice(0, options.limit)
    .map(({ text: suggested, kind, detail, count }) => ({
      text: suggested,
      kind,
      detail,
      count,
      replace: place.replace,
    }))
}

function findSafely(text: string, at: number): Place | null {
  try {
    return findPlace(text, at)
  } catch (caught) {
    if (caught instanceof FoveaError && caught.code === 'QUERY_INVALID') return null
    throw caught
  }
}

/** Names that start with what is typed, then names with a part that does, then names that contain it; otherwise as listed. */
function rank(candidates: readonly Candidate[], place: Place): Candidate[] {
  const wanted = place.typed.toLowerCase()
  const seen = new Set<string>()
  const scored: { one: Candidate; score: number }[] = []
  for (const one of candidates) {
    if (seen.has(one.text)) continue
    seen.add(one.text)
    if (place.form === 'quoted' && !/["'`]$/.test(one.text)) continue
    // `.count` follows its bracket at once.
    if (one.text.startsWith('.') && !isTouching(place)) continue
    const score = Math.min(scoreOf(one.name.toLowerCase(), wanted), scoreOf(one.text.toLowerCase(), wanted))
    if (score < 3) scored.push({ one, score })
  }
  return scored.toSorted((a, b) => a.score - b.score).map(({ one }) => one)
}

/** Whether no space stands before what is typed, so that it belongs to the term before. */
const isTouching = ({ before }: Place): boolean => before.at(-1)?.spaced === false

function scoreOf(name: string, wanted: string): number {
  if (name.startsWith(wanted)) return 0
  const found = name.indexOf(wanted)
  if (found < 0) return 3
  return /[\p{L}\p{N}]/u.test(name[found - 1]!) ? 2 : 1
}
