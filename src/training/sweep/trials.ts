import { createRng, FoveaError } from '#base'
import type { SweepChoice } from '#contract'
import type { TrainingJob } from '../types.ts'

export type TrialParams = Record<string, string | number | boolean>

const mostGrid = 10_000

/** Every combination of lists, the last parameter changing fastest. Throws INPUT_INVALID for bounds, and for more than `limit`. */
export function listGrid(space: Readonly<Record<string, SweepChoice>>, limit: number): TrialParams[] {
  let trials: TrialParams[] = [{}]
  for (const [name, choice] of Object.entries(space)) {
    if (!Array.isArray(choice))
      throw new FoveaError('INPUT_INVALID', `A grid needs a list of values, but ${name} has bounds.`, {
        hint: 'Give a list, or take --strategy random or halving.',
      })
    trials = trials.flatMap((trial) => choice.map((value) => ({ ...trial, [name]: value })))
    if (trials.length > mostGrid) break
  }
  if (trials.length <= limit) return trials
  throw new FoveaError(
    'INPUT_INVALID',
    `The grid has ${trials.length > mostGrid ? `more than ${mostGrid}` : trials.length} combinations, and at most ${limit} trials were allowed.`,
    { hint: 'Raise --trials, shorten the lists, or take --strategy random.' },
  )
}

/** So many sets drawn at random, none twice; fewer where lists do not have as many. The same seed gives the same. */
export function drawTrials(space: Readonly<Record<string, SweepChoice>>, count: number, seed: number): TrialParams[] {
  const rng = createRng(`sweep ${seed}`)
  const trials = new Map<string, TrialParams>()
  for (let tries = 0; trials.size < count && tries < 50 * count; tries++) {
    const trial = Object.fromEntries(
      Object.entries(space).map(([name, choice]) => {
        if (Array.isArray(choice)) return [name, rng.pick(choice)]
        const { low, high, log, whole } = choice
        const drawn = log ? Math.exp(rng.uniform(Math.log(low), Math.log(high))) : rng.uniform(low, high)
        // Four digits are enough to tell trials apart, and can be read.
        return [name, whole ? Math.round(drawn) : Number(drawn.toPrecision(4))]
      }),
    )
    trials.set(JSON.stringify(trial), trial)
  }
  return [...trials.values()]
}

/** One round of successive halving: how many trials are left, and the epochs each gets. */
export interface Rung {
  trials: number
  epochs: number
}

const factor = 3

/**
 * Rounds of successive halving (Jamieson & Talwalkar 2016) that end with `epochs`: each keeps the best third and gives it three times
 * as many epochs.
 */
export function planRungs(trials: number, epochs: number): Rung[] {
  const rounds = Math.min(
    Math.floor(Math.log(trials) / Math.log(factor) + 1e-9),
    Math.floor(Math.log(epochs) / Math.log(factor) + 1e-9),
  )
  return Array.from({ length: rounds + 1 }, (_, i) => ({
    trials: Math.max(1, Math.ceil(trials / factor ** i)),
    epochs: Math.max(1, Math.round(epochs / factor ** (rounds - i))),
  }))
}

/** Metric by which models of a task are ordered where nothing else is said. */
export const usualMetric = {
  classification: 'accuracy',
  multilabel: 'macroF1',
  regression: 'mae',
  segmentation: 'dice',
  anomaly: 'auroc',
} as const satisfies Record<TrainingJob['task'], string>

/** Less is better for errors and losses. */
export const usualDirection = (metric: string): 'max' | 'min' =>
  /(^|_)(loss|error|mae|mse|rmse|alarms|seconds|ms|bytes)($|_)/i.test(
    metric.replaceAll(/([a-z\d])([A-Z])|\W/g, '$1_$2'),
  )
    ? 'min'
    : 'max'
