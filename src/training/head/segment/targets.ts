import { decodeMask, FoveaError, rasterizePolygon } from '#base'
import type { Example } from '../../types.ts'

/**
 * The class of every pixel of a picture brought to sizePx × sizePx: 0 for background, i for `classes[i - 1]`; each pixel takes what lies
 * under its centre. Where labels overlap, the later one counts. Labels of other classes and kinds are left out.
 */
export function rasterizeTarget(
  { labels, widthPx, heightPx }: Pick<Example, 'labels' | 'widthPx' | 'heightPx'>,
  classes: readonly string[],
  sizePx: number,
): Uint8Array {
  const target = new Uint8Array(sizePx ** 2)
  const numbers = new Map(classes.map((name, i) => [name, i + 1]))
  const columns = Int32Array.from({ length: sizePx }, (_, x) => Math.floor(((x + 0.5) * widthPx) / sizePx))
  for (const { class: name, geometry } of labels) {
    const number = numbers.get(name)
    if (number === undefined || (geometry?.type !== 'mask' && geometry?.type !== 'polygon')) continue
    const mask = geometry.type === 'mask' ? decodeMask(geometry) : rasterizePolygon(geometry, widthPx, heightPx)
    if (mask.length !== widthPx * heightPx)
      throw new FoveaError(
        'TRAINING_DATA',
        `Expected masks of ${widthPx} × ${heightPx} px, the size of their picture, got one of ${mask.length} pixels.`,
        { hint: 'Import the labels of this picture again.' },
      )
    for (let y = 0; y < sizePx; y++) {
      const row = Math.floor(((y + 0.5) * heightPx) / sizePx) * widthPx
      for (let x = 0; x < sizePx; x++) if (mask[row + columns[x]!] !== 0) target[y * sizePx + x] = number
    }
  }
  return target
}

/** Whether an example has pixels to learn from. */
export function hasMask({ labels }: Pick<Example, 'labels'>): boolean {
  return labels.some(({ geometry }) => geometry?.type === 'mask' || geometry?.type === 'polygon')
}
