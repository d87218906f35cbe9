import { compareCodePoints, type CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import type { DataSelection } from '#models'
import type { Example, TrainingTask } from '../types.ts'
import { planMarks } from './anomaly.ts'
import { checkCollected, checkDivided } from './check.ts'
import { collectSamples, type Learnable } from './collect.ts'
import { describeSelection } from './digest.ts'
import { divideSamples, type DivideDeps } from './divide.ts'

export interface PrepareRequest {
  dataset: DatasetRef
  query: string
  task: TrainingTask
  layer: string
  field: string | undefined
  normal: string | undefined
  validation: number | string | undefined
  group: string
  seed: number
}

export interface PreparedData {
  train: Example[]
  validation: Example[]
  /** Ascending; empty for regression and anomaly. */
  classes: string[]
  selection: DataSelection
  skipped: number
  /** What should be known of the data, for people. */
  notes: string[]
}

/**
 * From a slice of a dataset to two checked lists of examples that share no scene, unless they were named so. Throws TRAINING_DATA where they do not do for the task, and
 * what `collectSamples` throws.
 */
export async function prepareData(
  deps: DivideDeps,
  request: PrepareRequest,
  context: CallContext,
): Promise<PreparedData> {
  const { task } = request
  const collected = await collectSamples(deps, request, context.signal)
  checkCollected(collected, request)
  const notes: string[] = []
  if (collected.skipped > 0)
    notes.push(`${collected.skipped} of ${collected.matched} samples lack what ${task} needs and were left out.`)
  const divided =
    task === 'anomaly'
      ? await divideNormal(deps, collected.samples, request, context)
      : await divideSamples(deps, collected.samples, request, context)
  notes.push(...divided.notes)
  checkDivided(divided, task)
  const classes = classesOf(divided.train, task)
  const validation = dropUnknown(divided.validation, classes, task)
  const dropped = divided.validation.length - validation.length
  if (dropped > 0) notes.push(`${dropped} samples held out are of classes that none to learn from has.`)
  checkDivided({ train: divided.train, validation }, task)
  return {
    train: divided.train.map(({ example }) => example),
    validation: validation.map(({ example }) => example),
    classes,
    selection: describeSelection(
      { train: divided.train, validation },
      { dataset: request.dataset.name, query: request.query, layer: request.layer },
    ),
    skipped: collected.skipped,
    notes,
  }
}

/** Only normal pictures are learnt from; all that are not are held out with a part of the normal ones. */
async function divideNormal(
  deps: DivideDeps,
  samples: readonly Learnable[],
  request: PrepareRequest,
  context: CallContext,
): Promise<{ train: Learnable[]; validation: Learnable[]; notes: string[] }> {
  const { mark, said } = planMarks(samples, request.normal)
  const marked = samples.map(mark)
  const normal = marked.filter(({ example }) => example.isAnomalous !== true)
  const divided = await divideSamples(deps, normal, request, context)
  // A query names the anomalous ones by itself.
  const anomalous =
    divided.by === 'query'
      ? []
      : marked.filter(
          ({ example, split }) => example.isAnomalous && (divided.by === 'chance' || split === divided.split),
        )
  return {
    train: divided.train,
    validation: [...divided.validation.map(mark), ...anomalous].toSorted((a, b) => a.example.id - b.example.id),
    notes: [`Learnt from pictures ${said} only.`, ...divided.notes],
  }
}

function classesOf(train: readonly Learnable[], task: TrainingTask): string[] {
  const names = train.flatMap(({ example }) => {
    if (task === 'classification') return [example.class!]
    if (task === 'multilabel') return [...example.classes!]
    return task === 'segmentation' ? example.labels.map((label) => label.class) : []
  })
  return [...new Set(names)].toSorted(compareCodePoints)
}

function dropUnknown(samples: readonly Learnable[], classes: readonly string[], task: TrainingTask): Learnable[] {
  const known = new Set(classes)
  if (task === 'classification') return samples.filter(({ example }) => known.has(example.class!))
  if (task === 'multilabel') return samples.filter(({ example }) => example.classes!.every((name) => known.has(name)))
  if (task === 'segmentation')
    return samples.filter(({ example }) => example.labels.every((label) => known.has(label.class)))
  return [...samples]
}
