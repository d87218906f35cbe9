import { FoveaError } from '#base'
import { measureRanked, walkDown, type RankedFigures, type RankedScores } from './ranked.ts'
import { labelRegions } from './regions.ts'

/** Scores of the pixels of one picture, and what is truly abnormal, row by row. */
export interface ScoredPicture {
  widthPx: number
  heightPx: number
  scores: Float32Array
  /** Other than 0 where abnormal. */
  truth: Uint8Array
}

export interface PixelAnomalyFigures extends RankedFigures {
  /** Area under the per-region-overlap curve up to a false positive rate of 0.3, divided by 0.3. */
  regionOverlap: number | null
  regions: number
}

/** False positive rate up to which regions' overlaps are integrated (Bergmann et al. 2020, arXiv 1911.02357, section 4.2). */
const limitRate = 0.3

/** Pixels of many pictures in one pool. */
export interface PixelPool {
  /** Throws INPUT_INVALID when sizes differ. */
  add(picture: ScoredPicture): void
  /** Sorts what was added; O(n log n). */
  measure(): PixelAnomalyFigures
}

/** Keeps 4 bytes a normal pixel and 12 an abnormal one, so that the figures are exact, not those of a histogram. */
export function createPixelPool(): PixelPool {
  const normal = createColumn()
  const abnormal = createColumn()
  const shares: number[] = []
  const owners: Uint32Array[] = []
  return {
    add({ widthPx, heightPx, scores, truth }) {
      if (scores.length !== widthPx * heightPx || truth.length !== scores.length)
        throw new FoveaError(
          'INPUT_INVALID',
          `Expected ${widthPx} × ${heightPx} scores and as many marks, got ${scores.length} and ${truth.length}.`,
        )
      const { labels, count } = labelRegions(truth, widthPx)
      const sizes = new Float64Array(count + 1)
      for (let i = 0; i < labels.length; i++) sizes[labels[i]!]!++
      const inside = new Uint32Array(truth.length - sizes[0]!)
      const first = shares.length
      for (let region = 1; region <= count; region++) shares.push(1 / sizes[region]!)
      let at = 0
      const [outside, within] = [new Float32Array(sizes[0]!), new Float32Array(inside.length)]
      for (let i = 0; i < labels.length; i++)
        if (labels[i] === 0) outside[i - at] = scores[i]!
        else {
          inside[at] = first + labels[i]! - 1
          within[at++] = scores[i]!
        }
      normal.push(outside)
      abnormal.push(within)
      owners.push(inside)
    },
    measure() {
      const scores = abnormal.join()
      const owner = new Uint32Array(scores.length)
      let at = 0
      for (const each of owners) {
        owner.set(each, at)
        at += each.length
      }
      const order = Uint32Array.from(scores, (_, i) => i).sort((a, b) => scores[a]! - scores[b]!)
      const ranked: RankedScores = {
        normal: normal.join().sort(),
        abnormal: Float32Array.from(order, (i) => scores[i]!),
        weights: Float64Array.from(order, (i) => shares[owner[i]!]!),
      }
      return {
        ...measureRanked(ranked),
        regionOverlap: integrateOverlap(ranked, shares.length),
        regions: shares.length,
      }
    },
  }
}

/** Trapezoids of mean overlap over false positive rate, the last one cut at the limit. */
function integrateOverlap(ranked: RankedScores, regions: number): number | null {
  const negatives = ranked.normal.length
  if (negatives === 0 || regions === 0) return null
  let area = 0
  let last = { rate: 0, overlap: 0 }
  walkDown(ranked, (_, normals, __, weight) => {
    const next = { rate: normals / negatives, overlap: weight / regions }
    if (last.rate < limitRate && next.rate > last.rate) {
      const rate = Math.min(next.rate, limitRate)
      const share = (rate - last.rate) / (next.rate - last.rate)
      const overlap = last.overlap + share * (next.overlap - last.overlap)
      area += ((rate - last.rate) * (last.overlap + overlap)) / 2
    }
    last = next
  })
  return area / limitRate
}

/** Arrays gathered one after the other, joined at last. */
function createColumn(): { push(part: Float32Array): void; join(): Float32Array } {
  const parts: Float32Array[] = []
  return {
    push(part) {
      parts.push(part)
    },
    join() {
      const all = new Float32Array(parts.reduce((sum, part) => sum + part.length, 0))
      let at = 0
      for (const part of parts) {
        all.set(part, at)
        at += part.length
      }
      return all
    },
  }
}
