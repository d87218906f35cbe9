import { createRng, throwIfAborted } from '#base'
import { createPrepare, inputOf } from '#models'
import type { Example, TrainingJob } from '../types.ts'
import type { PatchcoreParams } from './params.ts'
import { describeInput, encodePatchNetwork, gridSide, patchWidth } from './patches.ts'
import { openNetwork } from './session.ts'

/** Rows of numbers one after the other. */
export interface Rows {
  width: number
  data: Float32Array
}

/** Pictures that are decoded and run at once. */
const batch = 4

/**
 * Draws patches of pictures by chance, as many of each, at most `params.pool` in all. Throws CANCELLED, MEDIA_UNREADABLE and the like.
 */
export async function gatherPatches(
  job: Pick<TrainingJob, 'seed' | 'threads' | 'maxPixels' | 'signal' | 'progress'>,
  examples: readonly Example[],
  params: PatchcoreParams,
): Promise<Rows> {
  const width = patchWidth(params)
  const cells = gridSide(params) ** 2
  const looks = examples.length * (params.mirror ? 2 : 1)
  const perLook = Math.min(cells, Math.max(1, Math.floor(params.pool / looks)))
  const data = new Float32Array(looks * perLook * width)
  const input = await describeInput(params)
  const prepare = createPrepare(input, job.maxPixels)
  const network = await openNetwork(await encodePatchNetwork(params), job.threads)
  let row = 0
  try {
    for (let from = 0; from < examples.length; from += batch) {
      throwIfAborted(job.signal)
      const some = examples.slice(from, from + batch)
      const pictures = await Promise.all(some.map(async ({ file }) => inputOf(input, await prepare({ file }))))
      for (const isMirrored of params.mirror ? [false, true] : [false]) {
        const inputs = pictures.map((picture) => (isMirrored ? mirror(picture, params.size) : picture))
        const patches = (await network.run(inputs, params.size))['patches']!
        some.forEach(({ id }, i) => {
          const rng = createRng(`${job.seed}/${id}/${isMirrored}`)
          for (const cell of drawCells(cells, perLook, rng.next)) {
            for (let k = 0; k < width; k++) data[row * width + k] = patches[(i * width + k) * cells + cell]!
            row++
          }
        })
      }
      job.progress.report({
        stage: 'look at patches',
        done: Math.min(examples.length, from + batch),
        total: examples.length,
        unit: 'pictures',
      })
    }
  } finally {
    await network.close()
  }
  return { width, data }
}

/** Different cells by chance (the head of a Fisher-Yates shuffle). */
function drawCells(cells: number, count: number, next: () => number): Uint32Array {
  const all = Uint32Array.from({ length: cells }, (_, i) => i)
  for (let i = 0; i < count; i++) {
    const j = i + Math.floor(next() * (cells - i))
    const kept = all[i]!
    all[i] = all[j]!
    all[j] = kept
  }
  return all.subarray(0, count)
}

function mirror(input: Float32Array, side: number): Float32Array {
  const out = new Float32Array(input.length)
  for (let row = 0; row < input.length; row += side)
    for (let x = 0; x < side; x++) out[row + x] = input[row + side - 1 - x]!
  return out
}
