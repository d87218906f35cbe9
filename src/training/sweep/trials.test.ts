import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { drawTrials, listGrid, planRungs, usualDirection, usualMetric } from './trials.ts'

describe('a grid', () => {
  it('has every combination, the last parameter changing fastest', () => {
    expect(listGrid({ a: [1, 2], b: ['x', 'y'] }, 4)).toEqual([
      { a: 1, b: 'x' },
      { a: 1, b: 'y' },
      { a: 2, b: 'x' },
      { a: 2, b: 'y' },
    ])
  })

  it('is refused with bounds, and when it is larger than was allowed', () => {
    const bounds = { low: 0, high: 1, log: false, whole: false }
    expect(() => listGrid({ a: bounds }, 9)).toThrow(/a has bounds/)
    expect(() => listGrid({ a: [1, 2], b: [1, 2] }, 3)).toThrow(/4 combinations/)
  })
})

describe('random sets', () => {
  const space = {
    rate: { low: 1e-5, high: 1e-1, log: true, whole: false },
    units: { low: 3, high: 6, log: false, whole: true },
    kind: ['a', 'b'],
  }

  it('lie within their bounds, are none twice, and the same for the same seed', () => {
    fc.assert(
      fc.property(fc.nat(1000), fc.integer({ min: 1, max: 40 }), (seed, count) => {
        const trials = drawTrials(space, count, seed)
        expect(trials).toHaveLength(count)
        expect(new Set(trials.map((trial) => JSON.stringify(trial))).size).toBe(count)
        for (const { rate, units, kind } of trials) {
          expect(rate).toBeGreaterThanOrEqual(1e-5)
          expect(rate).toBeLessThanOrEqual(1e-1)
          expect([3, 4, 5, 6]).toContain(units)
          expect(['a', 'b']).toContain(kind)
        }
        expect(drawTrials(space, count, seed)).toEqual(trials)
      }),
      { numRuns: 30 },
    )
    expect(drawTrials(space, 5, 1)).not.toEqual(drawTrials(space, 5, 2))
  })

  it('are even in the logarithm where that is asked for', () => {
    const low = drawTrials(space, 400, 7).filter(({ rate }) => (rate as number) < 1e-3).length
    // Half of the four powers of ten; three standard deviations of a fair coin are 30.
    expect(Math.abs(low - 200)).toBeLessThan(30)
  })

  it('are fewer where lists have no more', () => {
    expect(drawTrials({ kind: ['a', 'b'], on: [true, false] }, 50, 0)).toHaveLength(4)
  })
})

describe('successive halving', () => {
  it('keeps a third and gives three times the epochs, until the last round has them all', () => {
    expect(planRungs(9, 27)).toEqual([
      { trials: 9, epochs: 3 },
      { trials: 3, epochs: 9 },
      { trials: 1, epochs: 27 },
    ])
    expect(planRungs(2, 100)).toEqual([{ trials: 2, epochs: 100 }])
    expect(planRungs(100, 2)).toEqual([{ trials: 100, epochs: 2 }])
  })

  it('never grows in trials or shrinks in epochs, and always ends with all epochs', () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 500 }), fc.integer({ min: 1, max: 500 }), (trials, epochs) => {
        const rungs = planRungs(trials, epochs)
        expect(rungs[0]!.trials).toBe(trials)
        expect(rungs.at(-1)!.epochs).toBe(epochs)
        for (let i = 1; i < rungs.length; i++) {
          expect(rungs[i]!.trials).toBeLessThan(rungs[i - 1]!.trials)
          expect(rungs[i]!.epochs).toBeGreaterThan(rungs[i - 1]!.epochs)
        }
      }),
    )
  })
})

it('errors, losses and times are better when they are less', () => {
  for (const metric of [
    'loss',
    'trainLoss',
    'val_loss',
    'mae',
    'rmse',
    'calibrationError',
    'falseAlarms',
    'valid/loss',
  ])
    expect([metric, usualDirection(metric)]).toEqual([metric, 'min'])
  for (const metric of ['accuracy', 'macroF1', 'auroc', 'dice', 'r2', 'blossom', 'maeander'])
    expect([metric, usualDirection(metric)]).toEqual([metric, 'max'])
  expect(Object.values(usualMetric).map(usualDirection)).toEqual(['max', 'max', 'min', 'max', 'max'])
})
