import { evaluateBoxes } from '../detection/coco.ts'
import type { PredictedBoxes, TruthBoxes } from '../detection/group.ts'
import { countConfusions, overlapOf, pairBoxes, type BoxPairs } from '../detection/pair-boxes.ts'
import { meanOfKnown } from './classes.ts'
import { rate } from './several.ts'
import { isRight, makeLabel, noClass, nothingMore, type Judge, type SampleVerdicts } from './types.ts'

interface Columns {
  image: number[]
  category: number[]
  boxes: number[]
  /** Place among the labels or boxes of its sample. */
  at: number[]
}

/** Judges boxes as COCO does; single ones count as right or wrong at IoU 0.5, from `minScore` on. */
export function createBoxJudge(modelClasses: readonly string[], minScore: number): Judge {
  const names = [...modelClasses]
  const indexOf = (name: string): number => {
    if (!names.includes(name)) names.push(name)
    return names.indexOf(name)
  }
  const ids: number[] = []
  const truth: Columns & { area: number[]; crowd: number[] } = {
    image: [],
    category: [],
    boxes: [],
    at: [],
    area: [],
    crowd: [],
  }
  const predicted: Columns & { score: number[] } = { image: [], category: [], boxes: [], at: [], score: [] }
  return {
    add({ id, labels }, prediction) {
      const image = ids.push(id) - 1
      for (const [at, { box, area, class: name, attributes }] of labels.entries()) {
        if (box === null) continue
        truth.at.push(at)
        truth.image.push(image)
        truth.category.push(indexOf(name))
        truth.boxes.push(box.x, box.y, box.w, box.h)
        truth.area.push(area ?? box.w * box.h)
        truth.crowd.push(attributes['crowd'] === true ? 1 : 0)
      }
      for (const [at, { x, y, w, h, score, class: name }] of (prediction.boxes ?? []).entries()) {
        predicted.at.push(at)
        predicted.image.push(image)
        predicted.category.push(indexOf(name))
        predicted.boxes.push(x, y, w, h)
        predicted.score.push(score)
      }
      return undefined
    },
    finish() {
      const score = Float64Array.from(predicted.score)
      const own: TruthBoxes = {
        ...asColumns(truth),
        area: Float64Array.from(truth.area),
        crowd: Uint8Array.from(truth.crowd),
      }
      const said: PredictedBoxes = { ...asColumns(predicted), score }
      const { figures, categories, found } = evaluateBoxes(own, said)
      const isCrowd = (row: number): boolean => found[row]! >= 0 && truth.crowd[found[row]!] === 1
      const rows = [...score.keys()].filter((row) => !isCrowd(row))
      const falling = rows.toSorted((a, b) => score[b]! - score[a]! || a - b)
      const byClass = names.map((_, category) => {
        const rowsOf = falling.filter((row) => predicted.category[row] === category)
        return {
          images: Int32Array.from(rowsOf, (row) => predicted.image[row]!),
          isHit: Uint8Array.from(rowsOf, (row) => (found[row]! >= 0 ? 1 : 0)),
        }
      })
      const truthRows = truth.image.flatMap((_, row) => (truth.crowd[row] === 1 ? [] : [row]))
      const sure = rows.filter((row) => score[row]! >= minScore)
      const caught = new Set(sure.flatMap((row) => (found[row]! >= 0 ? [found[row]!] : [])))
      const perImage = ids.map(() => ({ right: 0, wrong: 0, missed: 0 }))
      for (const row of sure) perImage[predicted.image[row]!]![found[row]! >= 0 ? 'right' : 'wrong']++
      for (const row of truthRows) if (!caught.has(row)) perImage[truth.image[row]!]!.missed++
      const pairs = pairBoxes(own, said, {
        found,
        isSure: Uint8Array.from(score, (each) => (each >= minScore ? 1 : 0)),
      })
      const right = Uint8Array.from(perImage, ({ wrong, missed }) => (wrong + missed === 0 ? 1 : 0))
      return {
        ...nothingMore,
        ids,
        confusion: { classes: [...names, noClass], counts: countConfusions(own, said, pairs, names.length) },
        labels: listVerdicts(
          { ...own, at: truth.at },
          { ...said, at: predicted.at },
          { pairs, names, images: ids.length, minScore },
        ),
        main: 'ap50',
        lowerIsBetter: false,
        measure(weights) {
          const truths = new Float64Array(names.length)
          for (const row of truthRows) truths[truth.category[row]!]! += weights[truth.image[row]!]!
          const precisions = byClass.map((ranked, category) =>
            truths[category] === 0 ? null : interpolatePrecision(ranked, weights, truths[category]!),
          )
          const total = { right: 0, wrong: 0, missed: 0 }
          perImage.forEach((tally, i) => {
            total.right += weights[i]! * tally.right
            total.wrong += weights[i]! * tally.wrong
            total.missed += weights[i]! * tally.missed
          })
          const { right: hits, wrong, missed } = total
          return { ap50: meanOfKnown(precisions), ...rate({ hits, truths: hits + missed, predictions: hits + wrong }) }
        },
        extra: { ...figures },
        classes: categories.map(({ category, truths, predictions, ap, ap50 }) => ({
          class: names[category]!,
          truths,
          predictions,
          figures: { ap, ap50 },
        })),
        outcomes: perImage.map(({ wrong, missed }) =>
          wrong + missed === 0
            ? isRight
            : wrong === 0
              ? 'missed'
              : missed === 0
                ? 'false alarm'
                : 'missed and false alarm',
        ),
        right,
        fields: Object.fromEntries(
          (['right', 'wrong', 'missed'] as const).map((kind) => [
            kind,
            { type: 'integer' as const, values: perImage.map((tally) => tally[kind]) },
          ]),
        ),
      }
    },
  }
}

