// Training a segmenter on defects of magnetic tiles and judging it by what it has not seen; for the benches of trainers of masks.
import { availableParallelism } from 'node:os'
import { decodeMask } from '#base'
import { inputOf, openTaskModel } from '#models'
import type { Division, Example } from './tiles.ts'
import { maxPixels, measureTraining, type Trainer } from './training.ts'

export interface Trial {
  /** 2 · shared ÷ (found + true) pixels of all pictures held out, at the network's size; 0 to 1. */
  dice: number
  /** Of the training, features included. */
  ms: number
  learnt: number
  judged: number
}

/** Side of the network's input, px. */
export const sidePx = 224

/** Trains with the trainer's own defaults. All epochs are trained: nothing of what is held out chooses between them. */
export async function measureSegmenter(trainer: Trainer, { train, test }: Division, seed: number): Promise<Trial> {
  const { ms, judged: dice } = await measureTraining(
    trainer,
    { task: 'segmentation', train, validation: [], classes: ['defect'], seed },
    ({ folder }) => judge(folder, test),
  )
  console.error(
    `  ${trainer.name}, seed ${seed}: ${train.length} learnt, Dice of ${test.length} ${dice.toFixed(4)}, ${(ms / 1000).toFixed(0)} s`,
  )
  return { dice, ms, learnt: train.length, judged: test.length }
}

async function judge(folder: string, test: readonly Example[]): Promise<number> {
  const model = await openTaskModel({ folder, threads: availableParallelism(), maxPixels })
  const { card } = model
  if (card.task !== 'segmentation') throw new Error(`Expected a segmenter, got a model for ${card.task}.`)
  const { scores, background, threshold } = card.output
  const area = sidePx ** 2
  let [shared, both] = [0, 0]
  try {
    for (const example of test) {
      const input = inputOf(card.input, await model.prepare({ file: example.file }))
      const answer = (await model.infer({ image: { type: 'float32', dims: [1, 3, sidePx, sidePx], data: input } }))[
        scores
      ]!
      if (answer.dims.join() !== [1, background ? 2 : 1, sidePx, sidePx].join())
        throw new Error(`Expected scores of each pixel of the network's input, got [${answer.dims.join(', ')}].`)
      const found = answer.data as Float32Array
      const truth = shrinkMask(example)
      for (let i = 0; i < area; i++) {
        const isFound = background ? found[area + i]! > found[i]! : found[i]! >= threshold
        both += Number(isFound) + truth[i]!
        if (isFound) shared += truth[i]!
      }
    }
  } finally {
    await model.close()
  }
  return (2 * shared) / both
}

/** What lies under the centre of each pixel of the small picture. */
function shrinkMask({ labels, widthPx, heightPx }: Example): Uint8Array {
  const geometry = labels[0]!.geometry
  if (geometry?.type !== 'mask') throw new Error('Expected a mask.')
  const mask = decodeMask(geometry)
  return Uint8Array.from({ length: sidePx ** 2 }, (_, i) => {
    const x = Math.floor((((i % sidePx) + 0.5) * widthPx) / sidePx)
    const y = Math.floor(((Math.floor(i / sidePx) + 0.5) * heightPx) / sidePx)
    return mask[y * widthPx + x]!
  })
}
