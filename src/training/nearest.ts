import { closest, distance } from 'fastest-levenshtein'

/** `Did you mean x?`, or the whole list when nothing is near. */
export function suggestName(typed: string, known: readonly string[]): string {
  if (known.length === 0) return 'There is none.'
  const best = closest(typed.toLowerCase(), known)
  return distance(typed.toLowerCase(), best.toLowerCase()) <= Math.max(2, Math.ceil(best.length / 3))
    ? `Did you mean ${best}?`
    : `Known: ${known.join(', ')}.`
}
