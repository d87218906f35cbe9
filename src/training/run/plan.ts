import type { trainModel } from '#contract'
import type { z } from 'zod'
import { FoveaError, type CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import { prepareData, type PreparedData } from '../data/prepare.ts'
import type { TrainingDeps } from '../deps.ts'
import { chooseTrainer } from '../trainers.ts'
import type { Trainer } from '../types.ts'

export type TrainingInput = Omit<z.output<(typeof trainModel)['input']>, 'resume'>

/** What is settled before any work is done. */
export interface TrainingFrame {
  dataset: DatasetRef
  trainer: Trainer
  /** Name it is to be registered under. */
  model: string
}

/** Dataset, trainer and name of the model. Throws INPUT_INVALID for a trainer of other tasks, MODEL_EXISTS for a name of the shelf. */
export async function frameTraining(
  { catalog, trainers, shelf }: TrainingDeps,
  input: TrainingInput,
): Promise<TrainingFrame> {
  const dataset = await catalog.resolveDataset(input.dataset)
  const trainer = await chooseTrainer(trainers, input.trainer, input.task)
  const model = input.model ?? nameModel((dataset.version?.base ?? dataset).name, input.task)
  if ((await (await shelf()).list()).some(({ name }) => name === model))
    throw new FoveaError('MODEL_EXISTS', `The name ${model} is taken by a model of the shelf.`, {
      hint: 'Give another name with --model.',
    })
  return { dataset, trainer, model }
}

/** The slice as examples. */
export function prepareInput(
  deps: TrainingDeps,
  dataset: DatasetRef,
  input: TrainingInput,
  context: CallContext,
): Promise<PreparedData> {
  const { query, task, layer, field, normal, validation, group, seed } = input
  context.progress.report({ stage: 'select', done: 0, unit: 'samples' })
  return prepareData(deps, { dataset, query, task, layer, field, normal, validation, group, seed }, context)
}

function nameModel(dataset: string, task: string): string {
  const base = dataset
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
  return `${base.slice(0, 64 - task.length - 1) || 'model'}-${task}`
}
