import { FoveaError } from '#base'
import { measureRanked, rankScores } from '#evaluation'
import type { Example, TrainingJob } from '../types.ts'
import { runPictures } from './look.ts'
import type { PatchcoreParams } from './params.ts'

export interface Judged {
  threshold: number
  metrics: Record<string, number>
}

/**
 * Scores held-out pictures with the detector as it is handed over, and sets the threshold: the one of the best F1 where anomalies are
 * among them, else the quantile of the scores. Throws CANCELLED, TRAINER_FAILED for scores that are no numbers.
 */
export async function judgePictures(
  job: Pick<TrainingJob, 'threads' | 'maxPixels' | 'signal' | 'progress'>,
  detector: Uint8Array,
  examples: readonly Example[],
  params: PatchcoreParams,
): Promise<Judged> {
  const scores = await scorePictures(job, detector, examples, params, 'judge')
  const isAnomalous = examples.map((example) => (example.isAnomalous === true ? 1 : 0))
  const { rocArea, averagePrecision, bestF1 } = measureRanked(rankScores(scores, isAnomalous))
  const normal = Float64Array.from(scores.filter((_, i) => isAnomalous[i] === 0)).sort()
  const threshold = bestF1?.threshold ?? quantileOf(normal, params.quantile)
  const alarms = normal.filter((score) => score >= threshold).length / normal.length
  const metrics = { threshold, falseAlarms: alarms }
  if (rocArea === null || averagePrecision === null || bestF1 === null) return { threshold, metrics }
  return { threshold, metrics: { auroc: rocArea, averagePrecision, f1: bestF1.f1, ...metrics } }
}

/** What a detector says of each picture. Throws as {@link judgePictures} does. */
export async function scorePictures(
  job: Pick<TrainingJob, 'threads' | 'maxPixels' | 'signal' | 'progress'>,
  detector: Uint8Array,
  examples: readonly Example[],
  params: PatchcoreParams,
  stage: string,
): Promise<number[]> {
  const scores: number[] = []
  await runPictures(job, detector, examples, params, stage, ({ score }) => {
    scores.push(...score!)
  })
  const wrong = scores.findIndex((score) => !Number.isFinite(score))
  if (wrong >= 0)
    throw new FoveaError('TRAINER_FAILED', `The score of ${examples[wrong]!.file} is no number.`, {
      hint: 'Train without whitening: --param scaling=none',
    })
  return scores
}

/** Linear between the two nearest; `sorted` ascending. */
function quantileOf(sorted: Float64Array, share: number): number {
  const at = share * (sorted.length - 1)
  const [low, high] = [sorted[Math.floor(at)]!, sorted[Math.ceil(at)]!]
  return low + (at - Math.floor(at)) * (high - low)
}
