import { FoveaError } from '#base'
import type { TrainingTask } from '#contract'
import { isRegion, type Collected, type Learnable } from './collect.ts'

const leastTrain = 4

const needs: Readonly<Record<TrainingTask, string>> = {
  classification: 'exactly one class',
  multilabel: 'a class',
  regression: 'a value',
  segmentation: 'a mask or polygon',
  anomaly: 'a picture',
}

const fail = (message: string, hint: string, details?: unknown): FoveaError =>
  new FoveaError('TRAINING_DATA', message, { hint, ...(details === undefined ? {} : { details }) })

/** Throws TRAINING_DATA where no sample has what the task learns. */
export function checkCollected(
  { samples, matched }: Collected,
  { task, layer, field }: { task: TrainingTask; layer: string; field: string | undefined },
): void {
  if (matched === 0)
    throw fail('No sample matches the query, so there is nothing to learn from.', 'Give another query.')
  if (samples.length > 0) return
  const where = task === 'regression' ? `in field ${field}` : `in layer ${layer}`
  throw fail(
    `None of the ${matched} samples has ${needs[task]} ${where}, which ${task} needs.`,
    task === 'regression'
      ? 'Name another field with --field, or set it with: fovea set'
      : 'Name another layer with --layer, or import labels of this kind.',
    { matched },
  )
}

/** Throws TRAINING_DATA that says what is missing and what to do, where the two parts do not do for the task. */
export function checkDivided(
  { train, validation }: { train: readonly Learnable[]; validation: readonly Learnable[] },
  task: TrainingTask,
): void {
  const counts = { train: train.length, validation: validation.length }
  if (train.length < leastTrain)
    throw fail(
      `Expected at least ${leastTrain} samples to learn from, got ${train.length}.`,
      'Widen the query, or hold less out.',
      counts,
    )
  if (validation.length === 0)
    throw fail(
      'No sample is left to validate on.',
      'Hold a larger share out with --validation, or name samples with a query; --group none divides what looks the same.',
      counts,
    )
  if (task === 'classification') {
    const classes = countBy(train.map(({ example }) => example.class!))
    if (classes.size < 2)
      throw fail(
        `Expected samples of at least two classes to learn from, got only ${[...classes.keys()].join()} (${train.length} samples).`,
        'Widen the query so that it matches other classes too; for one class of good pictures train with --task anomaly.',
        Object.fromEntries(classes),
      )
  }
  if (task === 'multilabel') {
    const classes = countBy(train.flatMap(({ example }) => [...(example.classes ?? [])]))
    if ([...classes.values()].every((count) => count === train.length))
      throw fail(
        `Every sample has the same classes (${[...classes.keys()].join(', ')}), so there is nothing to tell apart.`,
        'Widen the query so that it matches samples without some of them.',
        Object.fromEntries(classes),
      )
  }
  if (task === 'regression' && new Set(train.map(({ example }) => example.value)).size < 2)
    throw fail(
      `All ${train.length} samples have the same value, ${train[0]!.example.value}; there is nothing to learn.`,
      'Widen the query so that values differ.',
    )
  if (task === 'segmentation')
    for (const [part, samples] of Object.entries({ 'learn from': train, 'validate on': validation }))
      if (!samples.some(({ example }) => example.labels.some(isRegion)))
        throw fail(
          `None of the ${samples.length} samples to ${part} has a mask or polygon.`,
          'Widen the query, name another layer with --layer, or another part with --validation.',
        )
}

function countBy(names: readonly string[]): Map<string, number> {
  const counts = new Map<string, number>()
  for (const name of names) counts.set(name, (counts.get(name) ?? 0) + 1)
  return counts
}
