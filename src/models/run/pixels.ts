import { defaultLimits, readResized, type Planes, type ResizePlan } from '#media'
import { FoveaError } from '#base'
import type { PictureTask, PictureVector, Runner } from '../types.ts'

const sidePx = 32
const plan: ResizePlan = { heightPx: sidePx, widthPx: sidePx, fit: 'exact', crop: 1, kernel: 'linear', pad: 0 }

/**
 * The picture itself as a vector: 32 × 32 grey levels (ITU-R BT.601 weights), mean removed, unit length. The cosine of two such
 * vectors is the correlation of the two small pictures, so exposure and contrast do not count. A picture of one even colour has
 * no direction: its vector is zero.
 */
export function createPixelRunner(maxPixels = defaultLimits.maxPixels): Runner {
  const embedOne = async ({ file, region }: PictureTask): Promise<PictureVector> => {
    try {
      return measure(await readResized(file, plan, { maxPixels }, region))
    } catch (error) {
      if (error instanceof FoveaError) return { ok: false, what: error.message, fix: error.hint ?? '' }
      throw error
    }
  }
  return {
    dimensions: sidePx * sidePx,
    embed: (tasks) => Promise.all(tasks.map(embedOne)),
    close: async () => {},
  }
}

function measure({ data, channels }: Planes): PictureVector {
  const vector = channels === 1 ? Float32Array.from(data) : new Float32Array(sidePx * sidePx)
  if (channels === 3)
    for (let i = 0, g = vector.length, b = 2 * g; i < vector.length; i++, g++, b++)
      vector[i] = 0.299 * data[i]! + 0.587 * data[g]! + 0.114 * data[b]!
  let sum = 0
  for (let i = 0; i < vector.length; i++) sum += vector[i]!
  const mean = sum / vector.length
  let squares = 0
  for (let i = 0; i < vector.length; i++) {
    vector[i]! -= mean
    squares += vector[i]! ** 2
  }
  const norm = Math.sqrt(squares)
  // Less than a hundredth of a grey level a pixel is rounding, not a picture.
  const scale = norm < 0.01 * sidePx ? 0 : 1 / norm
  for (let i = 0; i < vector.length; i++) vector[i]! *= scale
  return { ok: true, vector, norm }
}
