import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { Label } from '#contract'
import { box, classLabel, openBench, polygon, times, type CheckBench } from './testing.ts'

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench()
})
beforeEach(() => bench.begin())
afterAll(() => bench.close())

const bowTie = polygon('crack', 10, 10, 60, 60, 60, 10, 10, 60)
const square = polygon('crack', 10, 10, 60, 10, 60, 60, 10, 60)

const planted: Record<string, { labels: Label[]; faulty: number; looked: number }> = {
  'label-outside': { labels: [box('crack', 600, 10, 60, 40), box('crack', 589, 10, 51.5, 40)], faulty: 1, looked: 12 },
  'label-empty': { labels: [box('crack', 10, 10, 0, 40)], faulty: 1, looked: 11 },
  'label-tiny': { labels: [box('crack', 10, 10, 1, 1)], faulty: 1, looked: 11 },
  'label-huge': { labels: [box('crack', 0, 0, 640, 480)], faulty: 1, looked: 11 },
  'label-duplicates': {
    labels: [box('dent', 10, 10), box('dent', 10, 10.4), box('crack', 10, 10)],
    faulty: 1,
    looked: 13,
  },
}

describe.each(Object.entries(planted))('%s', (name, { labels, faulty, looked }) => {
  test('finds what was planted', async () => {
    await bench.add(times(10, (n) => ({ labels: [box('crack', 10 + n)] })))
    const [bad] = await bench.add([{ labels }])
    const seen = await bench.look(name, { max_share: 0 })
    expect(seen).toMatchObject({ unit: 'labels', looked, found: faulty, broken: true, value: faulty / looked })
    expect(seen.findings[0]).toMatchObject({ sample: `s_${bad}`, label: expect.stringMatching(/^l_\d+$/) })
    expect(await bench.catalog.idsOf(bench.dataset, { query: seen.query! })).toEqual([bad])
  })

  test('passes clean labels, and is empty without labels', async () => {
    await bench.add([...times(3), ...times(10, (n) => ({ labels: [box('crack', 10 + n)], split: 'train' }))])
    expect(await bench.look(name)).toMatchObject({ looked: 10, found: 0, broken: false, query: null, findings: [] })
    expect(await bench.look(name, {}, { scope: 'split is missing' })).toMatchObject({ looked: 0, broken: false })
    expect(await bench.look(name, {}, { scope: 'split = "none"' })).toMatchObject({ looked: 0 })
  })

  test('refuses a layer that is not there', async () => {
    await bench.add([{ labels: [box('crack')] }])
    await expect(bench.look(name, { layer: 'robot' })).rejects.toMatchObject({ code: 'LAYER_NOT_FOUND' })
  })
})

