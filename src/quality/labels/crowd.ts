import { countVotes, type Votes } from './agreement.ts'
import type { Probabilities } from './probabilities.ts'

/** As cleanlab clips. */
const least = 1e-6

export interface Consensus {
  /** Class of each sample. */
  label: Int32Array
  /** How likely it is right, 0 to 1. */
  quality: Float64Array
  /** Share of the votes that are for it. */
  agreement: Float64Array
  /** Of each annotator; NaN where nothing can be said. */
  annotatorQuality: Float64Array
  annotatorAgreement: Float64Array
  weights: { model: number; annotators: Float64Array }
}

/**
 * The class with most votes. Ties go to the most probable (where a model is given), then to the class that is rarer over all votes, then to those whose
 * annotators agree more with the untied, then to the first (cleanlab draws it).
 */
export function voteMajority(votes: Votes, probabilities: Probabilities | null): Int32Array {
  const { samples, annotators, classes, data } = votes
  const counts = countVotes(votes)
  const totals = new Float64Array(classes)
  counts.forEach((count, at) => (totals[at % classes]! += count))
  const label = new Int32Array(samples).fill(-1)
  const tied: { s: number; among: number[] }[] = []
  for (let s = 0; s < samples; s++) {
    const among = bestOf(listClasses(classes), (k) => counts[s * classes + k]!)
    if (among.length > 1) {
      tied.push({ s, among })
      continue
    }
    label[s] = among[0]!
  }
  const untied = label.slice()
  const trust = agreementWith(votes, untied)
  for (const { s, among } of tied) {
    let left = among
    if (probabilities !== null) left = bestOf(left, (k) => probabilities.data[s * classes + k]!)
    if (left.length > 1) left = bestOf(left, (k) => -totals[k]!)
    if (left.length > 1)
      left = bestOf(left, (k) => {
        const own: number[] = []
        for (let a = 0; a < annotators; a++) if (data[s * annotators + a] === k) own.push(trust[a]!)
        return meanOf(own)
      })
    label[s] = left[0]!
  }
  return label
}

/**
 * CROWDLAB (Goh, Tkachenko & Mueller 2022) as cleanlab's multiannotator has it: what votes and a model say together, [samples × classes], each weighted by how
 * far it can be trusted; the best class of that as consensus; and how good annotators are. Every sample needs a vote, some need two.
 */
export function weighCrowd(votes: Votes, probabilities: Probabilities): Consensus {
  const majority = voteMajority(votes, probabilities)
  const first = combine(votes, probabilities, majority)
  const { samples, annotators, classes, data } = votes
  const label = majority.map((k, s) => {
    const best = bestOf(listClasses(classes), (c) => first.posterior[s * classes + c]!)
    return best.length === 1 ? best[0]! : k
  })
  const { posterior, agreement, model, weights, voteCounts } = combine(votes, probabilities, label)
  const severally = keepSamples(votes, label, (s) => voteCounts[s] !== 1)
  const annotatorAgreement = agreementWithout(severally.votes, severally.label)
  const perSample = meanOf([...voteCounts]) / annotators
  const share = model / (model + weights.reduce((sum, one) => sum + one, 0) * perSample)
  const annotatorQuality = Float64Array.from({ length: annotators }, (_, a) => {
    const own: number[] = []
    for (let s = 0; s < samples; s++) {
      const k = data[s * annotators + a]!
      if (k >= 0) own.push(posterior[s * classes + k]!)
    }
    return share * meanOf(own) + (1 - share) * annotatorAgreement[a]!
  })
  return {
    label,
    quality: Float64Array.from(label, (k, s) => posterior[s * classes + k]!),
    agreement,
    annotatorQuality,
    annotatorAgreement,
    weights: { model, annotators: weights },
  }
}

