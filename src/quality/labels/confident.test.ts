import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import golden from './golden.json' with { type: 'json' }
import { flagLikely } from './auto.ts'
import { checkProbabilities } from './probabilities.ts'
import { learnConfidently, pruneMethods } from './prune.ts'
import { scoreGiven, suggestOthers, type QualityMeasure } from './quality.ts'
import { makeNoisy } from './testing.ts'
import { roundKeepingSum } from './joint.ts'

describe.each(golden.classification)('labels like those of cleanlab $problem', (case1) => {
  const { probabilities, given } = makeNoisy(case1.problem)
  const learned = learnConfidently(probabilities, given)

  it('has its thresholds and joint counts', () => {
    case1.thresholds.forEach((one, k) => expect(learned.thresholds[k]).toBeCloseTo(one, 8))
    expect(Array.from(learned.joint)).toEqual(case1.joint)
    expect(Array.from(learned.calibrated)).toEqual(case1.calibrated)
  })

  it.each(pruneMethods)('flags by %s what it flags', (method) => {
    expect(listFlagged(learned.flag(method))).toEqual(case1.flagged[method])
  })

  it('scores as it does', () => {
    for (const [measure, worst] of Object.entries(case1.worst)) {
      const scores = scoreGiven(probabilities, given, measure as QualityMeasure)
      worst.forEach((score, row) => expect(scores[row]).toBeCloseTo(score, 8))
    }
  })
})

const problems = fc.record({
  rows: fc.integer({ min: 1, max: 120 }),
  classes: fc.integer({ min: 2, max: 9 }),
  seed: fc.nat(10_000),
  noise: fc.double({ min: 0, max: 1, noNaN: true }),
  sureness: fc.double({ min: 0, max: 3, noNaN: true }),
})

describe('confident learning', () => {
  it('keeps the examples of each class in the calibrated joint, and a one of each class unflagged', () => {
    fc.assert(
      fc.property(problems, (problem) => {
        const { probabilities, given } = makeNoisy(problem)
        const learned = learnConfidently(probabilities, given)
        for (let k = 0; k < problem.classes; k++) {
          const row = learned.calibrated.subarray(k * problem.classes, (k + 1) * problem.classes)
          expect(row.reduce((sum, one) => sum + one, 0)).toBe(given.filter((one) => one === k).length)
        }
        const flags = learned.flag('class')
        for (const k of new Set(given)) expect(given.some((one, row) => one === k && flags[row] === 0)).toBe(true)
      }),
    )
  })

  it('flags nothing of what the model agrees with, and suggests another class than the given', () => {
    fc.assert(
      fc.property(problems, fc.constantFrom(...pruneMethods), (problem, method) => {
        const { probabilities, given } = makeNoisy(problem)
        const others = suggestOthers(probabilities, given)
        const flags = learnConfidently(probabilities, given).flag(method)
        flags.forEach((flag, row) => {
          const own = probabilities.data[row * problem.classes + given[row]!]!
          const other = probabilities.data[row * problem.classes + others[row]!]!
          expect(others[row]).not.toBe(given[row])
          if (flag === 1 && !method.startsWith('low-')) expect(other).toBeGreaterThan(own)
        })
      }),
    )
  })

  it('finds most of 5 % flipped labels where the model is good', () => {
    const { probabilities, given, truth } = makeNoisy({ rows: 5000, classes: 10, seed: 5, noise: 0.05, sureness: 3 })
    const flagged = listFlagged(learnConfidently(probabilities, given).flag('noise-rate'))
    const right = flagged.filter((row) => given[row] !== truth[row]).length
    expect(right / flagged.length).toBeGreaterThan(0.7)
  })

  it('takes 50 000 × 10 in a moment', () => {
    const { probabilities, given } = makeNoisy({ rows: 50_000, classes: 10, seed: 3, noise: 0.05, sureness: 2 })
    const start = performance.now()
    checkProbabilities(probabilities, given)
    const flags = learnConfidently(probabilities, given).flag('noise-rate')
    scoreGiven(probabilities, given, 'self-confidence')
    // 0.1 s on a machine of its own; benches/labels.bench.ts measures.
    expect(performance.now() - start).toBeLessThan(1000)
    expect(listFlagged(flags).length).toBeGreaterThan(1000)
  })

  it('rounds without changing the sum', () => {
    fc.assert(
      fc.property(fc.array(fc.double({ min: 0, max: 50, noNaN: true }), { minLength: 1, maxLength: 12 }), (values) => {
        const rounded = roundKeepingSum(Float64Array.from(values))
        const total = rounded.reduce((sum, one) => sum + one, 0)
        expect(Math.abs(total - values.reduce((sum, one) => sum + one, 0))).toBeLessThanOrEqual(0.5 + 1e-9)
      }),
    )
  })
})

describe('the likely errors', () => {
  const flag = (noise: number, sureness: number): { hits: number; flagged: number; wrong: number } => {
    const { probabilities, given, truth } = makeNoisy({ rows: 4000, classes: 10, seed: 17, noise, sureness })
    const { flags } = flagLikely(probabilities, given, learnConfidently(probabilities, given))
    const flagged = listFlagged(flags)
    return {
      flagged: flagged.length,
      hits: flagged.filter((row) => given[row] !== truth[row]).length,
      wrong: given.filter((k, row) => k !== truth[row]).length,
    }
  }

  it('are about as many as there are, though the model errs more often', () => {
    const { flagged, hits, wrong } = flag(0.05, 3)
    expect(flagged / wrong).toBeGreaterThan(0.7)
    expect(flagged / wrong).toBeLessThan(1.5)
    expect(hits / flagged).toBeGreaterThan(0.6)
  })

  it('are few where labels are right', () => {
    expect(flag(0, 1.5).flagged).toBeLessThan(0.01 * 4000)
  })
})

describe('probabilities that are none', () => {
  const check = (data: number[], columns: number, given: number[]): void =>
    checkProbabilities({ rows: data.length / columns, columns, data: Float64Array.from(data) }, given)

  it.each([
    ['a sum of 0.9', [0.5, 0.5, 0.4, 0.5], [0, 1], 'row 1'],
    ['a negative number', [1.1, -0.1, 0.5, 0.5], [0, 1], 'row 0'],
    ['no number', [0.5, 0.5, Number.NaN, 1], [0, 1], 'row 1'],
    ['a class without a column', [0.5, 0.5, 0.5, 0.5], [0, 2], 'row 1'],
  ])('refuses %s and names the row', (_, data, given, row) => {
    expect(() => check(data, 2, given)).toThrow(expect.objectContaining({ code: 'PROBABILITIES_INVALID' }))
    expect(() => check(data, 2, given)).toThrow(row)
  })

  it('refuses a single class, and counts that do not fit', () => {
    expect(() => check([1, 1], 1, [0, 0])).toThrow('at least 2 classes')
    expect(() => check([0.5, 0.5], 2, [0, 1])).toThrow('1 given classes')
  })
})

function listFlagged(flags: Uint8Array): number[] {
  return [...flags.keys()].filter((row) => flags[row] === 1)
}
