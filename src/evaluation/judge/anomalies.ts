import { decodeMask } from '#base'
import { predictionLabels, stretchMap, type Prediction } from '#models'
import { drawCurves, rankScores, weightedAveragePrecision, weightedRocArea } from '../scores/ranking.ts'
import { createPixelPool, type PixelAnomalyFigures } from '../anomaly/index.ts'
import { masksByClass, anyClass } from '../masks/tally-masks.ts'
import { rate } from './several.ts'
import { isRight, nothingMore, type Judge, type LabelVerdict, type SampleVerdicts, type TrueSample } from './types.ts'

/** Pixels are compared in pictures of at most that size, as benchmarks of anomalies do; all together they take some 200 MB. */
const mostSidePx = 256
const pooledPixels = 50_000_000

/**
 * Judges scores of anomalies. A picture has a fault when a label of it has a place, or a class that is not among the `normal` ones
 * (lower case).
 */
export function createAnomalyJudge(threshold: number, normal: readonly string[], samples: number): Judge {
  const faultsOf = ({ labels }: TrueSample): number[] =>
    labels.flatMap(({ kind, class: name }, at) =>
      kind !== 'class' || !normal.includes(name.toLowerCase()) ? [at] : [],
    )
  const verdicts: SampleVerdicts[] = []
  const ids: number[] = []
  const scores: number[] = []
  const truth: number[] = []
  const pool = createPixelPool()
  const sidePx = Math.min(mostSidePx, Math.floor(Math.sqrt(pooledPixels / Math.max(1, samples))))
  let pooled = 0
  return {
    add(sample, prediction) {
      const { anomaly } = prediction
      if (anomaly === undefined) return 'unpredicted'
      const faults = faultsOf(sample)
      const isFaulty = faults.length > 0
      verdicts.push(judgeLabels(sample, faults, { ...prediction, anomaly: { ...anomaly, threshold } }))
      ids.push(sample.id)
      scores.push(anomaly.score)
      truth.push(isFaulty ? 1 : 0)
      const marks = anomaly.map.data.length > 1 ? markPixels(sample, isFaulty, sidePx) : undefined
      if (marks !== undefined) {
        pool.add({ ...marks, scores: stretchMap(anomaly.map, marks) })
        pooled++
      }
      return undefined
    },
    finish() {
      const ranking = rankScores(Float64Array.from(scores), Uint8Array.from(truth))
      const pixels = pooled === 0 ? undefined : pool.measure()
      const said = scores.map((score) => score >= threshold)
      const isHit = truth.map((own, i) => said[i] === (own === 1))
      return {
        ...nothingMore,
        ids,
        labels: verdicts,
        main: 'auroc',
        lowerIsBetter: false,
        measure(weights): Record<string, number | null> {
          const tally = { hits: 0, truths: 0, predictions: 0 }
          truth.forEach((own, i) => {
            tally.truths += own * weights[i]!
            if (said[i]!) tally.predictions += weights[i]!
            if (said[i]! && own === 1) tally.hits += weights[i]!
          })
          return {
            auroc: weightedRocArea(ranking, weights),
            averagePrecision: weightedAveragePrecision(ranking, weights),
            ...rate(tally),
          }
        },
        extra: pixels === undefined ? {} : namePixelFigures(pixels),
        classes: [],
        curves: drawCurves('anomaly', ranking),
        outcomes: isHit.map((hit, i) => (hit ? isRight : said[i]! ? 'false alarm' : 'missed')),
        right: Uint8Array.from(isHit, (hit) => (hit ? 1 : 0)),
        fields: { score: { type: 'number', values: scores } },
      }
    },
  }
}

/** What the model says is odd against the labels that name a fault: each of them is found, or none, for the picture is judged as a whole. */
function judgeLabels({ labels }: TrueSample, faults: readonly number[], prediction: Prediction): SampleVerdicts {
  const said = predictionLabels(prediction, { minScore: 0, several: false })
  const [first] = faults
  const ofSaid: LabelVerdict =
    first === undefined
      ? { outcome: 'fp', match: null, class: null, iou: null }
      : { outcome: 'tp', match: first, class: labels[first]!.class, iou: null }
  const ofTrue: LabelVerdict =
    said.length === 0
      ? { outcome: 'fn', match: null, class: null, iou: null }
      : { outcome: 'tp', match: 0, class: said[0]!.class, iou: null }
  return {
    truth: faults.map((at) => ({ at, verdict: ofTrue })),
    said: said.map((label) => ({ at: 0, label, verdict: ofSaid })),
  }
}

/** What is faulty, made smaller so that no fault is lost; undefined for a faulty picture that does not say where. */
function markPixels(
  { labels, widthPx, heightPx }: TrueSample,
  isFaulty: boolean,
  sidePx: number,
): { widthPx: number; heightPx: number; truth: Uint8Array } | undefined {
  const masks = masksByClass({ labels, width: widthPx, height: heightPx }).get(anyClass) ?? []
  if (isFaulty && masks.length === 0) return undefined
  const scale = Math.min(1, sidePx / Math.max(widthPx, heightPx))
  const small = {
    widthPx: Math.max(1, Math.round(widthPx * scale)),
    heightPx: Math.max(1, Math.round(heightPx * scale)),
  }
  const truth = new Uint8Array(small.widthPx * small.heightPx)
  for (const mask of masks)
    decodeMask(mask).forEach((inside, i) => {
      if (inside === 0) return
      const x = Math.floor(((i % widthPx) * small.widthPx) / widthPx)
      const y = Math.floor((Math.floor(i / widthPx) * small.heightPx) / heightPx)
      truth[y * small.widthPx + x] = 1
    })
  return { ...small, truth }
}

const namePixelFigures = (pixels: PixelAnomalyFigures): Record<string, number | null> => ({
  pixelAuroc: pixels.rocArea,
  pixelAveragePrecision: pixels.averagePrecision,
  pixelBestF1: pixels.bestF1?.f1 ?? null,
  regionOverlap: pixels.regionOverlap,
})
