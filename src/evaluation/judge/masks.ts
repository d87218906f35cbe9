import { decodeMask } from '#base'
import { predictionLabels } from '#models'
import { measureBoundary } from '../boundary/boundary.ts'
import { judgeMaskLabels, rightDice } from '../masks/judge-labels.ts'
import { anyClass, masksByClass, runsByClass, tallyRuns, type Labelled } from '../masks/tally-masks.ts'
import { measurePixels, newTally, type PixelTally } from '../masks/tally.ts'
import { meanOfKnown } from './classes.ts'
import { isRight, noClass, nothingMore, type Judge, type LabelVerdict, type SampleVerdicts } from './types.ts'

interface Case {
  tallies: Map<string, PixelTally>
  /** F of boundaries of each class that is there on one side. */
  boundaries: number[]
  verdicts: SampleVerdicts
  /** What came of each class that is truly there. */
  truth: Map<string, LabelVerdict>
}

/** Judges masks and polygons pixel by pixel, and by their boundaries. */
export function createMaskJudge(classes: readonly string[], minScore: number): Judge {
  const ids: number[] = []
  const cases: Case[] = []
  return {
    add({ id, labels, widthPx, heightPx }, prediction) {
      const predicted = predictionLabels(prediction, { minScore, several: false })
      const picture = { width: widthPx, height: heightPx }
      const [truth, said] = [
        { ...picture, labels },
        { ...picture, labels: predicted },
      ]
      const [own, other] = [runsByClass(truth), runsByClass(said)]
      const tallies = tallyRuns(own, other)
      const verdicts = judgeMaskLabels({ labels, runs: own }, { labels: predicted, runs: other }, tallies, classes)
      ids.push(id)
      cases.push({
        tallies,
        boundaries: compareBoundaries(truth, said),
        verdicts,
        truth: new Map(verdicts.truth.map(({ at, verdict }) => [labels[at]!.class, verdict])),
      })
      return undefined
    },
    finish() {
      const names = [...new Set([...classes, ...cases.flatMap(({ tallies }) => [...tallies.keys()])])].filter(
        (name) => name !== anyClass,
      )
      const dice = cases.map(({ tallies }) => measurePixels(tallies.get(anyClass) ?? newTally()).dice)
      const sumUp = (name: string, weights: Float64Array): PixelTally => {
        const sum = newTally()
        cases.forEach(({ tallies }, i) => {
          const tally = tallies.get(name)
          if (tally === undefined) return
          sum.truth += weights[i]! * tally.truth
          sum.predicted += weights[i]! * tally.predicted
          sum.shared += weights[i]! * tally.shared
        })
        return sum
      }
      const weighMean = (values: readonly { sum: number; count: number }[], weights: Float64Array): number | null => {
        let [sum, count] = [0, 0]
        values.forEach((value, i) => {
          sum += weights[i]! * value.sum
          count += weights[i]! * value.count
        })
        return count === 0 ? null : sum / count
      }
      const diceParts = dice.map((value) => ({ sum: value ?? 0, count: value === null ? 0 : 1 }))
      const boundaryParts = cases.map(({ boundaries }) => ({
        sum: boundaries.reduce((sum, value) => sum + value, 0),
        count: boundaries.length,
      }))
      const ones = new Float64Array(ids.length).fill(1)
      return {
        ...nothingMore,
        ids,
        confusion: { classes: [...names, noClass], counts: countConfusions(cases, names) },
        labels: cases.map(({ verdicts }) => verdicts),
        main: 'dice',
        lowerIsBetter: false,
        measure: (weights) => ({
          ...measurePixels(sumUp(anyClass, weights)),
          meanDice: weighMean(diceParts, weights),
          meanIou: meanOfKnown(names.map((name) => measurePixels(sumUp(name, weights)).iou)),
          boundaryF: weighMean(boundaryParts, weights),
        }),
        classes: names.map((name) => {
          const { iou, dice: own, precision, recall } = measurePixels(sumUp(name, ones))
          const pixels = sumUp(name, ones)
          return {
            class: name,
            truths: pixels.truth,
            predictions: pixels.predicted,
            figures: { dice: own, iou, precision, recall },
          }
        }),
        outcomes: cases.map(({ tallies }, i) => {
          const { truth, predicted } = tallies.get(anyClass) ?? newTally()
          if (truth === 0) return predicted === 0 ? isRight : 'false alarm'
          if (predicted === 0) return 'missed'
          return dice[i]! >= rightDice ? isRight : 'poor'
        }),
        right: Uint8Array.from(dice, (value) => (value === null || value >= rightDice ? 1 : 0)),
        fields: { dice: { type: 'number', values: dice } },
      }
    },
  }
}

/** Pictures in which a class came to what, [true class][predicted class]; last stand what was missed and what is not there. */
function countConfusions(cases: readonly Case[], names: readonly string[]): number[][] {
  const place = (name: string | null): number => (name === null ? names.length : names.indexOf(name))
  const counts = Array.from({ length: names.length + 1 }, () => Array.from({ length: names.length + 1 }, () => 0))
  for (const { truth, verdicts } of cases) {
    for (const [name, { class: taken }] of truth) counts[place(name)]![place(taken)]!++
    for (const { label, verdict } of verdicts.said)
      if (verdict?.outcome === 'fp') counts[names.length]![place(label.class)]!++
  }
  return counts
}

function compareBoundaries(truth: Labelled, predicted: Labelled): number[] {
  const [own, other] = [masksByClass(truth), masksByClass(predicted)]
  const { width, height } = truth
  const paint = (masks: ReturnType<typeof masksByClass>, name: string): Uint8Array => {
    const pixels = new Uint8Array(width * height)
    for (const mask of masks.get(name) ?? []) decodeMask(mask).forEach((inside, i) => (pixels[i]! |= inside))
    return pixels
  }
  return [...new Set([...own.keys(), ...other.keys()])]
    .filter((name) => name !== anyClass)
    .flatMap((name) => measureBoundary(paint(own, name), paint(other, name), width, height) ?? [])
}
