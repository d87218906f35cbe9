import { decideMask } from './decide-mask.ts'
import { leadBack, type MapGeometry } from './lead-back.ts'
import { activate, requireFinite, type Outputs } from './outputs.ts'
import type { TaskCard } from './card.ts'
import type { Prediction } from './types.ts'
import type { Placement } from '#media'

export interface SeenPicture {
  widthPx: number
  heightPx: number
  placement: Placement
}

/** Classes that fit into a byte beside the background. */
export const maxMaskClasses = 255

/**
 * The class of each pixel of one picture of a batch: probabilities are made in the network's resolution, led back to the picture
 * bilinearly, and the best channel wins. Throws MODEL_MISMATCH, MODEL_OUTPUT.
 */
export function readMask(
  card: Extract<TaskCard, { task: 'segmentation' }>,
  classes: readonly string[],
  outputs: Outputs,
  row: number,
  picture: SeenPicture,
): NonNullable<Prediction['mask']> {
  const { output, name } = card
  const channels = classes.length + (output.background ? 1 : 0)
  const scores = outputs.read(output.scores, [outputs.rows, channels, null, null])
  const own = takeRow(scores.data, outputs.rows, row)
  requireFinite(name, output.scores, own)
  const probabilities = activate(name, own, channels, output.activation)
  const first = output.background ? 0 : 1
  const { data, sums, counts } = decideMask(probabilities, channels, geometryOf(card, scores.dims, picture), picture, {
    first,
    floor: output.background ? -1 : output.threshold,
  })
  const means = Array.from(sums, (sum, i) => (counts[i] === 0 ? 0 : Math.min(1, sum / counts[i]!)))
  return { classes, data, scores: means.slice(1) }
}

/**
 * Score and map of one picture of a batch. The map is turned so that it covers the picture whole: bars of a letterbox are cut off,
 * and what a centre crop cut off has the lowest value of the map. Without a map of the network it has one cell, the score.
 */
export function readAnomaly(
  card: Extract<TaskCard, { task: 'anomaly' }>,
  outputs: Outputs,
  row: number,
  picture: SeenPicture,
): NonNullable<Prediction['anomaly']> {
  const { output, name } = card
  const score = outputs.read(output.score, [outputs.rows], [outputs.rows, 1]).data
  requireFinite(name, output.score, score)
  const answer = { score: score[row]!, threshold: output.threshold }
  if (output.map === undefined)
    return { ...answer, map: { widthPx: 1, heightPx: 1, data: Float32Array.of(answer.score) } }
  const map = outputs.read(output.map, [outputs.rows, 1, null, null], [outputs.rows, null, null])
  const own = takeRow(map.data, outputs.rows, row)
  requireFinite(name, output.map, own)
  return { ...answer, map: coverPicture(own, geometryOf(card, map.dims, picture), picture) }
}

function coverPicture(
  values: Float32Array,
  geometry: MapGeometry,
  picture: SeenPicture,
): NonNullable<Prediction['anomaly']>['map'] {
  const { placement, inputWidthPx, inputHeightPx, width, height } = geometry
  const seenWidth = picture.widthPx * placement.scaleX
  const seenHeight = picture.heightPx * placement.scaleY
  const isWhole = Math.round(seenWidth) === inputWidthPx && Math.round(seenHeight) === inputHeightPx
  if (isWhole) return { widthPx: width, heightPx: height, data: values.slice() }
  const widthPx = Math.max(1, Math.round((seenWidth * width) / inputWidthPx))
  const heightPx = Math.max(1, Math.round((seenHeight * height) / inputHeightPx))
  const data = new Float32Array(widthPx * heightPx)
  const lowest = values.reduce((low, value) => Math.min(low, value), Infinity)
  const scaled = { ...placement, scaleX: seenWidth / widthPx, scaleY: seenHeight / heightPx }
  leadBack(values, 1, { ...geometry, placement: scaled }, { widthPx, heightPx }, (y, cells, outside) => {
    for (let x = 0; x < widthPx; x++) data[y * widthPx + x] = outside[x] === 1 ? lowest : cells[x]!
  })
  return { widthPx, heightPx, data }
}

function geometryOf({ input }: TaskCard, dims: readonly number[], { placement }: SeenPicture): MapGeometry {
  return {
    placement,
    inputWidthPx: input.size[1],
    inputHeightPx: input.size[0],
    width: dims.at(-1)!,
    height: dims.at(-2)!,
  }
}

/** What is of one picture of a batch. */
export function takeRow(values: Float32Array, rows: number, row: number): Float32Array {
  const perRow = values.length / rows
  return values.subarray(row * perRow, (row + 1) * perRow)
}
