import type { Label, MaskGeometry } from '#contract'
import { encodeMask, rasterizePolygon } from '#base'
import { countRuns, countShared, uniteMasks } from './runs.ts'
import type { PixelTally } from './tally.ts'

/** Stands for pixels of any class. */
export const anyClass = ''

/** Labels of a picture, px. */
export interface Labelled {
  labels: readonly Label[]
  width: number
  height: number
}

/** Pixels of one picture by class, and of any class. */
export function tallyMasks(truth: Labelled, predicted: readonly Label[]): Map<string, PixelTally> {
  const [own, other] = [masksByClass(truth), masksByClass({ ...truth, labels: predicted })]
  const tallies = new Map<string, PixelTally>()
  for (const name of new Set([...own.keys(), ...other.keys()])) {
    const [one, two] = [uniteMasks(own.get(name) ?? []), uniteMasks(other.get(name) ?? [])]
    tallies.set(name, { truth: countRuns(one), predicted: countRuns(two), shared: countShared(one, two) })
  }
  return tallies
}

/** Masks and polygons by class, and all of them under {@link anyClass}. */
export function masksByClass({ labels, width, height }: Labelled): Map<string, MaskGeometry[]> {
  const masks = new Map<string, MaskGeometry[]>()
  for (const label of labels) {
    const mask = asMask(label, width, height)
    if (mask === undefined) continue
    for (const name of [anyClass, label.class]) masks.set(name, [...(masks.get(name) ?? []), mask])
  }
  return masks
}

function asMask({ geometry }: Label, width: number, height: number): MaskGeometry | undefined {
  if (geometry?.type === 'mask') return geometry
  return geometry?.type === 'polygon' ? encodeMask(rasterizePolygon(geometry, width, height), width, height) : undefined
}
