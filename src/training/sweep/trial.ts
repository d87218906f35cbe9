import { rm } from 'node:fs/promises'
import { join, relative } from 'node:path'
import { FoveaError, type CallContext } from '#base'
import type { Run, RunStore } from '#experiments'
import type { TrainingDeps } from '../deps.ts'
import { suggestName } from '../nearest.ts'
import { endFailed, executePlan, type TrainingPlan } from '../run/execute.ts'
import type { TrainedModel } from '../types.ts'
import type { TrialParams } from './trials.ts'

/** One set of parameters. */
export interface TrialSet {
  /** Those that differ between trials. */
  params: TrialParams
  /** Where rounds of the sweep have their own. */
  epochs: number | null
}

/** One set of parameters, tried. */
export interface Trial extends TrialSet {
  run: string
  /** Null where it failed. */
  value: number | null
  seconds: number
  error: string | null
  /** Null where it failed. Its folder may be gone once another trial was better. */
  trained: TrainedModel | null
  resumed: boolean
}

/** What the trials of a sweep share. */
export interface SweepFrame {
  store: RunStore
  parent: string
  /** Of the sweep; each trial has a folder in it, and all share `cache`. */
  folder: string
  name: string
  metric: string
  /** Runs that an earlier try of this sweep left. */
  earlier: readonly Run[]
}

/**
 * Tries one set of parameters as a run of the sweep; one that an earlier try finished is taken as it is unless `again`. Throws CANCELLED,
 * and INPUT_INVALID for a metric that the trainer does not measure.
 */
export async function runTrial(
  deps: TrainingDeps,
  frame: SweepFrame,
  plan: TrainingPlan,
  set: TrialSet & { again?: boolean },
  context: CallContext,
): Promise<Trial> {
  const { store, folder, metric } = frame
  const { params, epochs } = set
  const key = JSON.stringify([params, epochs])
  const known = frame.earlier.find(({ tags }) => tags['trial'] === key)
  if (known?.state === 'done' && set.again !== true) {
    const trained = { folder: join(folder, known.tags['model_folder'] ?? known.id), metrics: known.metrics }
    const value = pickValue(known.metrics, metric)
    return {
      params,
      epochs,
      run: known.id,
      value,
      seconds: known.durationMs / 1000,
      error: null,
      trained,
      resumed: true,
    }
  }
  const writer =
    known === undefined
      ? await store.start({
          kind: 'train',
          name: nameTrial(frame.name, params),
          actor: context.actor,
          params: plan.params,
          tags: { task: plan.task, trainer: plan.trainer.name, trial: key },
          parent: frame.parent,
          data: plan.data.selection,
        })
      : await store.reopen(known.id)
  const started = deps.clock.monotonic()
  const own = join(folder, writer.id)
  const result = (): Pick<Trial, 'params' | 'epochs' | 'run' | 'seconds' | 'resumed'> => ({
    params,
    epochs,
    run: writer.id,
    seconds: (deps.clock.monotonic() - started) / 1000,
    resumed: false,
  })
  try {
    const trained = await executePlan(deps, plan, writer, { folder: own, cache: join(folder, 'cache') }, context)
    const value = pickValue(trained.metrics, metric)
    await writer.logMetrics(trained.metrics)
    await writer.update({ tags: { model_folder: relative(folder, trained.folder) } })
    await writer.end('done')
    return { ...result(), value, error: null, trained }
  } catch (caught) {
    const error = await endFailed(writer, caught, context.signal)
    if (context.signal.aborted || error.code === 'INPUT_INVALID') throw error
    await rm(own, { recursive: true, force: true })
    return { ...result(), value: null, error: error.message, trained: null }
  }
}

const nameTrial = (name: string, params: TrialParams): string =>
  [name, ...Object.entries(params).map(([param, value]) => `${param}=${value}`)].join(' ').slice(0, 200)

function pickValue(metrics: Readonly<Record<string, number>>, metric: string): number {
  const value = metrics[metric]
  if (value !== undefined) return value
  const known = Object.keys(metrics)
  throw new FoveaError('INPUT_INVALID', `The trainer measures no ${metric}, by which the sweep is to be ordered.`, {
    hint: suggestName(metric, known),
    details: { known },
  })
}
