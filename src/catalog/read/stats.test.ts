import { afterEach, beforeEach, expect, it } from 'vitest'
import { boxLabel, facts, newSample, openScratch, type Scratch } from '../testing.ts'
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

it.each([3, 80])('counts samples by each of %i classes they have', async (classes) => {
  const name = (i: number): string => `c${String(i % classes).padStart(2, '0')}`
  const change = scratch.catalog.openChange({ actor: 'ann', operation: 'test', dataset })
  await change.step((step) => step.ensureClasses(Array.from({ length: classes }, (_, i) => ({ name: name(i) }))))
  await change.step(async (step) => {
    const numbers = [6, 7, 8]
    const ids = await step.addSamples(
      numbers.map((i) => newSample(i, { facts: { ...facts, width: 200 + i } })),
      'truth',
    )
    // The first class twice, so that repeated labels show.
    const labelsOf = (i: number) => [name(0), name(0), name(i), name(classes - 1)].map((label) => boxLabel(label))
    await step.replaceLabels(
      'truth',
      ids.map((id, i) => ({ id, labels: labelsOf(numbers[i]!), digest: `l${id}` })),
    )
  })
  await change.close('test')
  const countBy = async (query: string) =>
    (await scratch.catalog.stats(dataset, { selection: { query }, by: ['class', 'kind'], bins: 4, top: 2 })).fields
  expect((await countBy(''))[0]).toMatchObject({
    count: 3,
    missing: 6,
    distinct: classes === 3 ? 3 : 5,
    values: [
      { value: 'c00', count: 3 },
      { value: name(classes - 1), count: 3 },
    ],
  })
  expect(await countBy('width >= 207')).toMatchObject([
    {
      count: 2,
      missing: 0,
      values: [
        { value: 'c00', count: 2 },
        { value: name(classes - 1), count: 2 },
      ],
    },
    { count: 2, missing: 0, values: [{ value: 'box', count: 2 }] },
  ])
  expect((await countBy('width > 1000'))[0]).toMatchObject({ count: 0, missing: 0, distinct: 0, values: [] })
})

it('follows every change, and what was taken back', async () => {
  const request = { selection: { query: 'width >= 102' }, by: ['tag', 'split', 'id', 'grayscale'], bins: 4, top: 9 }
  const read = async () => (await scratch.catalog.stats(dataset, request)).fields
  expect((await read())[0]).toMatchObject({ count: 0, missing: 4 })
  const change = scratch.catalog.openChange({ actor: 'ann', operation: 'test', dataset })
  await change.step((step) => step.addTags({ query: 'width >= 104' }, ['seen']))
  await change.close('tags')
  const [tag, split, id, grayscale] = await read()
  expect(tag).toMatchObject({ count: 2, missing: 2, values: [{ value: 'seen', count: 2 }] })
  expect(split).toMatchObject({ count: 0, missing: 4 })
  expect(id?.kind === 'counts' && id.values.every(({ value }) => /^s_\d+$/.test(String(value)))).toBe(true)
  expect(grayscale).toMatchObject({ kind: 'counts', type: 'boolean', count: 4, distinct: 1 })
  await scratch.catalog.undo(null, null)
  expect((await read())[0]).toMatchObject({ count: 0, missing: 4 })
})
