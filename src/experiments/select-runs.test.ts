import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { listRuns } from '#contract'
import { compareRuns, isLowerBetter } from './compare.ts'
import { pickRun, selectRuns } from './select-runs.ts'
import { makeRun } from './testing.ts'
import { thinCurve } from './thin.ts'

const filter = (given: object): Parameters<typeof selectRuns>[1] => listRuns.input.parse(given)
const runs = [
  makeRun({ id: 'run_cccccccccccc', name: 'Tiles wide', metrics: { dice: 0.8, loss: 0.2 }, params: { rate: 0.1 } }),
  makeRun({ id: 'run_cccbbbbbbbbb', name: 'tiles', kind: 'evaluate', metrics: { dice: 0.7 }, model: 'tiles:2' }),
  makeRun({ id: 'run_aaaaaaaaaaaa', name: 'old', metrics: { loss: 0.1 }, params: { rate: 0.1, seed: 3 } }),
]
const ids = (given: object): string[] =>
  selectRuns(runs, filter(given)).map((run) => run.id.slice(4, 7) + run.id.at(-1))

describe('choosing runs', () => {
  it.each<[object, string[]]>([
    [{}, ['cccc', 'cccb', 'aaaa']],
    [{ kind: 'evaluate' }, ['cccb']],
    [{ name: 'TILES' }, ['cccc', 'cccb']],
    [{ model: 'tiles' }, ['cccb']],
    [{ model: 'tiles:2' }, ['cccb']],
    [{ model: 'tile' }, []],
    [{ where: ['dice >= 0.75'] }, ['cccc']],
    [{ where: ['dice<0.75'] }, ['cccb']],
    [{ where: ['dice > 0', 'loss<=.2'] }, ['cccc']],
    [{ where: ['loss = 1e-1'] }, ['aaaa']],
    [{ order: 'loss' }, ['cccc', 'aaaa', 'cccb']],
    [{ order: 'loss', ascending: true }, ['aaaa', 'cccc', 'cccb']],
    [{ order: 'name', ascending: true }, ['cccc', 'aaaa', 'cccb']],
  ])('%j', (given, expected) => {
    expect(ids(given)).toEqual(expected)
  })

  it('refuses what is no bound', () => {
    expect(() => filter({ where: ['dice'] })).toThrow(/dice >= 0.7/)
  })

  it('takes an id, the beginning of one, or last', () => {
    expect(pickRun(runs, 'last')).toBe(runs[0])
    expect(pickRun(runs, 'run_aaaaaaaaaaaa')).toBe(runs[2])
    expect(pickRun(runs, 'run_cccb')).toBe(runs[1])
    expect(pickRun(runs, 'aaa')).toBe(runs[2])
    expect(pickRun(runs, 'aa')).toBeUndefined()
    expect(pickRun(runs, 'zzzz')).toBeUndefined()
    expect(() => pickRun(runs, 'ccc')).toThrow(/2 runs begin with/)
  })
})

describe('comparing runs', () => {
  it('shows parameters that differ, and marks the best of each metric', () => {
    const { params, metrics } = compareRuns(runs, { all: false, lower: [] })
    expect(params).toEqual([
      { name: 'rate', values: [0.1, null, 0.1], differs: true },
      { name: 'seed', values: [null, null, 3], differs: true },
    ])
    expect(metrics).toEqual([
      { name: 'dice', values: [0.8, 0.7, null], better: 'higher', best: [0] },
      { name: 'loss', values: [0.2, null, 0.1], better: 'lower', best: [2] },
    ])
  })

  it('leaves out what is the same, unless all is asked for', () => {
    const twice = [runs[0]!, runs[0]!]
    expect(compareRuns(twice, { all: false, lower: [] })).toMatchObject({ params: [], facts: [] })
    const all = compareRuns(twice, { all: true, lower: ['dice'] })
    expect(all.params).toEqual([{ name: 'rate', values: [0.1, 0.1], differs: false }])
    expect(all.metrics[0]).toMatchObject({ name: 'dice', better: 'lower', best: [0, 1] })
  })

  it.each([
    ['loss', true],
    ['val_loss', true],
    ['calibrationError', true],
    ['latency.p50', true],
    ['rmse', true],
    ['dice', false],
    ['losses_avoided', false],
    ['terror', false],
  ])('of %s less is better: %s', (name, expected) => {
    expect(isLowerBetter(name)).toBe(expected)
  })
})

describe('thinning a curve', () => {
  const curves = fc.array(fc.double({ noNaN: true, min: -1e6, max: 1e6 }), { minLength: 1, maxLength: 400 })

  it('keeps ends, lowest and highest value, order and bound', () => {
    fc.assert(
      fc.property(curves, fc.integer({ min: 2, max: 100 }), (list, most) => {
        const values = Float64Array.from(list)
        const kept = thinCurve({ values }, most)
        expect(kept.length).toBeLessThanOrEqual(Math.max(most, 1))
        expect(kept).toEqual([...new Set(kept)].toSorted((a, b) => a - b))
        expect(kept[0]).toBe(0)
        expect(kept.at(-1)).toBe(values.length - 1)
        if (most >= 4) {
          const thin = kept.map((i) => values[i]!)
          expect(Math.min(...thin)).toBe(Math.min(...list))
          expect(Math.max(...thin)).toBe(Math.max(...list))
        }
        if (values.length <= most) expect(kept).toHaveLength(values.length)
      }),
    )
  })
})