/** What each box came to, sample by sample. */
function listVerdicts(
  truth: TruthBoxes & { at: number[] },
  said: PredictedBoxes & { at: number[] },
  { pairs, names, images, minScore }: { pairs: BoxPairs; names: readonly string[]; images: number; minScore: number },
): SampleVerdicts[] {
  const samples = Array.from({ length: images }, (): SampleVerdicts => ({ truth: [], said: [] }))
  const nothing = { match: null, class: null, iou: null }
  pairs.ofTruth.forEach((row, own) => {
    if (truth.crowd[own] === 1) return
    const category = truth.category[own]!
    samples[truth.image[own]!]!.truth.push({
      at: truth.at[own]!,
      verdict:
        row < 0
          ? { outcome: 'fn', ...nothing }
          : {
              outcome: said.category[row] === category ? 'tp' : 'confused',
              match: said.at[row]!,
              class: names[said.category[row]!]!,
              iou: overlapOf(said, row, truth, own),
            },
    })
  })
  pairs.ofPrediction.forEach((row, own) => {
    if (said.score[own]! < minScore) return
    const category = said.category[own]!
    const [x, y, w, h] = said.boxes.subarray(4 * own, 4 * own + 4) as unknown as [number, number, number, number]
    samples[said.image[own]!]!.said.push({
      at: said.at[own]!,
      label: makeLabel('box', names[category]!, said.score[own]!, { x, y, w, h }),
      verdict:
        pairs.isJudged[own] === 0
          ? null
          : row < 0
            ? { outcome: 'fp', ...nothing }
            : {
                outcome: truth.category[row] === category ? 'tp' : 'confused',
                match: truth.at[row]!,
                class: names[truth.category[row]!]!,
                iou: overlapOf(said, own, truth, row),
              },
    })
  })
  return samples
}

/** COCO's average precision at 101 recalls, of predictions in falling order of score, weighed by their picture. */
function interpolatePrecision(
  { images, isHit }: { images: Int32Array; isHit: Uint8Array },
  weights: Float64Array,
  truths: number,
): number {
  const [recalls, precisions] = [new Float64Array(images.length), new Float64Array(images.length)]
  let [hits, misses, count] = [0, 0, 0]
  for (let i = 0; i < images.length; i++) {
    const weight = weights[images[i]!]!
    if (weight === 0) continue
    if (isHit[i] === 1) hits += weight
    else misses += weight
    recalls[count] = hits / truths
    precisions[count++] = hits / (hits + misses)
  }
  for (let i = count - 2; i >= 0; i--) precisions[i] = Math.max(precisions[i]!, precisions[i + 1]!)
  let sum = 0
  let at = 0
  for (let step = 0; step <= 100; step++) {
    while (at < count && recalls[at]! < step / 100 - rounding) at++
    if (at === count) break
    sum += precisions[at]!
  }
  return sum / 101
}

/** Recalls are sums of thirds and the like; one that falls short of a step by rounding reaches it. */
const rounding = 1e-12

const asColumns = ({ image, category, boxes }: Columns) => ({
  image: Int32Array.from(image),
  category: Int32Array.from(category),
  boxes: Float64Array.from(boxes),
})
