import { compressCounts, encodeMask, FoveaError, pickPixels } from '#base'
import { palette } from '#contract'
import { encodePng, type PaletteColor } from '#media'
import type { Prediction } from '#models'
import type { Form, Written } from './messages.ts'
import { heatUnit, markAnomaly, paintHeat, thresholdGrey } from './anomaly-map.ts'

export interface AnswerOptions {
  /** rle: COCO's compressed run lengths, one a class; png: the whole mask in base64. */
  mask: 'rle' | 'png' | 'none'
  /** Of an anomaly. png: heat map of the picture's size; raw: float32, little-endian, of the size that the model gave; both in base64. */
  map: 'png' | 'raw' | 'none'
  /** Classes at most, the best first. */
  top: number
}

/** An answer in the form that was asked for. Throws INPUT_INVALID for a PNG of an answer without a picture in it. */
export const writeAnswer = (prediction: Prediction, form: Form): Written =>
  'json' in form
    ? { json: describePrediction(prediction, form.json) }
    : { png: encodePredictionPng(prediction, form.png) }

/** An answer as it travels: JSON with numbers of at most six digits behind the point. */
function describePrediction(prediction: Prediction, { mask: form, map, top }: AnswerOptions): Record<string, unknown> {
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
            ...(map === 'none' ? {} : { map: describeMap(prediction, map) }),
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
  const counts = new Uint32Array(classes.length + 1)
  for (let i = 0; i < data.length; i++) counts[data[i]!]!++
  return Array.from(counts)
}

function runLengths(
  { data }: Mask,
  index: number,
  widthPx: number,
  heightPx: number,
): { size: number[]; counts: string } {
  const { counts } = encodeMask(pickPixels(data, index), widthPx, heightPx)
  return { size: [heightPx, widthPx], counts: compressCounts(counts) }
}

/** The mask as a PNG: 0 and 255 for a model of one class, else indices with a palette, 0 being the background. */
function encodeMaskPng(mask: Mask, widthPx: number, heightPx: number): Buffer {
  if (mask.classes.length <= 1) return encodePng(blackAndWhite(mask.data), widthPx, heightPx)
  const colours: PaletteColor[] = [[0, 0, 0], ...mask.classes.map((_, i) => readColour(palette[i % palette.length]!))]
  return encodePng(mask.data, widthPx, heightPx, { palette: colours.slice(0, 256) })
}

function blackAndWhite(data: Uint8Array): Uint8Array {
  const white = new Uint8Array(data.length)
  for (let i = 0; i < data.length; i++) white[i] = data[i] === 0 ? 0 : 255
  return white
}

const readColour = (hex: string): PaletteColor => [
  Number.parseInt(hex.slice(1, 3), 16),
  Number.parseInt(hex.slice(3, 5), 16),
  Number.parseInt(hex.slice(5, 7), 16),
]

/**
 * The answer as a PNG: its mask, or the heat map of an anomaly, or with `asMask` where the anomaly is. Throws INPUT_INVALID for an answer
 * without either.
 */
function encodePredictionPng(prediction: Prediction, { asMask }: { asMask: boolean }): Buffer {
  const { mask, anomaly, widthPx, heightPx } = prediction
  if (mask === undefined && anomaly === undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected to answer with a PNG, but this model answers without a mask.', {
      hint: 'Send "Accept: application/json".',
    })
  if (mask === undefined && !asMask) return encodePng(paintHeat(anomaly!, widthPx, heightPx), widthPx, heightPx)
  return encodeMaskPng(mask ?? anomalyMask(prediction), widthPx, heightPx)
}

/** The pixels of an anomaly: where its map reaches the threshold. */
function anomalyMask({ anomaly, widthPx, heightPx }: Prediction): Mask {
  const { score } = anomaly!
  return { classes: ['anomaly'], data: markAnomaly(anomaly!, widthPx, heightPx), scores: [score] }
}

/** The map of an anomaly for JSON: a heat map of the picture's size, or the numbers as the model gave them. */
function describeMap({ anomaly, widthPx, heightPx }: Prediction, form: 'png' | 'raw'): object {
  const { map, threshold } = anomaly!
  if (form === 'raw') {
    const bytes = Buffer.alloc(4 * map.data.length)
    map.data.forEach((score, i) => bytes.writeFloatLE(score, 4 * i))
    return { size: [map.heightPx, map.widthPx], type: 'float32', data: bytes.toString('base64') }
  }
  return {
    size: [heightPx, widthPx],
    thresholdGrey,
    unit: round(heatUnit({ threshold })),
    png: encodePng(paintHeat(anomaly!, widthPx, heightPx), widthPx, heightPx).toString('base64'),
  }
}

/** What says how to read a heat map, as headers of an answer in PNG. */
export function describeHeat({ anomaly }: Prediction): Record<string, string> {
  if (anomaly === undefined) return {}
  return {
    'x-anomaly-score': String(round(anomaly.score)),
    'x-anomaly-threshold': String(round(anomaly.threshold)),
    'x-anomaly-threshold-grey': String(thresholdGrey),
    'x-anomaly-unit': String(round(heatUnit(anomaly))),
  }
}
