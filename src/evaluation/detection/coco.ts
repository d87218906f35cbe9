import { accumulate, type CategoryFigures } from './accumulate.ts'
import { matchBoxes, type MatchPlan } from './match.ts'
import { groupBoxes, type PredictedBoxes, type TruthBoxes } from './group.ts'

/** Mean average precision and recall as the COCO challenge defines them, 0 to 1; null where no true box is of that kind. */
export interface CocoFigures {
  /** Mean over IoU 0.50, 0.55 … 0.95. */
  ap: number | null
  ap50: number | null
  ap75: number | null
  /** Of true boxes with areas up to 32², up to 96², and above, px². */
  apSmall: number | null
  apMedium: number | null
  apLarge: number | null
  /** With at most 1, 10 and 100 predictions an image and category. */
  ar1: number | null
  ar10: number | null
  ar100: number | null
  arSmall: number | null
  arMedium: number | null
  arLarge: number | null
}

export interface CocoResult {
  figures: CocoFigures
  categories: { category: number; truths: number; predictions: number; ap: number | null; ap50: number | null }[]
  /** At IoU 0.5, of any size: the true box that each prediction found, −1 for none. */
  found: Int32Array
}

/** np.linspace(0.5, 0.95, 10), to the bit. */
const thresholds = Float64Array.from({ length: 10 }, (_, i) => (i === 9 ? 0.95 : i * ((0.95 - 0.5) / 9) + 0.5))
const plan: MatchPlan = {
  thresholds,
  mostPredictions: 100,
  areas: [
    { from: 0, to: 1e10 },
    { from: 0, to: 32 ** 2 },
    { from: 32 ** 2, to: 96 ** 2 },
    { from: 96 ** 2, to: 1e10 },
  ],
}

/**
 * Average precision and recall of boxes, to the value as pycocotools' COCOeval has them (iouType bbox, default parameters).
 * Predictions of categories without a true box count nowhere. O(n log n) and the pairs of boxes within an image.
 */
export function evaluateBoxes(truth: TruthBoxes, predicted: PredictedBoxes): CocoResult {
  const found = new Int32Array(predicted.image.length).fill(-1)
  const all: (CategoryFigures & { category: number; truths: number; predictions: number })[] = []
  for (const group of groupBoxes(truth, predicted)) {
    const matches = matchBoxes(group, truth, predicted, plan, found)
    const figures = accumulate(matches, plan)
    all.push({
      category: group.category,
      truths: matches.counted[0]!,
      predictions: group.predictions,
      ...figures,
    })
  }
  const precision = (area: number, threshold?: number): number | null =>
    meanOf(all.map(({ precisions }) => precisions[area]).flatMap((at) => (at == null ? [] : pick(at, threshold))))
  const recall = (which: 'first' | 'ten' | number): number | null =>
    meanOf(
      all.flatMap(({ recalls, firstRecalls, tenRecalls }) => {
        const at = which === 'first' ? firstRecalls : which === 'ten' ? tenRecalls : recalls[which]
        return at == null ? [] : [...at]
      }),
    )
  return {
    figures: {
      ap: precision(0),
      ap50: precision(0, 0),
      ap75: precision(0, 5),
      apSmall: precision(1),
      apMedium: precision(2),
      apLarge: precision(3),
      ar1: recall('first'),
      ar10: recall('ten'),
      ar100: recall(0),
      arSmall: recall(1),
      arMedium: recall(2),
      arLarge: recall(3),
    },
    categories: all.map(({ category, truths, predictions, precisions: [own] }) => ({
      category,
      truths,
      predictions,
      ap: own == null ? null : meanOf([...own]),
      ap50: own == null ? null : own[0]!,
    })),
    found,
  }
}

const pick = (values: Float64Array, at: number | undefined): number[] =>
  at === undefined ? [...values] : [values[at]!]

function meanOf(values: readonly number[]): number | null {
  return values.length === 0 ? null : values.reduce((sum, value) => sum + value, 0) / values.length
}
