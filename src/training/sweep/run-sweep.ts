import { rm } from 'node:fs/promises'
import { pathExists, type CallContext } from '#base'
import type { RunWriter } from '#experiments'
import type { TrainingDeps } from '../deps.ts'
import type { TrainingPlan } from '../run/execute.ts'
import { runTrial, type SweepFrame, type Trial, type TrialSet } from './trial.ts'
import type { Rung, TrialParams } from './trials.ts'

export interface SweepPlan {
  sets: readonly TrialParams[]
  /** Rounds of successive halving; none where each set is tried once. */
  rungs: readonly Rung[]
  direction: 'max' | 'min'
  planOf(set: TrialSet): TrainingPlan
}

/**
 * Tries sets of parameters one after the other; with rounds, those that are best go on to the next. Answers each set once, with its last
 * round, the best first. Only the model of the best is kept on disk meanwhile.
 */
export async function runSweep(
  deps: TrainingDeps,
  frame: SweepFrame,
  { sets, rungs, direction, planOf }: SweepPlan,
  writer: RunWriter,
  context: CallContext,
): Promise<Trial[]> {
  const isBetter = (a: Trial, b: Trial): number => compareValues(a.value, b.value, direction)
  const rounds = rungs.length === 0 ? [{ trials: sets.length, epochs: null }] : rungs
  const total = rounds.reduce((sum, { trials }) => sum + Math.min(trials, sets.length), 0)
  let entering = [...sets]
  let ranked: Trial[] = []
  let done = 0
  for (const { trials, epochs } of rounds) {
    const round: Trial[] = []
    let best: Trial | undefined
    for (const params of entering.slice(0, trials)) {
      const set = { params, epochs }
      const trial = await runTrial(deps, frame, planOf(set), set, tellTrial(context, done + 1, total))
      const [better, worse] = best === undefined || isBetter(trial, best) < 0 ? [trial, best] : [best, trial]
      best = better
      if (worse?.trained) await rm(worse.trained.folder, { recursive: true, force: true })
      round.push(trial)
      done++
      await writer.logMetrics({ trials: done, ...(best.value === null ? {} : { best: best.value }) }, done)
      context.progress.report({ stage: 'trials', done, total, unit: 'trials' })
    }
    round.sort(isBetter)
    const again = new Set(round.map(({ params }) => params))
    ranked = [...round, ...ranked.filter(({ params }) => !again.has(params))]
    entering = round.filter(({ value }) => value !== null).map(({ params }) => params)
  }
  const [first] = ranked
  if (first?.trained && !(await pathExists(first.trained.folder))) {
    const set = { params: first.params, epochs: first.epochs, again: true }
    ranked[0] = await runTrial(deps, frame, planOf(set), set, tellTrial(context, done, total))
  }
  return ranked
}

/** Orders the better first; what failed comes last. */
function compareValues(a: number | null, b: number | null, direction: 'max' | 'min'): number {
  if (a === null || b === null) return a === b ? 0 : a === null ? 1 : -1
  return direction === 'max' ? b - a : a - b
}

/** Progress of a trial under its number. */
function tellTrial(context: CallContext, number: number, total: number): CallContext {
  return {
    ...context,
    progress: {
      report: (event) => context.progress.report({ ...event, stage: `trial ${number} of ${total}: ${event.stage}` }),
    },
  }
}
