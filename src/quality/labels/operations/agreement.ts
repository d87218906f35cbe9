import { measureAgreement } from '#contract'
import { FoveaError, implement, type Operation } from '#base'
import { countVotes, measureAlpha, measureFleiss, measurePair, type Votes } from '../agreement.ts'
import { voteMajority, weighCrowd } from '../crowd.ts'
import { readPredicted } from '../predicted.ts'
import type { Probabilities } from '../probabilities.ts'
import type { LabelDeps } from './deps.ts'
import { nameSamples, roundScore } from './save.ts'
import { readVotes, type ReadVotes } from './votes.ts'

/** Handler of `quality.agreement`. */
export function createAgreement({ catalog }: LabelDeps): Operation {
  return implement(measureAgreement, async (input, { signal }) => {
    const dataset = await catalog.resolveDataset(input.dataset)
    if (input.assumeSeen && input.of === 'classes')
      throw new FoveaError('INPUT_INVALID', 'Only of boxes can it be assumed that annotators looked at every sample.', {
        hint: 'Add --of boxes, or leave out --assume-seen: who gave a sample no class has no vote on it.',
      })
    const read = await readVotes(catalog, dataset, input, signal)
    if (read.annotators.length < 2)
      throw new FoveaError(
        'INPUT_INVALID',
        `Expected ${input.of} of at least two annotators, found ${read.annotators.join(', ') || 'none'}.`,
        {
          hint: 'Labels of one layer are told apart by their author; or name a layer for each annotator with --layers.',
        },
      )
    if (input.predictions !== undefined && input.of === 'boxes')
      throw new FoveaError('INPUT_INVALID', 'Predictions can be weighed for classes alone.', {
        hint: 'Leave out --predictions.',
      })
    const judged =
      input.predictions === undefined
        ? { read, probabilities: null }
        : await withModel(read, await readModel(input.predictions))
    const { votes, ids, annotators, classes } = judged.read
    const several = countOf(votes).filter((count) => count >= 2).length
    const found = consensusOf(votes, several === 0 ? null : judged.probabilities)
    const pairs = annotators.flatMap((a, i) =>
      annotators.slice(i + 1).flatMap((b, k) => {
        const { both, agreement, kappa } = measurePair(votes, i, i + 1 + k)
        if (both === 0) return []
        return [{ a, b, both, agreement, kappa: nullOf(kappa), iou: nullOf(judged.read.overlap(i, i + 1 + k)) }]
      }),
    )
    const worst = [...found.label.keys()]
      .filter((row) => countRow(votes, row) >= 2)
      .sort((a, b) => found.quality[a]! - found.quality[b]! || a - b)
      .slice(0, input.limit)
    const names = await nameSamples(catalog, dataset, [...new Set(worst.map((row) => ids[row]!))])
    const data = Float64Array.from(votes.data, (vote) => (vote < 0 ? Number.NaN : vote))
    return {
      of: input.of,
      method: judged.probabilities !== null && several > 0 ? 'CROWDLAB' : 'majority of votes',
      samples: new Set(ids).size,
      compared: several,
      annotators: annotators.map((name, a) => ({
        name,
        seen: judged.read.seen[a]!,
        votes: votes.data.reduce((sum, vote, at) => sum + (at % annotators.length === a && vote >= 0 ? 1 : 0), 0),
        agreement: nullOf(found.annotatorAgreement[a]!),
        quality: nullOf(found.annotatorQuality[a]!),
      })),
      pairs,
      kappa: nullOf(measureFleiss(votes)),
      alpha: nullOf(measureAlpha({ samples: votes.samples, annotators: votes.annotators, data }, 'nominal')),
      worst: worst.map((row) => ({
        ...names.get(ids[row]!)!,
        votes: annotators.flatMap((annotator, a) => {
          const vote = votes.data[row * annotators.length + a]!
          return vote < 0 ? [] : [{ annotator, class: classes[vote]! }]
        }),
        consensus: classes[found.label[row]!]!,
        quality: roundScore(found.quality[row]!),
      })),
    }

    async function readModel(layer: string): ReturnType<typeof readPredicted> {
      // Which class counts as given does not matter for reading.
      const classOf = new Int32Array(read.ids.length)
      return readPredicted(catalog, dataset, layer, { ids: read.ids, classes: read.classes, classOf })
    }
  })
}

/** Only the samples that the model judged, with all its classes. */
async function withModel(
  read: ReadVotes,
  { kept, classes, probabilities }: Awaited<ReturnType<typeof readPredicted>>,
): Promise<{ read: ReadVotes; probabilities: Probabilities }> {
  const width = read.annotators.length
  const data = new Int32Array(kept.length * width)
  kept.forEach((place, row) => data.set(read.votes.data.subarray(place * width, (place + 1) * width), row * width))
  return {
    read: {
      ...read,
      classes,
      ids: Array.from(kept, (place) => read.ids[place]!),
      votes: { samples: kept.length, annotators: width, classes: probabilities.columns, data },
    },
    probabilities,
  }
}

interface Found {
  label: Int32Array
  quality: Float64Array
  annotatorAgreement: Float64Array
  annotatorQuality: Float64Array
}

/** By CROWDLAB where there is a model, else by votes: quality is the share of the votes that are for the consensus. */
function consensusOf(votes: Votes, probabilities: Probabilities | null): Found {
  if (probabilities !== null) return weighCrowd(votes, probabilities)
  const label = voteMajority(votes, null)
  const counts = countVotes(votes)
  const quality = Float64Array.from(label, (k, row) => counts[row * votes.classes + k]! / countRow(votes, row))
  const annotatorAgreement = Float64Array.from({ length: votes.annotators }, (_, a) => {
    let same = 0
    let count = 0
    label.forEach((k, row) => {
      const vote = votes.data[row * votes.annotators + a]!
      if (vote < 0 || countRow(votes, row) < 2) return
      count++
      if (vote === k) same++
    })
    return same / count
  })
  return { label, quality, annotatorAgreement, annotatorQuality: new Float64Array(votes.annotators).fill(Number.NaN) }
}

function countOf(votes: Votes): number[] {
  return Array.from({ length: votes.samples }, (_, row) => countRow(votes, row))
}

function countRow({ annotators, data }: Votes, row: number): number {
  let count = 0
  for (let at = row * annotators; at < (row + 1) * annotators; at++) if (data[at]! >= 0) count++
  return count
}

const nullOf = (value: number): number | null => (Number.isFinite(value) ? roundScore(value) : null)
