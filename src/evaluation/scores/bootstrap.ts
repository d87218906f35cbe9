import { setImmediate } from 'node:timers/promises'
import { throwIfAborted, type Rng } from '#base'

/** Figures of samples that are each weighed: 0 leaves one out, 2 counts it twice. */
export type Measure = (weights: Float64Array) => Record<string, number | null>

export interface Interval {
  low: number | null
  high: number | null
}

/** Draws as many rows as there are, with replacement, into weights by row; rows of `among` only, when given. */
function drawWeights(rng: Rng, weights: Float64Array, among?: Int32Array): void {
  weights.fill(0)
  const count = among?.length ?? weights.length
  for (let i = 0; i < count; i++) {
    const drawn = rng.integer(0, count - 1)
    weights[among === undefined ? drawn : among[drawn]!]!++
  }
}

/** Rounds after which other work of the process gets its turn. */
const roundsAtOnce = 25

interface Draws {
  rng: Rng
  rounds: number
  /** Rows that are drawn; all when left out. */
  among?: Int32Array
}

/** 95 % percentile bootstrap of every figure of a measure (Efron & Tibshirani 1993, ch. 13). Rounds without a value are left out. */
export function bootstrap(measure: Measure, samples: number, draws: Draws): Record<string, Interval> {
  const drawing = openDrawing(measure, samples, draws)
  for (let round = 0; round < drawing.rounds; round++) drawing.draw()
  return drawing.intervals()
}

/** The same, a few rounds at a time, so that other work goes on. Throws CANCELLED. */
export async function bootstrapInTurns(
  measure: Measure,
  samples: number,
  { signal, ...draws }: Draws & { signal: AbortSignal },
): Promise<Record<string, Interval>> {
  const drawing = openDrawing(measure, samples, draws)
  for (let round = 0; round < drawing.rounds; round++) {
    if (round % roundsAtOnce === 0) {
      await setImmediate()
      throwIfAborted(signal)
    }
    drawing.draw()
  }
  return drawing.intervals()
}

function openDrawing(
  measure: Measure,
  samples: number,
  { rng, rounds, among }: Draws,
): { rounds: number; draw(): void; intervals(): Record<string, Interval> } {
  const drawn: Record<string, number[]> = {}
  const weights = new Float64Array(samples)
  return {
    rounds: (among?.length ?? samples) === 0 ? 0 : rounds,
    draw() {
      drawWeights(rng, weights, among)
      for (const [name, value] of Object.entries(measure(weights))) if (value !== null) (drawn[name] ??= []).push(value)
    },
    intervals: () => Object.fromEntries(Object.entries(drawn).map(([name, values]) => [name, within95(values)])),
  }
}

/** 2.5th and 97.5th percentile, interpolated; null without values. */
function within95(values: readonly number[]): Interval {
  if (values.length === 0) return { low: null, high: null }
  const sorted = Float64Array.from(values).sort()
  const at = (share: number): number => {
    const place = share * (sorted.length - 1)
    const below = Math.floor(place)
    return sorted[below]! + (place - below) * ((sorted[below + 1] ?? sorted[below]!) - sorted[below]!)
  }
  return { low: at(0.025), high: at(0.975) }
}