test('polygon-crossing finds bow ties', async () => {
  await bench.add(times(5, () => ({ labels: [square] })))
  const [bad] = await bench.add([{ labels: [bowTie] }])
  const seen = await bench.look('polygon-crossing')
  expect(seen).toMatchObject({ looked: 6, found: 1, broken: true, query: `id in ("s_${bad}")` })
  const clean = await bench.look('polygon-crossing', {}, { scope: `id != "s_${bad}"` })
  expect(clean).toMatchObject({ looked: 5, found: 0 })
  expect(await bench.look('polygon-crossing', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})

test('label-outliers finds areas and counts that are far from the others', async () => {
  await bench.add(times(30, (n) => ({ labels: [box('crack', 10, 10, 50 + (n % 5), 40)] })))
  const [bad] = await bench.add([{ labels: [box('crack', 0, 0, 600, 400)] }])
  const area = await bench.look('label-outliers', { max_share: 0 })
  expect(area).toMatchObject({ looked: 31, found: 1, broken: true })
  expect(await bench.catalog.idsOf(bench.dataset, { query: area.query! })).toEqual([bad])
  const [many] = await bench.add([{ labels: Array.from({ length: 9 }, (_, n) => box('crack', n * 60)) }])
  const objects = await bench.look('label-outliers', { of: 'objects', max_share: 0 })
  expect(objects).toMatchObject({ unit: 'samples', looked: 32, found: 1 })
  expect(await bench.catalog.idsOf(bench.dataset, { query: objects.query! })).toEqual([many])
  expect(await bench.look('label-outliers', {}, { scope: `id = "s_${bad}"` })).toMatchObject({ looked: 0 })
})

test('labels of another layer are looked at where it is named', async () => {
  const change = bench.catalog.openChange({ actor: 'test', operation: 'dataset.import', dataset: bench.dataset })
  const ids = await bench.add(times(20, () => ({ labels: [box('crack')] })))
  const robot = ids.map((id, n) => ({
    id,
    labels: n === 19 ? [] : [box('crack'), ...(n === 7 ? [box('dent'), box('dent', 90)] : [])],
    digest: `r${n}`,
  }))
  await change.step((step) => step.replaceLabels('robot', robot))
  await change.close('Labels of a robot')
  const objects = await bench.look('label-outliers', { of: 'objects', layer: 'robot', max_share: 0 })
  expect(objects).toMatchObject({
    looked: 20,
    found: 2,
    query: 'layer("robot").objects < 1 or layer("robot").objects > 1',
  })
  expect(await bench.catalog.idsOf(bench.dataset, { query: objects.query! })).toEqual([ids[7], ids[19]])
  expect(await bench.look('label-outliers', { of: 'objects', max_share: 0 })).toMatchObject({ found: 0 })
  const missing = await bench.look('missing-labels', { layer: 'robot' })
  expect(await bench.catalog.idsOf(bench.dataset, { query: missing.query! })).toEqual([ids[19]])
  const drift = await bench.look('label-drift', { of: 'objects', layer: 'robot' }, { against: `id != "s_${ids[7]}"` })
  expect(drift.value).toBeCloseTo(1 / 20, 12)
})

test('missing-labels finds bare samples', async () => {
  await bench.add(times(4, () => ({ labels: [classLabel('good')] })))
  const [bare] = await bench.add([{ split: 'val' }])
  const seen = await bench.look('missing-labels')
  expect(seen).toMatchObject({ looked: 5, found: 1, broken: true, query: 'labels.count = 0' })
  expect(seen.findings).toMatchObject([{ sample: `s_${bare}` }])
  expect(await bench.look('missing-labels', {}, { scope: 'split is missing' })).toMatchObject({
    found: 0,
    broken: false,
  })
  expect(await bench.look('missing-labels', {}, { scope: 'split = "x"' })).toMatchObject({ looked: 0 })
})

test('class-imbalance finds rare and unused classes', async () => {
  await bench.add(times(60, (n) => ({ labels: [classLabel(n % 2 ? 'good' : 'crack')] })))
  expect(await bench.look('class-imbalance')).toMatchObject({ looked: 2, found: 0, broken: false })
  const [rare] = await bench.add([{ labels: [classLabel('dent')] }])
  const seen = await bench.look('class-imbalance')
  expect(seen).toMatchObject({ looked: 3, found: 1, broken: true })
  expect(await bench.catalog.idsOf(bench.dataset, { query: seen.query! })).toEqual([rare])
  expect(seen.plot).toMatchObject({ kind: 'bars', names: ['crack', 'good', 'dent'], counts: [30, 30, 1] })
  expect(await bench.look('class-imbalance', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})

test('class-balance holds counts and ratio against bounds', async () => {
  await bench.add(times(60, (n) => ({ labels: [classLabel(n < 58 ? 'good' : 'crack')] })))
  expect(await bench.look('class-balance')).toMatchObject({ looked: 2, found: 1, value: 29, broken: true })
  expect(await bench.look('class-balance', { max_ratio: 30 })).toMatchObject({ found: 0, broken: false })
  expect(await bench.look('class-balance', { max_ratio: 30, min_count: 3 })).toMatchObject({ found: 1, broken: true })
  const asked = await bench.look('class-balance', { classes: ['good', 'dent'] })
  expect(asked).toMatchObject({ found: 1, value: null, broken: true })
  expect(await bench.look('class-balance', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})

test('field-balance finds a value that has nearly everything', async () => {
  await bench.add(times(20, (n) => ({ facts: { 'exif.model': n < 19 ? 'a' : 'b' } })))
  expect(await bench.look('field-balance')).toMatchObject({
    unit: 'values',
    looked: 2,
    found: 1,
    value: 0.95,
    broken: true,
  })
  expect(await bench.look('field-balance', { max_share: 0.95 })).toMatchObject({ found: 0, broken: false })
  expect(await bench.look('field-balance', { max_share: 1, min_shares: { b: 0.1 } })).toMatchObject({ broken: true })
  expect(await bench.look('field-balance', { field: 'note' })).toMatchObject({ looked: 0 })
})

test('split-balance finds splits that differ in classes and sizes', async () => {
  await bench.add(times(40, (n) => ({ split: n % 4 ? 'train' : 'val', labels: [classLabel(n % 8 < 4 ? 'a' : 'b')] })))
  const even = await bench.look('split-balance', { ratios: { train: 0.75, val: 0.25 } })
  expect(even).toMatchObject({ looked: 2, found: 0, value: 0, broken: false })
  expect(await bench.look('split-balance', { ratios: { train: 0.9 } })).toMatchObject({ found: 1, broken: true })
  await bench.add(times(10, () => ({ split: 'test', labels: [classLabel('a')] })))
  const odd = await bench.look('split-balance')
  expect(odd).toMatchObject({ looked: 3, found: 3, broken: true })
  expect(await bench.look('split-balance', { threshold: 1 })).toMatchObject({ found: 1, broken: true })
  expect(odd.findings[0]!.what).toBe('test has no label of b')
  expect(await bench.look('split-balance', {}, { scope: 'split = "val"' })).toMatchObject({ looked: 0 })
})
