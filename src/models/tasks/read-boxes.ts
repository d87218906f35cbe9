import { clipBox, FoveaError, intersectionOverUnion } from '#base'
import type { Placement } from '#media'
import { requireFinite, type Outputs } from './outputs.ts'
import type { Prediction } from './types.ts'
import type { TaskCard } from './card.ts'

type Found = NonNullable<Prediction['boxes']>[number]

/**
 * Boxes of one picture of a batch: threshold, format and unit of the card, non-maximum suppression within each class (greedy, the best
 * score first), led back to px of the picture and cut at its borders. Throws MODEL_MISMATCH, MODEL_OUTPUT.
 */
export function readBoxes(
  card: Extract<TaskCard, { task: 'detection' }>,
  classes: readonly string[],
  outputs: Outputs,
  row: number,
  picture: { widthPx: number; heightPx: number; placement: Placement },
): Found[] {
  const { output, input, name } = card
  const boxes = outputs.read(output.boxes, [outputs.rows, null, 4])
  const count = boxes.dims[1]!
  const scores = outputs.read(
    output.scores,
    output.labels === undefined ? [outputs.rows, count, classes.length] : [outputs.rows, count],
  )
  const labels = output.labels === undefined ? undefined : outputs.read(output.labels, [outputs.rows, count])
  const perBox = scores.data.length / Math.max(1, outputs.rows * count)
  const own = boxes.data.subarray(row * count * 4, (row + 1) * count * 4)
  const rated = scores.data.subarray(row * count * perBox, (row + 1) * count * perBox)
  requireFinite(name, output.boxes, own)
  requireFinite(name, output.scores, rated)

  const [unitX, unitY] = output.unit === 'px' ? [1, 1] : [input.size[1], input.size[0]]
  const { scaleX, scaleY, offsetX, offsetY } = picture.placement
  const found: (Found & { category: number })[] = []
  for (let i = 0; i < rated.length; i++) {
    const score = rated[i]!
    if (score < output.threshold) continue
    const box = Math.floor(i / perBox)
    const category = labels === undefined ? i % perBox : labels.data[row * count + box]!
    if (classes[category] === undefined) throw unknownClass(card, category, classes.length)
    const [a, b, c, d] = own.subarray(box * 4, box * 4 + 4) as unknown as [number, number, number, number]
    const w = output.format === 'xyxy' ? c - a : c
    const h = output.format === 'xyxy' ? d - b : d
    const left = output.format === 'cxcywh' ? a - c / 2 : a
    const top = output.format === 'cxcywh' ? b - d / 2 : b
    if (!(w > 0 && h > 0)) continue
    const placed = {
      x: (left * unitX - offsetX) / scaleX,
      y: (top * unitY - offsetY) / scaleY,
      w: (w * unitX) / scaleX,
      h: (h * unitY) / scaleY,
    }
    const clipped = clipBox(placed, picture.widthPx, picture.heightPx)
    if (clipped !== null) found.push({ ...clipped, class: classes[category], score: Math.min(1, score), category })
  }
  found.sort((one, other) => other.score - one.score)
  return suppress(found, output.iou, output.limit).map(({ category: _, ...box }) => box)
}

function suppress<Each extends Found & { category: number }>(sorted: Each[], iou: number, limit: number): Each[] {
  if (iou >= 1) return sorted.slice(0, limit)
  const kept: Each[] = []
  for (const box of sorted) {
    if (kept.length === limit) break
    if (!kept.some((other) => other.category === box.category && intersectionOverUnion(other, box) > iou))
      kept.push(box)
  }
  return kept
}

function unknownClass(
  { name, output }: Extract<TaskCard, { task: 'detection' }>,
  category: number,
  known: number,
): FoveaError {
  return new FoveaError(
    'MODEL_MISMATCH',
    `Output ${output.labels} of model ${name} says class ${category}; ${output.classes} has ${known} names, 0 to ${known - 1}.`,
    { hint: 'Put the names of all classes into the file, in the order of their numbers.' },
  )
}
