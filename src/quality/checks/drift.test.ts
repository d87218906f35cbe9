import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { box, classLabel, openBench, times, type CheckBench } from './testing.ts'

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench()
})
beforeEach(() => bench.begin())
afterAll(() => bench.close())

const old = 'split = "old"'
const fresh = { scope: 'split = "new"', against: old }

describe('drift', () => {
  test('finds a field that moved, and not one that did not', async () => {
    await bench.add(times(60, (n) => ({ split: 'old', facts: { brightness: 0.4 + n / 300, contrast: (n % 10) / 10 } })))
    await bench.add(times(40, (n) => ({ split: 'new', facts: { brightness: 0.5 + n / 300, contrast: (n % 10) / 10 } })))
    const moved = await bench.look('drift', { field: 'brightness' }, fresh)
    expect(moved).toMatchObject({ looked: 40, broken: true, bound: '≤ 0.2', plot: { title: 'brightness' } })
    // 30 of the 60 lie below 0.5, none of the 40; from there on both rise.
    expect(moved.value).toBeCloseTo(0.5, 12)
    expect(moved.plot!.reference!.reduce((sum, n) => sum + n, 0)).toBe(60)
    expect(await bench.look('drift', { field: 'contrast' }, fresh)).toMatchObject({ found: 0, broken: false, value: 0 })
    expect(await bench.look('drift', { threshold: 0.6 }, fresh)).toMatchObject({ broken: false })
  })

  test('compares texts by Cramér’s V', async () => {
    await bench.add(times(40, (n) => ({ split: 'old', facts: { 'exif.model': n % 2 ? 'a' : 'b' } })))
    await bench.add(times(40, (n) => ({ split: 'new', facts: { 'exif.model': n % 4 ? 'a' : 'c' } })))
    const seen = await bench.look('drift', { field: 'exif.model' }, fresh)
    expect(seen).toMatchObject({ broken: true, bound: '≤ 0.15' })
    expect(seen.findings[0]!.what).toBe('b has 50 percentage points less than in the reference')
    expect(await bench.look('drift', { field: 'format' }, fresh)).toMatchObject({ value: 0, broken: false })
  })

  test('is empty where a side has no values, and an error without a reference', async () => {
    await bench.add(times(10, () => ({ split: 'old' })))
    expect(await bench.look('drift', {}, fresh)).toMatchObject({ looked: 0 })
    expect(await bench.look('drift', {}, { scope: old, against: 'width = 1' })).toMatchObject({ looked: 0 })
    expect(await bench.look('drift', { field: 'exif.iso' }, { against: old })).toMatchObject({ looked: 0 })
    await expect(bench.look('drift')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(bench.look('drift', { field: 'nope' }, { against: old })).rejects.toMatchObject({
      code: 'FIELD_NOT_FOUND',
    })
  })
})

test('label-drift finds other classes and other counts', async () => {
  await bench.add(times(40, (n) => ({ split: 'old', labels: [box(n % 2 ? 'a' : 'b')] })))
  await bench.add(times(40, (n) => ({ split: 'new', labels: [box(n % 8 ? 'a' : 'b'), box('a')] })))
  const classes = await bench.look('label-drift', {}, fresh)
  expect(classes).toMatchObject({ unit: 'labels', looked: 80, broken: true })
  expect(await bench.look('label-drift', { of: 'objects' }, fresh)).toMatchObject({ value: 1, broken: true })
  expect(await bench.look('label-drift', {}, { scope: old, against: old })).toMatchObject({ value: 0, broken: false })
  expect(await bench.look('label-drift', {}, { scope: 'width = 1', against: old })).toMatchObject({ looked: 0 })
})

test('new-labels finds classes the reference does not have', async () => {
  await bench.add(times(10, () => ({ split: 'old', labels: [classLabel('a')] })))
  await bench.add(times(9, () => ({ split: 'new', labels: [classLabel('a')] })))
  expect(await bench.look('new-labels', {}, fresh)).toMatchObject({ looked: 9, found: 0, broken: false })
  const [id] = await bench.add([{ split: 'new', labels: [classLabel('b')] }])
  const seen = await bench.look('new-labels', {}, fresh)
  expect(seen).toMatchObject({ looked: 10, found: 1, value: 0.1, broken: true })
  expect(await bench.catalog.idsOf(bench.dataset, { query: seen.query! })).toEqual([id])
  expect(await bench.look('new-labels', {}, { scope: 'width = 1', against: old })).toMatchObject({ looked: 0 })
})

describe('dataset-drift', () => {
  /** Spread evenly and in no order, the same every time. */
  const noise = (n: number, salt: number): number => (Math.sin(n * 12.9898 + salt * 78.233) * 43758.5453) % 1

  test('finds a shift of several fields, and nothing between two draws of the same', async () => {
    const facts = (n: number, shift: number) => ({
      brightness: 0.5 + 0.1 * noise(n, 1) + shift,
      contrast: 0.3 + 0.1 * noise(n, 2),
      red: 0.4 + 0.1 * noise(n, 3) - shift,
    })
    await bench.add(times(300, (n) => ({ split: 'old', facts: facts(n, 0) })))
    await bench.add(times(200, (n) => ({ split: 'new', facts: facts(n + 1000, 0.08) })))
    await bench.add(times(200, (n) => ({ split: 'same', facts: facts(n + 2000, 0) })))
    const moved = await bench.look('dataset-drift', {}, fresh)
    expect(moved).toMatchObject({ looked: 200, broken: true })
    expect(moved.value).toBeGreaterThan(0.4)
    expect(moved.findings.map(({ what }) => what.split(' ')[0])).toEqual(expect.arrayContaining(['brightness', 'red']))
    const same = await bench.look('dataset-drift', {}, { scope: 'split = "same"', against: old })
    expect(same).toMatchObject({ broken: false })
  })

  test('finds a spread that grew around the same mean', async () => {
    await bench.add(times(300, (n) => ({ split: 'old', facts: { brightness: 0.5 + 0.05 * noise(n, 1) } })))
    await bench.add(times(300, (n) => ({ split: 'new', facts: { brightness: 0.5 + 0.3 * noise(n, 5) } })))
    expect(await bench.look('dataset-drift', {}, fresh)).toMatchObject({ broken: true })
  })

  test('is empty for too few', async () => {
    await bench.add(times(30, () => ({ split: 'old' })))
    await bench.add(times(5, () => ({ split: 'new' })))
    expect(await bench.look('dataset-drift', {}, fresh)).toMatchObject({ looked: 0 })
  })
})

test('source-difference finds the camera that is darker', async () => {
  const facts = (model: string, n: number, dark: number) => ({
    'exif.model': model,
    brightness: 0.5 + (n % 10) / 100 - dark,
  })
  await bench.add(times(60, (n) => ({ facts: facts(`cam-${n % 3}`, Math.floor(n / 3), 0) })))
  expect(await bench.look('source-difference')).toMatchObject({ looked: 3, found: 0, broken: false })
  const ids = await bench.add(times(15, (n) => ({ facts: facts('cam-x', n, 0.3) })))
  const seen = await bench.look('source-difference')
  expect(seen).toMatchObject({ looked: 4, found: 1, broken: true })
  expect(seen.findings[0]!.what).toContain('cam-x has less brightness than all others')
  expect(await bench.catalog.idsOf(bench.dataset, { query: seen.query! })).toEqual(ids)
  expect(await bench.look('source-difference', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})

test('spurious-correlation finds the field that gives the class away', async () => {
  await bench.add(
    times(120, (n) => ({
      labels: [classLabel(n % 2 ? 'good' : 'crack')],
      facts: { 'exif.model': `cam-${n % 3}`, brightness: ((n * 7) % 11) / 11 },
    })),
  )
  const clean = await bench.look('spurious-correlation', { fields: ['brightness', 'exif.model', 'exif.iso'] })
  expect(clean).toMatchObject({ unit: 'fields', looked: 2, found: 0, broken: false })
  await bench.begin()
  await bench.add(
    times(120, (n) => ({
      labels: [classLabel(n % 2 ? 'good' : 'crack')],
      facts: {
        'exif.model': n % 2 ? 'a' : 'b',
        contrast: n % 2 ? 0.2 : 0.4 + n / 1000,
        brightness: ((n * 7) % 11) / 11,
      },
    })),
  )
  const seen = await bench.look('spurious-correlation')
  expect(seen).toMatchObject({ found: 2, value: 1, broken: true })
  expect(seen.findings.map(({ what }) => what.split(' ')[0])).toEqual(['contrast', 'exif.model'])
  expect(await bench.look('spurious-correlation', {}, { scope: 'width = 1' })).toMatchObject({ looked: 0 })
})
