import { decodeMask, FoveaError, rasterizePolygon } from '#base'
import type { Label } from '#contract'
import type { Example } from '../types.ts'

/**
 * One number a pixel, row by row: 0 for background, i for `classes[i - 1]`. Masks and polygons count; where labels overlap the
 * later one counts. Throws TRAINING_DATA for a mask of another size than its picture, and for more classes than a byte tells apart.
 */
export function paintMask(example: Example, classes: readonly string[]): Uint8Array {
  if (classes.length > 255)
    throw new FoveaError('TRAINING_DATA', `Expected at most 255 classes for masks, got ${classes.length}.`, {
      hint: 'Narrow the query so that it has fewer classes.',
    })
  const { widthPx, heightPx } = example
  const pixels = new Uint8Array(widthPx * heightPx)
  const numbers = new Map(classes.map((name, index) => [name, index + 1]))
  for (const label of example.labels) {
    const number = numbers.get(label.class)
    const covered = number === undefined ? undefined : coverOf(label, example)
    if (number === undefined || covered === undefined) continue
    for (let i = 0; i < pixels.length; i++) if (covered[i] === 1) pixels[i] = number
  }
  return pixels
}

function coverOf({ geometry }: Label, { id, widthPx, heightPx }: Example): Uint8Array | undefined {
  if (geometry?.type === 'polygon') return rasterizePolygon(geometry, widthPx, heightPx)
  if (geometry?.type !== 'mask') return undefined
  const [height, width] = geometry.size
  if (width !== widthPx || height !== heightPx)
    throw new FoveaError(
      'TRAINING_DATA',
      `Expected the masks of sample ${id} to be ${widthPx} × ${heightPx} px as its picture is, got ${width} × ${height} px.`,
      { hint: 'Import the masks again at the size of their pictures.' },
    )
  return decodeMask(geometry)
}
