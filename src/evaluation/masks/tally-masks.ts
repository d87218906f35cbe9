import type { Label, MaskGeometry } from '#contract'
import { encodeMask, rasterizePolygon } from '#base'
import { countRuns, countShared, uniteMasks, type Runs } from './runs.ts'
import type { PixelTally } from './tally.ts'

/** Stands for pixels of any class. */
export const anyClass = ''

/** Labels of a picture, px. */
export interface Labelled {
  labels: readonly Label[]
  width: number
  height: number
}

/** Covered runs by class. */
export type RunsByClass = ReadonlyMap<string, Runs>

const noRuns: Runs = new Int32Array()

/** What masks and polygons cover by class, and together under {@link anyClass}. */
export const runsByClass = (labelled: Labelled): RunsByClass =>
  new Map([...masksByClass(labelled)].map(([name, masks]) => [name, uniteMasks(masks)]))

/** Pixels of one picture by class, and of any class. */
export function tallyRuns(truth: RunsByClass, predicted: RunsByClass): Map<string, PixelTally> {
  return new Map(
    [...new Set([...truth.keys(), ...predicted.keys()])].map((name) => {
      const [one, two] = [truth.get(name) ?? noRuns, predicted.get(name) ?? noRuns]
      return [name, { truth: countRuns(one), predicted: countRuns(two), shared: countShared(one, two) }]
    }),
  )
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
