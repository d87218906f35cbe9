import type { Label } from '#contract'
import type { LabelVerdict, SampleVerdicts } from '../judge/types.ts'
import { countShared } from './runs.ts'
import { anyClass, type RunsByClass } from './tally-masks.ts'
import { measurePixels, type PixelTally } from './tally.ts'

/** From this Dice on, what one side covers stands for what the other does. */
export const rightDice = 0.5

type ClassVerdict = Pick<LabelVerdict, 'outcome' | 'class' | 'iou'>

/**
 * What the masks of one picture came to, all of a class as one: right where the class is found with Dice ½ or more; of what is left, two of
 * different classes that cover each other so are confused, the most alike first. `at` of what was said is the place of the class in `classes`.
 */
export function judgeMaskLabels(
  truth: { labels: readonly Label[]; runs: RunsByClass },
  said: { labels: readonly Label[]; runs: RunsByClass },
  tallies: ReadonlyMap<string, PixelTally>,
  classes: readonly string[],
): SampleVerdicts {
  const own = new Map<string, ClassVerdict>()
  const other = new Map<string, ClassVerdict>()
  for (const [name, tally] of tallies) {
    if (name === anyClass) continue
    const { dice, iou } = measurePixels(tally)
    const isRight = dice !== null && dice >= rightDice
    const verdict = (alone: 'fp' | 'fn'): ClassVerdict =>
      isRight ? { outcome: 'tp', class: name, iou } : { outcome: alone, class: null, iou: null }
    if (tally.truth > 0) own.set(name, verdict('fn'))
    if (tally.predicted > 0) other.set(name, verdict('fp'))
  }
  const missed = [...own].filter(([, { outcome }]) => outcome === 'fn').map(([name]) => name)
  const wrong = [...other].filter(([, { outcome }]) => outcome === 'fp').map(([name]) => name)
  const pairs = missed.flatMap((name) =>
    wrong.flatMap((taken) => {
      const tally = {
        truth: tallies.get(name)!.truth,
        predicted: tallies.get(taken)!.predicted,
        shared: countShared(truth.runs.get(name)!, said.runs.get(taken)!),
      }
      const { dice, iou } = measurePixels(tally)
      return dice! >= rightDice ? [{ name, taken, dice: dice!, iou: iou! }] : []
    }),
  )
  for (const { name, taken, iou } of pairs.toSorted((a, b) => b.dice - a.dice)) {
    if (own.get(name)!.outcome !== 'fn' || other.get(taken)!.outcome !== 'fp') continue
    own.set(name, { outcome: 'confused', class: taken, iou })
    other.set(taken, { outcome: 'confused', class: name, iou })
  }
  const isMask = ({ geometry }: Label): boolean => geometry?.type === 'mask' || geometry?.type === 'polygon'
  const firstTrue = (name: string): number => truth.labels.findIndex((label) => isMask(label) && label.class === name)
  return {
    truth: truth.labels.flatMap((label, at) => {
      const verdict = isMask(label) ? own.get(label.class) : undefined
      if (verdict === undefined) return []
      return [{ at, verdict: { ...verdict, match: verdict.class === null ? null : classes.indexOf(verdict.class) } }]
    }),
    said: [...other].map(([name, verdict]) => ({
      at: classes.indexOf(name),
      label: said.labels.find((label) => isMask(label) && label.class === name)!,
      verdict: { ...verdict, match: verdict.class === null ? null : firstTrue(verdict.class) },
    })),
  }
}

/** Places of the masks and polygons of each class among labels. */
export const placesOfMasks = (labels: readonly Label[], classes: readonly string[]): number[][] =>
  classes.map((name) =>
    labels.flatMap(({ geometry, class: own }, at) =>
      own === name && (geometry?.type === 'mask' || geometry?.type === 'polygon') ? [at] : [],
    ),
  )
