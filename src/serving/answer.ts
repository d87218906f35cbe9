import { compressCounts, encodeMask, FoveaError } from '#base'
import { palette } from '#contract'
import { encodePng, type PaletteColor } from '#media'
import type { Prediction } from '#models'

interface AnswerOptions {
  /** rle: COCO's compressed run lengths, one a class; png: the whole mask in base64. */
  mask: 'rle' | 'png' | 'none'
  /** Classes at most, the best first. */
  top: number
}

/** An answer as it travels: JSON with numbers of at most six digits behind the point. */
export function describePrediction(
  prediction: Prediction,
  { mask: form, top }: AnswerOptions,
): Record<string, unknown> {
  const { widthPx, heightPx, classes, values, boxes, mask, anomaly } = prediction
  return {
    width: widthPx,
    height: heightPx,
    ...(classes === undefined
      ? {}
      : { classes: classes.slice(0, top).map((one) => ({ class: one.class, score: round(one.score) })) }),
    ...(values === undefined
      ? {}
      : { values: Object.fromEntries(Object.entries(values).map(([key, value]) => [key, round(value)])) }),
    ...(boxes === undefined
      ? {}
      : {
          boxes: boxes.map((one) => ({
            class: one.class,
            score: round(one.score),
            box: [one.x, one.y, one.w, one.h].map(round),
          })),
        }),
    ...(mask === undefined ? {} : { mask: describeMask(mask, widthPx, heightPx, form) }),
    ...(anomaly === undefined
      ? {}
      : {
          anomaly: {
            score: round(anomaly.score),
            threshold: round(anomaly.threshold),
            anomalous: anomaly.score >= anomaly.threshold,
            ...(form === 'none' ? {} : { mask: describeMask(anomalyMask(prediction), widthPx, heightPx, form) }),
          },
        }),
  }
}

const round = (value: number): number => Math.round(value * 1e6) / 1e6

type Mask = NonNullable<Prediction['mask']>

function describeMask(mask: Mask, widthPx: number, heightPx: number, form: AnswerOptions['mask']): object {
  const pixels = countPixels(mask)
  const classes = mask.classes.map((name, i) => ({
    class: name,
    score: round(mask.scores[i] ?? 0),
    pixels: pixels[i + 1]!,
    ...(form === 'rle' && pixels[i + 1]! > 0 ? { rle: runLengths(mask, i + 1, widthPx, heightPx) } : {}),
  }))
  return {
    size: [heightPx, widthPx],
    classes,
    ...(form === 'png' ? { png: encodeMaskPng(mask, widthPx, heightPx).toString('base64') } : {}),
  }
}

function countPixels({ data, classes }: Mask): number[] {
  const counts = Array.from({ length: classes.length + 1 }, () => 0)
  for (const index of data) counts[index]!++
  return counts
}

function runLengths(
  { data }: Mask,
  index: number,
  widthPx: number,
  heightPx: number,
): { size: number[]; counts: string } {
  const { counts } = encodeMask(
    data.map((value) => Number(value === index)),
    widthPx,
    heightPx,
  )
  return { size: [heightPx, widthPx], counts: compressCounts(counts) }
}

/** The mask as a PNG: 0 and 255 for a model of one class, else indices with a palette, 0 being the background. */
function encodeMaskPng(mask: Mask, widthPx: number, heightPx: number): Buffer {
  if (mask.classes.length <= 1)
    return encodePng(
      mask.data.map((value) => (value === 0 ? 0 : 255)),
      widthPx,
      heightPx,
    )
  const colours: PaletteColor[] = [[0, 0, 0], ...mask.classes.map((_, i) => readColour(palette[i % palette.length]!))]
  return encodePng(mask.data, widthPx, heightPx, { palette: colours.slice(0, 256) })
}

const readColour = (hex: string): PaletteColor => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
]

/** The answer as a PNG: its mask, or where an anomaly is. Throws INPUT_INVALID for an answer without either. */
export function encodePredictionPng(prediction: Prediction): Buffer {
  const { mask, anomaly, widthPx, heightPx } = prediction
  if (mask === undefined && anomaly === undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected to answer with a PNG, but this model answers without a mask.', {
      hint: 'Send "Accept: application/json".',
    })
  return encodeMaskPng(mask ?? anomalyMask(prediction), widthPx, heightPx)
}

/** The pixels of an anomaly: where its map, laid over the picture (bilinear, centres of pixels), reaches the threshold. */
function anomalyMask({ anomaly, widthPx, heightPx }: Prediction): Mask {
  const { map, threshold, score } = anomaly!
  const data = new Uint8Array(widthPx * heightPx)
  const columns = planAxis(widthPx, map.widthPx)
  const rows = planAxis(heightPx, map.heightPx)
  for (let y = 0, at = 0; y < heightPx; y++) {
    const top = rows.low[y]! * map.widthPx
    const bottom = rows.high[y]! * map.widthPx
    const down = rows.part[y]!
    for (let x = 0; x < widthPx; x++, at++) {
      const [left, right, across] = [columns.low[x]!, columns.high[x]!, columns.part[x]!]
      const above = map.data[top + left]! * (1 - across) + map.data[top + right]! * across
      const below = map.data[bottom + left]! * (1 - across) + map.data[bottom + right]! * across
      if (above * (1 - down) + below * down >= threshold) data[at] = 1
    }
  }
  return { classes: ['anomaly'], data, scores: [score] }
}

function planAxis(size: number, of: number): { low: Int32Array; high: Int32Array; part: Float32Array } {
  const plan = { low: new Int32Array(size), high: new Int32Array(size), part: new Float32Array(size) }
  for (let i = 0; i < size; i++) {
    const at = Math.min(of - 1, Math.max(0, ((i + 0.5) * of) / size - 0.5))
    plan.low[i] = Math.floor(at)
    plan.high[i] = Math.min(of - 1, plan.low[i]! + 1)
    plan.part[i] = at - plan.low[i]!
  }
  return plan
}
