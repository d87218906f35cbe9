import { open } from 'node:fs/promises'
import { join } from 'node:path'
import { FoveaError, throwIfAborted } from '#base'
import { readResized } from '#media'
import type { Example, TrainingJob } from '../../types.ts'
import { rasterizeTarget } from './targets.ts'

interface StoredPicture {
  /** Red, green, blue, 8 bits: [3 × size × size]. */
  planes: Uint8Array
  /** Class of every pixel: [size × size]. */
  target: Uint8Array
}

/** Pictures at the network's size with their targets, in a file, so that memory does not grow with the set. */
export interface PictureStore {
  examples: readonly Example[]
  /** Pixels of each class over all pictures; the first is the background. */
  pixels: readonly number[]
  read(index: number): Promise<StoredPicture>
  close(): Promise<void>
}

const atOnce = 16

/** Decodes and resizes every picture once. Throws TRAINING_DATA, CANCELLED, MEDIA_UNREADABLE and the like. */
export async function storePictures(
  { folder, classes, maxPixels, signal, progress }: TrainingJob,
  name: string,
  examples: readonly Example[],
  sizePx: number,
): Promise<PictureStore> {
  const plan = { heightPx: sizePx, widthPx: sizePx, fit: 'exact', crop: 1, kernel: 'cubic', pad: 0 } as const
  const area = sizePx ** 2
  const bytes = 4 * area
  const pixels = Array.from({ length: classes.length + 1 }, () => 0)
  const file = await open(join(folder, `${name}.pixels`), 'w+')
  const store = async (example: Example, index: number): Promise<void> => {
    const target = rasterizeTarget(example, classes, sizePx)
    const { data, channels } = await readResized(example.file, plan, { maxPixels })
    const record = new Uint8Array(bytes)
    for (let plane = 0; plane < 3; plane++)
      record.set(channels === 1 ? data : data.subarray(plane * area, (plane + 1) * area), plane * area)
    record.set(target, 3 * area)
    for (const each of target) pixels[each]!++
    await file.write(record, 0, bytes, index * bytes)
  }
  try {
    for (let from = 0; from < examples.length; from += atOnce) {
      throwIfAborted(signal)
      await Promise.all(examples.slice(from, from + atOnce).map((example, i) => store(example, from + i)))
      progress.report({
        stage: `read ${name}`,
        done: Math.min(examples.length, from + atOnce),
        total: examples.length,
        unit: 'pictures',
      })
    }
  } catch (error) {
    await file.close()
    throw error
  }
  return {
    examples,
    pixels,
    async read(index) {
      const record = new Uint8Array(bytes)
      const { bytesRead } = await file.read(record, 0, bytes, index * bytes)
      if (bytesRead !== bytes) throw new FoveaError('INTERNAL', `The file of ${name} pictures is cut off.`)
      return { planes: record.subarray(0, 3 * area), target: record.subarray(3 * area) }
    },
    close: () => file.close(),
  }
}
