import { describe, expect, it } from 'vitest'
import { measureAlpha, measureFleiss, measurePair, type Votes } from './agreement.ts'
import { voteMajority, weighCrowd } from './crowd.ts'
import golden from './golden.json' with { type: 'json' }
import { makeModelOfVotes } from './testing.ts'

const near = (found: ArrayLike<number>, wanted: readonly number[]): void =>
  wanted.forEach((one, i) => expect(found[i]).toBeCloseTo(one, 6))

describe.each(golden.crowd)('annotators like those of cleanlab $problem', (wanted) => {
  const { samples, annotators, classes } = wanted.problem
  const votes: Votes = { samples, annotators, classes, data: Int32Array.from(wanted.votes) }
  const probabilities = makeModelOfVotes(wanted.problem)

  it('have its consensus, quality and weights', () => {
    expect(Array.from(voteMajority(votes, probabilities))).toEqual(wanted.majority)
    const found = weighCrowd(votes, probabilities)
    expect(Array.from(found.label)).toEqual(wanted.label)
    near(found.quality, wanted.quality)
    near(found.agreement, wanted.agreement)
    near(found.annotatorQuality, wanted.annotators)
    near(found.weights.annotators, wanted.weights)
    expect(found.weights.model).toBeCloseTo(wanted.model, 6)
  })

  it("have the κ of scikit-learn and statsmodels, and Krippendorff's α", () => {
    for (const { a, b, both, kappa } of wanted.pairs) {
      const pair = measurePair(votes, a, b)
      expect(pair.both).toBe(both)
      if (kappa !== null) expect(pair.kappa).toBeCloseTo(kappa, 7)
    }
    if (wanted.fleiss === null) expect(measureFleiss(votes)).toBeNaN()
    else expect(measureFleiss(votes)).toBeCloseTo(wanted.fleiss, 7)
    const data = wanted.votes.map((vote) => (vote < 0 ? Number.NaN : vote))
    for (const level of ['nominal', 'interval'] as const)
      expect(measureAlpha({ samples, annotators, data }, level)).toBeCloseTo(wanted.alpha[level], 7)
  })
})

describe('agreement that cannot be told', () => {
  it('is no number', () => {
    const one: Votes = { samples: 2, annotators: 2, classes: 2, data: Int32Array.from([0, 0, 0, 0]) }
    expect(measurePair(one, 0, 1)).toMatchObject({ agreement: 1, kappa: Number.NaN })
    expect(measureFleiss(one)).toBeNaN()
    expect(measureAlpha({ samples: 2, annotators: 2, data: [0, 0, 0, 0] }, 'nominal')).toBeNaN()
    const apart: Votes = { samples: 2, annotators: 2, classes: 2, data: Int32Array.from([0, -1, -1, 1]) }
    expect(measurePair(apart, 0, 1).agreement).toBeNaN()
    expect(measureFleiss(apart)).toBeNaN()
  })
})
