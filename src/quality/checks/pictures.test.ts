import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import type { MediaFacts } from '#contract'
import { openBench, times, box, type CheckBench } from './testing.ts'

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench()
})
beforeEach(() => bench.begin())
afterAll(() => bench.close())

const planted: Record<string, Partial<MediaFacts>[]> = {
  dark: [{ brightness_p99: 0.1 }, { brightness_p99: 0.3199 }],
  light: [{ brightness_p5: 0.99 }, { brightness_p5: 0.951 }],
  'odd-aspect': [
    { width: 10, height: 1000 },
    { width: 1000, height: 340 },
  ],
  'low-information': [{ entropy: 0 }, { entropy: 1.41 }],
  blurry: [{ blur_score: 0.05 }, { blur_score: 0.28 }],
  grayscale: [{ grayscale: true }, { grayscale: true }],
  'exif-orientation': [{ 'exif.orientation': 6 }, { 'exif.orientation': 3 }],
  'odd-size': [
    { width: 8, height: 8 },
    { width: 9000, height: 9000 },
  ],
  'property-outliers': [{ brightness: 0.99 }, { contrast: 0.9 }],
}

describe.each(Object.entries(planted))('%s', (name, faults) => {
  test('finds what was planted, worst first, and its query finds the same', async () => {
    await bench.add(times(40, (n) => ({ facts: { width: 630 + (n % 10) } })))
    const ids = await bench.add(faults.map((facts) => ({ facts })))
    const seen = await bench.look(name, { max_share: 0.01 })
    expect(seen).toMatchObject({ looked: 42, found: 2, broken: true, value: 2 / 42, bound: '≤ 0.01' })
    expect(seen.findings.map(({ sample }) => sample)).toEqual(expect.arrayContaining(ids.map((id) => `s_${id}`)))
    const again = await bench.catalog.idsOf(bench.dataset, { query: seen.query! })
    expect(again.toSorted((a, b) => a - b)).toEqual(ids)
    if (!['grayscale', 'exif-orientation'].includes(name) && name !== 'odd-size' && name !== 'property-outliers')
      expect(seen.findings[0]!.sample).toBe(`s_${ids[0]}`)
  })

  test('passes clean data, and data with as many as are allowed', async () => {
    await bench.add(times(20))
    expect(await bench.look(name)).toMatchObject({ looked: 20, found: 0, value: 0, broken: false, query: null })
    await bench.add([{ facts: faults[0]! }])
    expect(await bench.look(name, { max_share: 0.5 })).toMatchObject({ found: 1, broken: false })
  })

  test('sees nothing in an empty scope', async () => {
    await bench.add(times(20))
    expect(await bench.look(name, {}, { scope: 'width > 99999' })).toMatchObject({
      looked: 0,
      broken: false,
      value: null,
    })
  })

  test('looks at the scope alone', async () => {
    await bench.add([...times(30), { facts: faults[0]!, split: 'test' }])
    const train = await bench.look(name, {}, { scope: 'split is missing' })
    expect(train).toMatchObject({ looked: 30, found: 0 })
    const first = await bench.look(name, {}, { scope: 'order by id limit 12' })
    expect(first).toMatchObject({ looked: 12, found: 0 })
  })
})

test('a query of a scope with a limit would not say the same, so there is none', async () => {
  await bench.add(times(30, () => ({ facts: { brightness_p99: 0.1 } })))
  const seen = await bench.look('dark', {}, { scope: 'width > 1 order by id desc limit 20' })
  expect(seen).toMatchObject({ looked: 20, found: 20, query: null })
  expect(seen.findings).toHaveLength(20)
})

test('a dataset that is grey throughout passes', async () => {
  await bench.add(times(12, () => ({ facts: { grayscale: true } })))
  expect(await bench.look('grayscale')).toMatchObject({ looked: 12, found: 0, broken: false })
})

test('labels that only fit the unturned picture come first', async () => {
  await bench.add(times(5))
  const [, turned] = await bench.add([
    { facts: { 'exif.orientation': 8 } },
    { facts: { 'exif.orientation': 6, width: 480, height: 640 }, labels: [box('crack', 560, 10)] },
  ])
  const seen = await bench.look('exif-orientation')
  expect(seen.findings[0]).toMatchObject({ sample: `s_${turned}` })
  expect(seen.message).toContain('1 of them with labels that only fit')
})

test('a grey picture has little information below 3 bits, one in colour below 3 − log2(3)', async () => {
  const [grey] = await bench.add([
    { facts: { mode: 'gray', entropy: 2.99 } },
    { facts: { mode: 'gray', entropy: 3 } },
    { facts: { entropy: 2.99 } },
  ])
  const seen = await bench.look('low-information')
  expect(seen).toMatchObject({ looked: 3, found: 1, findings: [{ sample: `s_${grey}` }] })
})

test('outliers need enough values', async () => {
  await bench.add([...times(8), { facts: { brightness: 0.99 } }])
  expect(await bench.look('property-outliers')).toMatchObject({ looked: 0 })
})

test('a histogram shows what was measured, with the threshold', async () => {
  await bench.add(times(20, (n) => ({ facts: { brightness_p99: 0.3 + n / 40 } })))
  const { plot } = await bench.look('dark')
  expect(plot).toMatchObject({ kind: 'histogram', title: 'brightness_p99', marks: [{ at: 0.32, label: '0.32' }] })
  expect(plot!.counts.reduce((sum, n) => sum + n, 0)).toBe(20)
  expect(plot!.edges).toHaveLength(plot!.counts.length + 1)
})
