import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { openBench, type CheckBench } from './testing.ts'
import { measureAuc, tellApart } from './statistics/classifier.ts'
import { measureCramersV, measureKs } from './statistics/distances.ts'

interface Golden {
  tools: Record<string, string>
  pictures: {
    width: number
    height: number
    brightness_p99: number
    brightness_p5: number
    mode: 'gray' | 'rgb'
    entropy: number
    blur_score: number
    grayscale: boolean
    flags: string[]
  }[]
  ks: { a: number[]; b: number[]; statistic: number }[]
  cramer: { table: number[][]; v: number }[]
  apart: { a: number[][]; b: number[][]; auc: number }[]
  auc: { scores: number[]; target: number[]; auc: number }
  fences: { values: number[]; flagged: number[] }[]
}

// Made by scripts/golden/checks.py, which names the tools and how it draws.
const golden = JSON.parse(readFileSync(new URL('golden.json', import.meta.url), 'utf8')) as Golden
const { cleanvision, scipy, deepchecks } = golden.tools

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench()
})
afterAll(() => bench.close())

describe(`flags of cleanvision ${cleanvision}`, () => {
  let ids: number[]
  beforeAll(async () => {
    ids = await bench.add(golden.pictures.map(({ flags: _, ...facts }) => ({ facts })))
  })

  // Its entropy is that of three histograms and ours of the grey one, so where colours cancel in grey the two may differ.
  test.each([
    ['dark', 'dark', 1],
    ['light', 'light', 1],
    ['odd-aspect', 'odd-aspect-ratio', 1],
    ['odd-size', 'odd-size', 1],
    ['blurry', 'blurry', 1],
    ['grayscale', 'grayscale', 1],
    ['low-information', 'low-information', 0.97],
  ])('%s', async (name, flag, agreement) => {
    const seen = await bench.look(name)
    const found = new Set(await bench.catalog.idsOf(bench.dataset, { query: seen.query! }))
    const same = golden.pictures.filter(({ flags }, i) => flags.includes(flag) === found.has(ids[i]!)).length
    expect(golden.pictures.some(({ flags }) => flags.includes(flag))).toBe(true)
    expect(same / golden.pictures.length).toBeGreaterThanOrEqual(agreement)
  })
})

test.each(golden.ks)(`Kolmogorov-Smirnov statistic of scipy ${scipy}: $statistic`, ({ a, b, statistic }) => {
  expect(Math.abs(measureKs(Float64Array.from(a), Float64Array.from(b)) - statistic)).toBeLessThan(1e-9)
})

test.each(golden.cramer)(`Cramér’s V of scipy ${scipy}: $v`, ({ table, v }) => {
  expect(Math.abs(measureCramersV(table) - v)).toBeLessThan(1e-9)
})

test('area under the curve of scikit-learn, with ties', () => {
  const { scores, target, auc } = golden.auc
  expect(Math.abs(measureAuc(scores, target) - auc)).toBeLessThan(1e-9)
})

test.each(golden.apart)(
  'the domain classifier tells apart as well as scikit-learn’s: AUC $auc',
  async ({ a, b, auc }) => {
    const columns = (rows: number[][]): Float64Array[] => rows.map((row) => Float64Array.from(row))
    const found = await tellApart(columns(a), columns(b), 5, new AbortController().signal)
    // Both draw their folds by chance; what they find must not depend on it.
    if (auc > 0.6) expect(Math.abs(found.auc - auc)).toBeLessThan(0.02)
    else expect(2 * found.auc - 1).toBeLessThan(0.1)
  },
)

test.each(golden.fences)(`outliers of deepchecks ${deepchecks}: $flagged`, async ({ values, flagged }) => {
  await bench.begin()
  const ids = await bench.add(values.map((contrast) => ({ facts: { contrast } })))
  const seen = await bench.look('property-outliers', { fields: ['contrast'] })
  const found = seen.query === null ? [] : await bench.catalog.idsOf(bench.dataset, { query: seen.query })
  expect(found.toSorted((a, b) => a - b)).toEqual(flagged.map((i) => ids[i]))
})
