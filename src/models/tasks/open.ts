import { join } from 'node:path'
import { FoveaError, hashFile, loadOnnxRuntime } from '#base'
import { readClasses } from '../model-files.ts'
import { openSession } from '../run/open-session.ts'
import { readTaskCard, type TaskCard } from './card.ts'
import { createPrepare } from './prepare.ts'
import { maxMaskClasses } from './read-map.ts'
import type { TaskModel } from './types.ts'
import { wrapTaskSession } from './wrap-session.ts'

/**
 * Opens a model of a task from its folder (`card.toml` and what it names), holds it against its card and runs it once on a grey
 * picture. Throws MODEL_INVALID, MODEL_MISMATCH, MODEL_OUTPUT.
 */
export async function openTaskModel({
  folder,
  threads,
  maxPixels,
  spin = false,
}: {
  folder: string
  threads: number
  maxPixels: number
  /** Whether threads wait without sleeping. */
  spin?: boolean
}): Promise<TaskModel> {
  const card = await readTaskCard(join(folder, 'card.toml'))
  const weights = join(folder, card.weights)
  await checkWeights(card, weights)
  const classes = await classesOf(card, folder)
  const session = await openSession(weights, threads, { spin })
  try {
    const { Tensor } = await loadOnnxRuntime()
    const prepare = createPrepare(card.input, maxPixels)
    return await wrapTaskSession({ card, classes, session, Tensor, prepare, threads })
  } catch (error) {
    await session.release()
    throw error
  }
}

async function checkWeights(card: TaskCard, weights: string): Promise<void> {
  const found = await hashFile(weights, 'sha256').catch((error: NodeJS.ErrnoException) => {
    throw new FoveaError(
      'MODEL_INVALID',
      `The weights of model ${card.name} cannot be read at ${weights} (${error.code}).`,
      {
        hint: 'Put them back, or register the model again.',
        cause: error,
      },
    )
  })
  if (card.sha256 !== undefined && card.sha256 !== found)
    throw new FoveaError(
      'MODEL_INVALID',
      `The weights of model ${card.name} are not those of its card (SHA-256 differs).`,
      {
        hint: 'Put back the right file, or correct sha256 of the card.',
        details: { expected: card.sha256, found },
      },
    )
}

async function classesOf(card: TaskCard, folder: string): Promise<string[]> {
  if (card.task === 'anomaly') return ['anomaly']
  if (card.task === 'regression') return []
  const names = await readClasses(join(folder, card.output.classes))
  const twice = names.find((name, i) => names.indexOf(name) !== i)
  const most = card.task === 'segmentation' ? maxMaskClasses : Infinity
  if (names.length > 0 && twice === undefined && names.length <= most) return names
  throw new FoveaError(
    'MODEL_INVALID',
    twice === undefined
      ? `Expected 1 to ${most} classes in ${card.output.classes} of model ${card.name}, got ${names.length}.`
      : `${card.output.classes} of model ${card.name} names ${twice} twice.`,
    { hint: 'One name for each class, in the order of the output, the background left out.' },
  )
}
