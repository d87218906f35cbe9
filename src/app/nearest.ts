import { closest, distance } from 'fastest-levenshtein'

/** The candidate a typist may have meant, or undefined when none is near. */
export function nearestName(typed: string, candidates: readonly string[]): string | undefined {
  if (candidates.length === 0) return undefined
  const lower = candidates.map((candidate) => candidate.toLowerCase())
  const best = closest(typed.toLowerCase(), lower)
  return distance(typed.toLowerCase(), best) <= Math.max(2, Math.ceil(best.length / 3))
    ? candidates[lower.indexOf(best)]
    : undefined
}

/** `Did you mean x?` or the whole list, for hints. */
export function suggestName(typed: string, candidates: readonly string[]): string {
  const best = nearestName(typed, candidates)
  return best === undefined ? `Known: ${candidates.join(', ')}.` : `Did you mean ${best}?`
}