function combine(votes: Votes, probabilities: Probabilities, label: Int32Array) {
  const { samples, annotators, classes, data } = votes
  const counts = countVotes(votes)
  const voteCounts = new Int32Array(samples)
  counts.forEach((count, at) => (voteCounts[Math.floor(at / classes)]! += count))
  const agreement = Float64Array.from(label, (k, s) => counts[s * classes + k]! / voteCounts[s]!)
  const several = [...label.keys()].filter((s) => voteCounts[s] !== 1)
  const right = meanOf(several.map((s) => agreement[s]!))
  const wrong = (1 - right) / (classes - 1)
  const frequency = new Int32Array(classes)
  for (const s of several) frequency[label[s]!]!++
  const commonest = frequency.indexOf(Math.max(...frequency))
  const baseline = Math.max(least, meanOf(several.map((s) => (label[s] === commonest ? 0 : 1))))
  const weights = agreementAmong(votes, voteCounts).map((one) => Math.max(least, 1 - (1 - one) / baseline))
  const modelError = meanOf(several.map((s) => (mostProbable(probabilities, s) === label[s] ? 0 : 1)))
  const model = Math.max(least, 1 - modelError / baseline) * Math.sqrt(meanOf([...voteCounts]))
  const posterior = new Float64Array(samples * classes)
  for (let s = 0; s < samples; s++) {
    let total = model
    for (let a = 0; a < annotators; a++) if (data[s * annotators + a]! >= 0) total += weights[a]!
    for (let k = 0; k < classes; k++) {
      let sum = probabilities.data[s * classes + k]! * model
      for (let a = 0; a < annotators; a++) {
        const vote = data[s * annotators + a]!
        if (vote >= 0) sum += weights[a]! * (vote === k ? right : wrong)
      }
      posterior[s * classes + k] = sum / total
    }
  }
  return { posterior, agreement, model, weights, voteCounts }
}

/** How far each annotator agrees with the others where they voted too, weighted by how many did; the mean of the rest for those alone. */
function agreementAmong({ samples, annotators, data }: Votes, voteCounts: Int32Array): Float64Array {
  const found = Float64Array.from({ length: annotators }, (_, a) => {
    let same = 0
    let others = 0
    for (let s = 0; s < samples; s++) {
      const own = data[s * annotators + a]!
      if (own < 0) continue
      others += voteCounts[s]! - 1
      for (let b = 0; b < annotators; b++) if (b !== a && data[s * annotators + b] === own) same++
    }
    return others === 0 ? Number.NaN : same / others
  })
  return fillGaps(found)
}

/** Share of the votes of each annotator that are the label; NaN without any. */
function agreementWithout({ samples, annotators, data }: Votes, label: Int32Array): Float64Array {
  return Float64Array.from({ length: annotators }, (_, a) => {
    let same = 0
    let count = 0
    for (let s = 0; s < samples; s++) {
      const own = data[s * annotators + a]!
      if (own < 0 || label[s]! < 0) continue
      count++
      if (own === label[s]) same++
    }
    return count === 0 ? Number.NaN : same / count
  })
}

const agreementWith = (votes: Votes, label: Int32Array): Float64Array => fillGaps(agreementWithout(votes, label))

function fillGaps(values: Float64Array): Float64Array {
  const mean = meanOf([...values].filter((one) => !Number.isNaN(one)))
  return values.map((one) => (Number.isNaN(one) ? mean : one))
}

function keepSamples(
  votes: Votes,
  label: Int32Array,
  keep: (sample: number) => boolean,
): { votes: Votes; label: Int32Array } {
  const kept = [...label.keys()].filter(keep)
  const data = Int32Array.from(
    kept.flatMap((s) => [...votes.data.subarray(s * votes.annotators, (s + 1) * votes.annotators)]),
  )
  return { votes: { ...votes, samples: kept.length, data }, label: Int32Array.from(kept, (s) => label[s]!) }
}

function mostProbable({ columns, data }: Probabilities, row: number): number {
  let best = 0
  for (let k = 1; k < columns; k++) if (data[row * columns + k]! > data[row * columns + best]!) best = k
  return best
}

/** Those with the highest value. */
function bestOf(among: readonly number[], value: (k: number) => number): number[] {
  const values = among.map(value)
  const most = Math.max(...values)
  return among.filter((_, i) => values[i] === most)
}

function listClasses(classes: number): number[] {
  return Array.from({ length: classes }, (_, k) => k)
}

/** NaN for none. */
function meanOf(values: readonly number[]): number {
  return values.reduce((sum, one) => sum + one, 0) / values.length
}
