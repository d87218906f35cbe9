import type { Prediction } from '#models'

/** What a model answered for a golden picture, as it is kept: plain JSON. Coordinates are px of the picture as seen. */
export interface GoldenAnswer {
  widthPx: number
  heightPx: number
  /** The best first, at most 5. */
  classes?: { class: string; score: number }[]
  values?: Record<string, number>
  boxes?: { class: string; score: number; x: number; y: number; w: number; h: number }[]
  /** `runs`: number of a class and how many pixels in a row have it, row by row; 0 is background. */
  mask?: { classes: string[]; runs: number[] }
  anomaly?: { score: number; threshold: number }
}

/** How far a later answer may differ. */
export interface GoldenTolerance {
  /** Of scores and, relative to their size, of values. */
  score: number
  /** Intersection over union that masks and boxes keep at least, 0 to 1. */
  iou: number
}

const keptClasses = 5
/** Classes whose score is so low may change places. */
const faintScore = 0.05

export function describeGolden({ widthPx, heightPx, classes, values, boxes, mask, anomaly }: Prediction): GoldenAnswer {
  return {
    widthPx,
    heightPx,
    ...(classes === undefined ? {} : { classes: classes.slice(0, keptClasses) }),
    ...(values === undefined ? {} : { values }),
    ...(boxes === undefined ? {} : { boxes }),
    ...(mask === undefined ? {} : { mask: { classes: [...mask.classes], runs: encodeRuns(mask.data) } }),
    ...(anomaly === undefined ? {} : { anomaly: { score: anomaly.score, threshold: anomaly.threshold } }),
  }
}

/** What of an answer is not as it was recorded; empty when all is. */
export function compareGolden(expected: GoldenAnswer, found: GoldenAnswer, tolerance: GoldenTolerance): string[] {
  if (expected.widthPx !== found.widthPx || expected.heightPx !== found.heightPx)
    return [`size ${found.widthPx} × ${found.heightPx} instead of ${expected.widthPx} × ${expected.heightPx}`]
  return [
    ...compareClasses(expected.classes ?? [], found.classes ?? [], tolerance.score),
    ...compareValues(expected.values ?? {}, found.values ?? {}, tolerance.score),
    ...compareBoxes(expected.boxes ?? [], found.boxes ?? [], tolerance),
    ...compareMasks(expected.mask, found.mask, tolerance.iou),
    ...compareAnomalies(expected.anomaly, found.anomaly, tolerance.score),
  ]
}

type Classes = NonNullable<GoldenAnswer['classes']>

function compareClasses(expected: Classes, found: Classes, tolerance: number): string[] {
  const scores = new Map(found.map((each) => [each.class, each.score]))
  return expected.flatMap(({ class: name, score }, i) => {
    const now = scores.get(name)
    if (now === undefined)
      return score <= Math.max(faintScore, tolerance) ? [] : [`${name} is gone, it had ${show(score)}`]
    if (Math.abs(now - score) > tolerance) return [`${name} has ${show(now)} instead of ${show(score)}`]
    // Two that lie nearer to each other than the tolerance may change places.
    const best = found[0]!
    return i === 0 && best.class !== name && best.score - now > tolerance
      ? [`${best.class} is best instead of ${name}`]
      : []
  })
}

function compareValues(expected: Record<string, number>, found: Record<string, number>, tolerance: number): string[] {
  return Object.entries(expected).flatMap(([name, value]) => {
    const now = found[name]
    if (now === undefined) return [`${name} is missing`]
    return Math.abs(now - value) > tolerance * Math.max(1, Math.abs(value))
      ? [`${name} is ${show(now)} instead of ${show(value)}`]
      : []
  })
}

type Boxes = NonNullable<GoldenAnswer['boxes']>

function compareBoxes(expected: Boxes, found: Boxes, { score, iou }: GoldenTolerance): string[] {
  const left = [...found]
  const faults = expected.flatMap((box) => {
    const at = left.findIndex((other) => other.class === box.class && overlapOf(box, other) >= iou)
    if (at < 0) return [`no box of ${box.class} at ${Math.round(box.x)}, ${Math.round(box.y)}`]
    const [other] = left.splice(at, 1)
    return Math.abs(other!.score - box.score) > score
      ? [
          `the box of ${box.class} at ${Math.round(box.x)}, ${Math.round(box.y)} has ${show(other!.score)} instead of ${show(box.score)}`,
        ]
      : []
  })
  return left.length === 0
    ? faults
    : [...faults, `${left.length} new ${left.length === 1 ? 'box' : 'boxes'}, of ${left[0]!.class} first`]
}

function overlapOf(a: Boxes[number], b: Boxes[number]): number {
  const shared =
    Math.max(0, Math.min(a.x + a.w, b.x + b.w) - Math.max(a.x, b.x)) *
    Math.max(0, Math.min(a.y + a.h, b.y + b.h) - Math.max(a.y, b.y))
  const united = a.w * a.h + b.w * b.h - shared
  return united > 0 ? shared / united : 1
}

function compareMasks(expected: GoldenAnswer['mask'], found: GoldenAnswer['mask'], least: number): string[] {
  if (expected === undefined) return []
  if (found === undefined) return ['there is no mask']
  const [own, other] = [decodeRuns(expected.runs), decodeRuns(found.runs)]
  return expected.classes.flatMap((name, i) => {
    const index = found.classes.indexOf(name) + 1
    let shared = 0
    let united = 0
    for (let at = 0; at < own.length; at++) {
      const [a, b] = [own[at] === i + 1, index > 0 && other[at] === index]
      if (a && b) shared++
      if (a || b) united++
    }
    return united > 0 && shared / united < least ? [`the mask of ${name} agrees by ${show(shared / united)}`] : []
  })
}

function compareAnomalies(
  expected: GoldenAnswer['anomaly'],
  found: GoldenAnswer['anomaly'],
  tolerance: number,
): string[] {
  if (expected === undefined) return []
  if (found === undefined) return ['there is no score of an anomaly']
  // Scores of anomalies have any scale; their threshold is its measure.
  return Math.abs(found.score - expected.score) >
    tolerance * Math.max(Math.abs(expected.threshold), Math.abs(expected.score))
    ? [`the score of the anomaly is ${show(found.score)} instead of ${show(expected.score)}`]
    : []
}

function encodeRuns(data: Uint8Array): number[] {
  const runs: number[] = []
  for (let from = 0; from < data.length;) {
    let to = from + 1
    while (to < data.length && data[to] === data[from]) to++
    runs.push(data[from]!, to - from)
    from = to
  }
  return runs
}

function decodeRuns(runs: readonly number[]): Uint8Array {
  let size = 0
  for (let i = 1; i < runs.length; i += 2) size += runs[i]!
  const data = new Uint8Array(size)
  for (let i = 0, at = 0; i < runs.length; i += 2) data.fill(runs[i]!, at, (at += runs[i + 1]!))
  return data
}

const show = (value: number): string => String(Math.round(value * 1e4) / 1e4)
