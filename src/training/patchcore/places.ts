import type { Example, TrainingJob } from '../types.ts'
import { runPictures } from './look.ts'
import type { PatchcoreParams } from './params.ts'
import { gridSide } from './patches.ts'

/** Leads distances at each cell of the grid to what they would be at a usual place: `gain` · distance + `shift`, row by row. */
export interface Places {
  gain: Float32Array
  shift: Float32Array
}

/** Pictures that the mean and spread of the whole grid weigh at a cell, against those that were looked at. */
const prior = 2

/** Leaves distances as they are. */
export const samePlaces = (params: PatchcoreParams): Places => {
  const cells = gridSide(params) ** 2
  return { gain: new Float32Array(cells).fill(1), shift: new Float32Array(cells) }
}

/** Looks at normal pictures that are not remembered. `network` answers with `distances`. Throws CANCELLED, MEDIA_UNREADABLE and the like. */
export async function learnPlaces(
  job: Pick<TrainingJob, 'threads' | 'maxPixels' | 'signal' | 'progress'>,
  network: Uint8Array,
  examples: readonly Example[],
  params: PatchcoreParams,
): Promise<Places> {
  const cells = gridSide(params) ** 2
  const maps: Float32Array[] = []
  await runPictures(job, network, examples, params, 'look at places', ({ distances }, some) => {
    some.forEach((_, i) => maps.push(distances!.slice(i * cells, (i + 1) * cells)))
  })
  return evenPlaces(
    params.mirror ? [...maps, ...maps.map((map) => mirrorMap(map, gridSide(params)))] : maps,
    gridSide(params),
  )
}

/**
 * Where normal pictures vary more (edges and corners, mostly), the same distance says less. Of each cell and its eight neighbours mean
 * and spread of the distances are taken, drawn to those of the whole grid by {@link prior} pictures, and brought to the latter.
 * `maps`: [side × side] each, at least one.
 */
export function evenPlaces(maps: readonly Float32Array[], side: number): Places {
  const cells = side ** 2
  const sums = new Float64Array(cells)
  const squares = new Float64Array(cells)
  for (const map of maps)
    for (let at = 0; at < cells; at++) {
      sums[at]! += map[at]!
      squares[at]! += map[at]! ** 2
    }
  const count = maps.length
  const mean = sumOf(sums) / (count * cells)
  const square = sumOf(squares) / (count * cells)
  // At least a little, where all distances are the same.
  const spread = Math.sqrt(Math.max(square - mean ** 2, 1e-12))
  const gain = new Float32Array(cells)
  const shift = new Float32Array(cells)
  for (let at = 0; at < cells; at++) {
    const near = listNear(at, side)
    const seen = near.length * count
    const weight = near.length * prior
    const meanHere = (near.reduce((sum, cell) => sum + sums[cell]!, 0) + weight * mean) / (seen + weight)
    const squareHere = (near.reduce((sum, cell) => sum + squares[cell]!, 0) + weight * square) / (seen + weight)
    gain[at] = spread / Math.sqrt(Math.max(squareHere - meanHere ** 2, 1e-12))
    shift[at] = mean - gain[at]! * meanHere
  }
  return { gain, shift }
}

const sumOf = (values: Float64Array): number => values.reduce((sum, each) => sum + each, 0)

function listNear(at: number, side: number): number[] {
  const [x, y] = [at % side, Math.floor(at / side)]
  const near: number[] = []
  for (let row = Math.max(0, y - 1); row <= Math.min(side - 1, y + 1); row++)
    for (let column = Math.max(0, x - 1); column <= Math.min(side - 1, x + 1); column++) near.push(row * side + column)
  return near
}

function mirrorMap(map: Float32Array, side: number): Float32Array {
  return map.map((_, at) => map[at - (at % side) + side - 1 - (at % side)]!)
}
