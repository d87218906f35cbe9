import type { Label } from '#contract'
import { calibrationError, measureClasses } from '../classes/figures.ts'
import { drawCurves, rankScores, weightedAveragePrecision, weightedRocArea } from '../scores/ranking.ts'
import { binReliability } from '../scores/reliability.ts'
import { isRight, makeLabel, type Judge, type SampleVerdicts } from './types.ts'

/** Areas and curves of more classes than that say nothing to a reader, and cost. */
const mostCurves = 20

/** Judges classes of whole pictures: of pictures that have exactly one true class. */
export function createClassJudge(modelClasses: readonly string[]): Judge {
  const names = [...modelClasses]
  const indexOf = (name: string): number => {
    if (!names.includes(name)) names.push(name)
    return names.indexOf(name)
  }
  const ids: number[] = []
  const truth: number[] = []
  const ranked: { category: number; score: number }[][] = []
  const verdicts: SampleVerdicts[] = []
  return {
    add({ id, labels }, { classes = [] }) {
      const own = new Set(labels.filter(({ kind }) => kind === 'class').map((label) => label.class))
      if (own.size === 0) return 'unlabelled'
      if (own.size > 1) return 'severalClasses'
      if (classes.length === 0) return 'unpredicted'
      ids.push(id)
      const name = [...own][0]!
      truth.push(indexOf(name))
      verdicts.push(judgeLabels(labels, name, classes[0]!))
      ranked.push(classes.map((each) => ({ category: indexOf(each.class), score: each.score })))
      return undefined
    },
    finish() {
      const count = names.length
      const predicted = ranked.map(([best]) => best!.category)
      const right = Uint8Array.from(truth, (own, i) => (own === predicted[i] ? 1 : 0))
      const top3 = Uint8Array.from(truth, (own, i) =>
        ranked[i]!.slice(0, 3).some((one) => one.category === own) ? 1 : 0,
      )
      const isRanked = modelClasses.length > 3 && ranked.every((one) => one.length > 1)
      const table = new Float64Array(count * count)
      const tabulate = (weights: Float64Array): Float64Array => {
        table.fill(0)
        for (let i = 0; i < truth.length; i++) table[truth[i]! * count + predicted[i]!]! += weights[i]!
        return table
      }
      const ones = new Float64Array(truth.length).fill(1)
      const whole = truth.length === 0 ? undefined : measureClasses(tabulate(ones), count)
      const scores = Float64Array.from(ranked, ([best]) => best!.score)
      const isComplete = ranked.length > 0 && ranked.every((one) => one.length === modelClasses.length)
      const rankings = isComplete
        ? modelClasses.map((_, category) =>
            rankScores(
              Float64Array.from(ranked, (one) => one.find((each) => each.category === category)!.score),
              Uint8Array.from(truth, (own) => (own === category ? 1 : 0)),
            ),
          )
        : []
      const areas = rankings.map((ranking) => weightedRocArea(ranking, ones))
      const precisions = rankings.map((ranking) => weightedAveragePrecision(ranking, ones))
      return {
        ids,
        main: 'accuracy',
        lowerIsBetter: false,
        measure(weights) {
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          if (total === 0) return {}
          const { accuracy, balancedAccuracy, macroF1, weightedF1 } = measureClasses(tabulate(weights), count)
          return {
            accuracy,
            balancedAccuracy,
            macroF1,
            weightedF1,
            ...(isRanked ? { top3: top3.reduce((sum, hit, i) => sum + hit * weights[i]!, 0) / total } : {}),
          }
        },
        extra: {
          auroc: meanOfAll(areas),
          averagePrecision: meanOfAll(precisions),
          calibrationError: truth.length === 0 ? null : calibrationError(scores, right),
        },
        classes: (whole?.perClass ?? []).map(({ truths, predictions, ...figures }, i) => ({
          class: names[i]!,
          truths,
          predictions,
          figures: { ...figures, auroc: areas[i] ?? null, averagePrecision: precisions[i] ?? null },
        })),
        confusion: { classes: names, counts: whole?.confusion ?? [] },
        reliability: binReliability(scores, right),
        curves:
          modelClasses.length > mostCurves
            ? []
            : rankings.flatMap((ranking, i) => drawCurves(modelClasses[i]!, ranking)),
        outcomes: truth.map((own, i) =>
          own === predicted[i] ? isRight : `${names[own]} taken for ${names[predicted[i]!]}`,
        ),
        right,
        labels: verdicts,
        fields: { confidence: { type: 'number', values: [...scores] } },
      }
    },
  }
}

/** The best class that was said against the labels of the only true class. */
function judgeLabels(labels: readonly Label[], own: string, best: { class: string; score: number }): SampleVerdicts {
  const at = labels.flatMap(({ kind }, i) => (kind === 'class' ? [i] : []))
  const outcome = best.class === own ? 'tp' : 'confused'
  return {
    truth: at.map((place) => ({ at: place, verdict: { outcome, match: 0, class: best.class, iou: null } })),
    said: [
      {
        at: 0,
        label: makeLabel('class', best.class, best.score),
        verdict: { outcome, match: at[0]!, class: own, iou: null },
      },
    ],
  }
}

/** Null where one of them is missing. */
function meanOfAll(values: readonly (number | null)[]): number | null {
  const known = values.filter((value) => value !== null)
  return known.length === 0 || known.length < values.length
    ? null
    : known.reduce((sum, value) => sum + value, 0) / known.length
}

/** Of those that are there. */
export function meanOfKnown(values: readonly (number | null)[]): number | null {
  return meanOfAll(values.filter((value) => value !== null))
}
