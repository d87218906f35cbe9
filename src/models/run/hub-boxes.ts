import { FoveaError } from '#base'
import type { Pixels } from '#media'
import type { TaskLayout } from '../hub-layout.ts'
import type { FoundBox } from '../types.ts'
import type { Outputs } from './hub-vectors.ts'

export interface BoxPlan {
  layout: TaskLayout
  /** The picture the network saw. */
  picture: Pixels
  /** Boxes below it are left out. */
  minScore: number
}

/**
 * Boxes of one picture from what a detector of the DETR family answered, the best first: `logits` [1 × boxes × classes] and
 * `pred_boxes` [1 × boxes × 4], centre and size as fractions of the picture. Each box goes by its best class, as in
 * post_process_object_detection of transformers; boxes are cut at the picture's edges, and left out when nothing remains.
 * Throws MODEL_INVALID for other outputs, MODEL_MISMATCH for classes without a name, MODEL_OUTPUT for NaN and infinity.
 */
export function readBoxes(outputs: Outputs, { layout, picture, minScore }: BoxPlan): FoundBox[] {
  const { classes, purpose } = layout
  const { file } = layout.networks[0]!
  const { logits, boxes, count, channels } = readOutputs(outputs, file)
  const named = purpose.scores === 'softmax' ? channels - 1 : channels
  if (named > classes.length || named < 1)
    throw new FoveaError(
      'MODEL_MISMATCH',
      `${file} tells ${named} classes apart, config.json names ${classes.length} (id2label).`,
      { hint: 'Take config.json and the network from the same export.' },
    )
  const found: FoundBox[] = []
  for (let i = 0; i < count; i++) {
    const { best, score } = rate(logits.subarray(i * channels, (i + 1) * channels), purpose.scores)
    const [cx, cy, w, h] = boxes.subarray(i * 4, i * 4 + 4) as unknown as [number, number, number, number]
    if (![score, cx, cy, w, h].every(Number.isFinite))
      throw new FoveaError('MODEL_OUTPUT', `${file} answered with values that are no numbers (NaN or infinite).`, {
        hint: 'Take another variant of the model: half precision can overflow.',
      })
    if (best >= named || score < minScore) continue
    const left = clamp(cx - w / 2) * picture.widthPx
    const top = clamp(cy - h / 2) * picture.heightPx
    const width = clamp(cx + w / 2) * picture.widthPx - left
    const height = clamp(cy + h / 2) * picture.heightPx - top
    if (width > 0 && height > 0) found.push({ class: classes[best]!, score, x: left, y: top, w: width, h: height })
  }
  return found.toSorted((a, b) => b.score - a.score)
}

const clamp = (fraction: number): number => Math.min(1, Math.max(0, fraction))

function readOutputs(
  outputs: Outputs,
  file: string,
): { logits: Float32Array; boxes: Float32Array; count: number; channels: number } {
  const logits = outputs['logits'] as { data: unknown; dims: number[] } | undefined
  const boxes = outputs['pred_boxes'] as { data: unknown; dims: number[] } | undefined
  if (
    logits?.data instanceof Float32Array &&
    boxes?.data instanceof Float32Array &&
    logits.dims.length === 3 &&
    boxes.dims.length === 3 &&
    boxes.dims[1] === logits.dims[1] &&
    boxes.dims[2] === 4
  )
    return { logits: logits.data, boxes: boxes.data, count: logits.dims[1]!, channels: logits.dims[2]! }
  const found = Object.entries(outputs).map(([name, { dims, type }]) => `${name} of ${type} [${dims.join(' × ')}]`)
  throw new FoveaError(
    'MODEL_INVALID',
    `${file} answers with ${found.join(', ')}; expected logits [1 × boxes × classes] and pred_boxes [1 × boxes × 4] of 32-bit floats.`,
    { hint: 'Export the model for object detection.' },
  )
}

/** The best channel and its probability. NaN spreads into the score. */
function rate(logits: Float32Array, scores: 'softmax' | 'sigmoid' | undefined): { best: number; score: number } {
  let best = 0
  for (let c = 1; c < logits.length; c++) if (logits[c]! > logits[best]!) best = c
  if (scores === 'sigmoid') return { best, score: 1 / (1 + Math.exp(-logits[best]!)) }
  let sum = 0
  for (const logit of logits) sum += Math.exp(logit - logits[best]!)
  return { best, score: 1 / sum }
}
