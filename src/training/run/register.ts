import { throwIfAborted, toFoveaError, type CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import type { RunWriter } from '#experiments'
import type { TrainingDeps } from '../deps.ts'
import type { TrainedModel } from '../types.ts'
import type { TrainingPlan } from './execute.ts'

/** Alias of the newest model that has not won yet. */
const candidate = 'candidate'

/** Registers what a trainer left as the candidate of a model; answers NAME:VERSION. Throws MODEL_INVALID where the folder is no model. */
export async function registerTrained(
  { registry }: Pick<TrainingDeps, 'registry'>,
  given: { plan: TrainingPlan; trained: TrainedModel; writer: RunWriter; model: string },
  context: CallContext,
): Promise<string> {
  const { plan, trained, writer, model } = given
  throwIfAborted(context.signal)
  context.progress.report({ stage: 'register', done: 0, unit: 'models' })
  const made = await (
    await registry()
  ).register(trained.folder, {
    model,
    actor: context.actor,
    metrics: { ...trained.metrics },
    run: writer.id,
    data: plan.data.selection,
    aliases: [candidate],
  })
  const reference = `${made.model}:${made.version}`
  await writer.update({ model: reference })
  return reference
}

/**
 * Has fovea judge a registered model on the samples held out, and writes the figures to the run. A model that cannot be judged is
 * trained all the same; why is told. Throws CANCELLED.
 */
export async function judgeTrained(
  { judge }: Pick<TrainingDeps, 'judge'>,
  given: { plan: TrainingPlan; writer: RunWriter; dataset: DatasetRef; model: string },
  context: CallContext,
): Promise<{ metrics: Record<string, number>; notes: string[]; heldOut: string | null }> {
  if (judge === undefined) return { metrics: {}, notes: [], heldOut: null }
  const { plan, writer, dataset, model } = given
  const { data, normal } = plan
  const idsOf = (part: typeof data.train): number[] => part.map(({ id }) => id)
  try {
    const { metrics, query } = await judge(
      {
        model,
        dataset,
        train: idsOf(data.train),
        heldOut: idsOf(data.validation),
        layer: data.selection.layer,
        normal,
      },
      context,
    )
    if (Object.keys(metrics).length > 0) await writer.logMetrics(metrics)
    return { metrics, notes: [], heldOut: query }
  } catch (caught) {
    throwIfAborted(context.signal)
    const { message } = toFoveaError(caught)
    return { metrics: {}, notes: [`The model could not be judged: ${message}`], heldOut: null }
  }
}
