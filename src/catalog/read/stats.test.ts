import { afterEach, beforeEach, expect, it } from 'vitest'
import { facts, newSample, openScratch, type Scratch } from '../testing.ts'
import type { DatasetRef } from '../types.ts'

let scratch: Scratch
let dataset: DatasetRef
beforeEach(async () => {
  scratch = await openScratch()
  dataset = await scratch.catalog.ensureDataset('set', 'ann')
  const change = scratch.catalog.openChange({ actor: 'ann', operation: 'test', dataset })
  const brightness = [0, 0.25, 0.5, 1, Number.NaN, Number.POSITIVE_INFINITY]
  await change.step((step) =>
    step.addSamples(
      brightness.map((value, i) => newSample(i, { facts: { ...facts, brightness: value, width: 100 + i } })),
      'truth',
    ),
  )
  await change.close('test')
})
afterEach(() => scratch.close())

it('bins numbers from the lowest to the highest, and takes NaN and infinity for missing', async () => {
  const request = { selection: { query: '' }, by: ['brightness', 'contrast', 'width', 'split'], bins: 4, top: 3 }
  const { count, fields } = await scratch.catalog.stats(dataset, request)
  expect(count).toBe(6)
  const [brightness, contrast, width, split] = fields
  expect(brightness).toMatchObject({ kind: 'histogram', count: 4, missing: 2, min: 0, max: 1, mean: 0.4375 })
  expect(brightness?.kind === 'histogram' && brightness.bins.map((bin) => bin.count)).toEqual([1, 1, 1, 1])
  expect(contrast).toMatchObject({ min: 0.2, max: 0.2, bins: [{ from: 0.2, to: 0.2, count: 6 }] })
  expect(width).toMatchObject({ kind: 'counts', distinct: 6, values: [{ value: 100, count: 1 }, {}, {}] })
  expect(split).toMatchObject({ kind: 'counts', count: 0, missing: 6, values: [] })
})

it('answers nothing found with empty histograms', async () => {
  const { count, fields } = await scratch.catalog.stats(dataset, {
    selection: { query: 'width > 1000' },
    by: ['brightness'],
    bins: 4,
    top: 3,
  })
  expect(count).toBe(0)
  expect(fields[0]).toMatchObject({ kind: 'histogram', count: 0, missing: 0, min: null, max: null, bins: [] })
})
