import type { MetricCurve } from './types.ts'

/**
 * Numbers of at most `most` points of a curve that draw as the whole does: the first and the last, and of each of equal stretches
 * between them the lowest and the highest value, in their order. `most` is 2 at least.
 */
export function thinCurve({ values }: Pick<MetricCurve, 'values'>, most: number): number[] {
  const count = values.length
  if (count <= most) return Array.from(values, (_, i) => i)
  const kept = [0]
  const stretches = Math.floor((most - 2) / 2)
  for (let stretch = 0; stretch < stretches; stretch++) {
    const from = 1 + Math.floor((stretch * (count - 2)) / stretches)
    const to = 1 + Math.floor(((stretch + 1) * (count - 2)) / stretches)
    let [low, high] = [from, from]
    for (let i = from + 1; i < to; i++) {
      if (values[i]! < values[low]!) low = i
      if (values[i]! > values[high]!) high = i
    }
    kept.push(Math.min(low, high))
    if (low !== high) kept.push(Math.max(low, high))
  }
  kept.push(count - 1)
  return kept
}
