import { defaultLimits, readResized, type ResizePlan } from '#media'
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

function measure(rgb: Uint8Array): PictureVector {
  const vector = new Float32Array(sidePx * sidePx)
  let sum = 0
  for (let i = 0; i < vector.length; i++) {
    vector[i] = 0.299 * rgb[3 * i]! + 0.587 * rgb[3 * i + 1]! + 0.114 * rgb[3 * i + 2]!
    sum += vector[i]!
  }
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
