import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FoveaError, hashFile, resolveInside } from '#base'
import { readClasses } from '../model-files.ts'
import { readTaskCard } from '../tasks/card.ts'

/** Task and classes of a folder with `card.toml`, whose weights are there and are the card's. Throws MODEL_INVALID, PATH_OUTSIDE. */
export async function describeModel(folder: string): Promise<{ task: string; classes: string[] }> {
  const card = await readTaskCard(join(folder, 'card.toml'))
  const weights = join(folder, card.weights)
  const facts = await stat(weights).catch(() => undefined)
  if (facts?.isFile() !== true)
    throw new FoveaError('MODEL_INVALID', `The card names the weights ${card.weights}, which do not lie beside it.`, {
      hint: 'Put the .onnx file beside the card, or correct weights of the card.',
    })
  if (card.sha256 !== undefined && card.sha256 !== (await hashFile(weights, 'sha256')))
    throw new FoveaError('MODEL_INVALID', `The weights ${card.weights} are not those of the card (SHA-256 differs).`, {
      hint: 'Put the right file there, or correct sha256 of the card.',
    })
  const names = 'classes' in card.output ? card.output.classes : undefined
  if (card.task === 'anomaly') return { task: card.task, classes: ['anomaly'] }
  return { task: card.task, classes: names === undefined ? [] : await readClasses(resolveInside(folder, names)) }
}
