import type { Label } from '#contract'
import { drawCurves, rankScores, weightedAveragePrecision, weightedRocArea } from '../scores/ranking.ts'
import { meanOfKnown } from './classes.ts'
import { isRight, makeLabel, nothingMore, type Judge, type LabelVerdict, type SampleVerdicts } from './types.ts'

/** Judges pictures that have any number of classes; one without a class label has none. */
export function createSeveralJudge(classes: readonly string[], threshold: number): Judge {
  const ids: number[] = []
  const truths = classes.map((): number[] => [])
  const scores = classes.map((): number[] => [])
  const verdicts: SampleVerdicts[] = []
  return {
    add({ id, labels }, prediction) {
      if (prediction.classes === undefined) return 'unpredicted'
      ids.push(id)
      verdicts.push(judgeLabels(labels, prediction.classes, { classes, threshold }))
      const own = new Set(labels.filter(({ kind }) => kind === 'class').map((label) => label.class))
      const said = new Map(prediction.classes.map((each) => [each.class, each.score]))
      classes.forEach((name, i) => {
        truths[i]!.push(own.has(name) ? 1 : 0)
        scores[i]!.push(said.get(name) ?? 0)
      })
      return undefined
    },
    finish() {
      const rankings = classes.map((_, i) => rankScores(Float64Array.from(scores[i]!), Uint8Array.from(truths[i]!)))
      const ones = new Float64Array(ids.length).fill(1)
      const tallyOf = (category: number, weights: Float64Array): Tally => {
        const tally = { hits: 0, truths: 0, predictions: 0 }
        const { scores: own, positive } = rankings[category]!
        for (let i = 0; i < own.length; i++) {
          const said = own[i]! >= threshold ? weights[i]! : 0
          tally.predictions += said
          if (positive[i] === 0) continue
          tally.truths += weights[i]!
          tally.hits += said
        }
        return tally
      }
      const exact = Uint8Array.from(ids, (_, i) =>
        classes.every((__, c) => scores[c]![i]! >= threshold === (truths[c]![i] === 1)) ? 1 : 0,
      )
      return {
        ...nothingMore,
        ids,
        labels: verdicts,
        main: 'macroF1',
        lowerIsBetter: false,
        measure(weights): Record<string, number | null> {
          const total = weights.reduce((sum, weight) => sum + weight, 0)
          if (total === 0) return {}
          const tallies = classes.map((_, i) => tallyOf(i, weights))
          return {
            meanAveragePrecision: meanOfKnown(rankings.map((ranking) => weightedAveragePrecision(ranking, weights))),
            macroF1: meanOfKnown(tallies.map((tally) => rate(tally).f1)),
            microF1: rate(tallies.reduce(addUp)).f1,
            exact: exact.reduce((sum, hit, i) => sum + hit * weights[i]!, 0) / total,
          }
        },
        extra: { auroc: meanOfKnown(rankings.map((ranking) => weightedRocArea(ranking, ones))) },
        classes: classes.map((name, i) => {
          const tally = tallyOf(i, ones)
          return {
            class: name,
            truths: tally.truths,
            predictions: tally.predictions,
            figures: {
              ...rate(tally),
              averagePrecision: weightedAveragePrecision(rankings[i]!, ones),
              auroc: weightedRocArea(rankings[i]!, ones),
            },
          }
        }),
        curves: classes.length > 20 ? [] : rankings.flatMap((ranking, i) => drawCurves(classes[i]!, ranking)),
        outcomes: ids.map((_, i) => {
          const isSaid = (c: number): boolean => scores[c]![i]! >= threshold
          const missed = classes.filter((__, c) => truths[c]![i] === 1 && !isSaid(c))
          const wrong = classes.filter((__, c) => truths[c]![i] === 0 && isSaid(c))
          if (missed.length + wrong.length === 0) return isRight
          return [...missed.map((name) => `${name} missed`), ...wrong.map((name) => `${name} wrong`)].join(', ')
        }),
        right: exact,
      }
    },
  }
}

/** Each class that was said from the threshold on against the class labels; those that the model does not know are not judged. */
function judgeLabels(
  labels: readonly Label[],
  ranked: readonly { class: string; score: number }[],
  { classes, threshold }: { classes: readonly string[]; threshold: number },
): SampleVerdicts {
  const known = new Set(classes)
  const truth = labels.flatMap(({ kind, class: name }, at) =>
    kind === 'class' && known.has(name) ? [{ at, class: name }] : [],
  )
  const said = ranked.flatMap((one, at) => (one.score >= threshold ? [{ at, ...one }] : []))
  const judge = (other: { at: number; class: string } | undefined, alone: 'fp' | 'fn'): LabelVerdict => ({
    outcome: other === undefined ? alone : 'tp',
    match: other?.at ?? null,
    class: other?.class ?? null,
    iou: null,
  })
  return {
    truth: truth.map(({ at, class: name }) => ({
      at,
      verdict: judge(
        said.find((one) => one.class === name),
        'fn',
      ),
    })),
    said: said.map((one) => ({
      at: one.at,
      label: makeLabel('class', one.class, one.score),
      verdict: judge(
        truth.find((own) => own.class === one.class),
        'fp',
      ),
    })),
  }
}

interface Tally {
  hits: number
  truths: number
  predictions: number
}

const addUp = (one: Tally, other: Tally): Tally => ({
  hits: one.hits + other.hits,
  truths: one.truths + other.truths,
  predictions: one.predictions + other.predictions,
})

/** Precision, recall and F1; null where they divide by nothing. */
export function rate({ hits, truths, predictions }: Tally): Record<'precision' | 'recall' | 'f1', number | null> {
  return {
    precision: predictions === 0 ? null : hits / predictions,
    recall: truths === 0 ? null : hits / truths,
    f1: truths + predictions === 0 ? null : (2 * hits) / (truths + predictions),
  }
}
