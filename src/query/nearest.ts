import { distance } from 'fastest-levenshtein'

/**
 * Up to `most` names that look like `text`, nearest first: by Levenshtein distance without regard to case, at most a third
 * of the longer one; names that start with the text count as one step away.
 */
export function nearestNames(text: string, names: readonly string[], most = 3): string[] {
  const wanted = text.toLowerCase().slice(0, 100)
  const scored: { name: string; steps: number }[] = []
  for (const name of names) {
    const lower = name.toLowerCase()
    const close = Math.ceil(Math.max(wanted.length, Math.min(lower.length, 100)) / 3)
    if (wanted.length >= 3 && lower !== wanted && lower.startsWith(wanted)) scored.push({ name, steps: 1 })
    else if (Math.abs(lower.length - wanted.length) <= close) {
      const steps = distance(wanted, lower)
      if (steps <= close) scored.push({ name, steps })
    }
  }
  return scored
    .toSorted((a, b) => a.steps - b.steps || (a.name < b.name ? -1 : 1))
    .slice(0, most)
    .map(({ name }) => name)
}
