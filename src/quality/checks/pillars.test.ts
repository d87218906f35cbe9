import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest'
import { createFixedClock } from '#base'
import { classLabel, openBench, times, type CheckBench } from './testing.ts'

let bench: CheckBench
beforeAll(async () => {
  bench = await openBench()
})
beforeEach(() => bench.begin())
afterAll(() => bench.close())

const nothing = { scope: 'width = 1' }
const at = (iso: string) => ({ clock: createFixedClock(Date.parse(iso)) })

test('freshness holds the age of the newest against a bound', async () => {
  await bench.add(times(3, (n) => ({ facts: { captured_at: `2026-03-0${n + 1}T12:00:00Z` } })))
  const field = 'captured_at'
  const fresh = await bench.look('freshness', { field }, at('2026-03-13T12:00:00Z'))
  expect(fresh).toMatchObject({ looked: 3, found: 0, value: 10, broken: false })
  const stale = await bench.look('freshness', { field, max_days: 7 }, at('2026-03-13T12:00:00Z'))
  expect(stale).toMatchObject({ found: 3, broken: true, findings: [{ path: expect.any(String) }] })
  expect(await bench.look('freshness', {}, nothing)).toMatchObject({ looked: 0 })
  await expect(bench.look('freshness', { field: 'width' })).rejects.toMatchObject({ code: 'FIELD_TYPE' })
})

test('volume holds counts and bytes against bounds and the reference', async () => {
  await bench.add(times(10, (n) => ({ split: n < 8 ? 'old' : 'new' })))
  expect(await bench.look('volume')).toMatchObject({ unit: 'bounds', looked: 1, found: 0, value: 10, broken: false })
  expect(await bench.look('volume', { min_samples: 11 })).toMatchObject({ found: 1, broken: true })
  expect(await bench.look('volume', { max_samples: 9, max_bytes: 499_999 })).toMatchObject({ found: 2, broken: true })
  expect(await bench.look('volume', { min_bytes: 500_000 })).toMatchObject({ broken: false })
  const less = { scope: 'split = "new"', against: 'split = "old"' }
  expect(await bench.look('volume', {}, less)).toMatchObject({ broken: true })
  expect(await bench.look('volume', { min_ratio: 0.25 }, less)).toMatchObject({ broken: false })
  expect(await bench.look('volume', {}, nothing)).toMatchObject({ looked: 0, broken: false })
  // None at all is too few where some are asked for.
  expect(await bench.look('volume', { min_samples: 5 }, nothing)).toMatchObject({ looked: 1, broken: true })
})

test('lineage finds samples that no import brought or that name no source', async () => {
  await bench.add(times(5))
  expect(await bench.look('lineage')).toMatchObject({ looked: 5, found: 0, broken: false })
  const [odd] = await bench.add([{}], 'plugin.write')
  const [nameless] = await bench.add([{ source: '' }])
  const seen = await bench.look('lineage')
  expect(seen).toMatchObject({ looked: 7, found: 2, broken: true, query: `id in ("s_${odd}", "s_${nameless}")` })
  expect(seen.findings.map(({ what }) => what)).toEqual(['It was brought by plugin.write', 'Its source is not known'])
  const both = { operations: ['dataset.import', 'plugin.write'] }
  expect(await bench.look('lineage', both)).toMatchObject({ found: 1 })
  expect(await bench.look('lineage', {}, { scope: `id = "s_${odd}"` })).toMatchObject({ looked: 1, found: 1 })
  expect(await bench.look('lineage', {}, nothing)).toMatchObject({ looked: 0 })
  await bench.add(times(1_100, () => ({ source: '' })))
  expect(await bench.look('lineage')).toMatchObject({ found: 1_102, queryNames: { named: 1_000, of: 1_102 } })
})

test('unreadable finds files that import could not read', async () => {
  expect(await bench.look('unreadable')).toMatchObject({ looked: 0 })
  await bench.add(times(9))
  expect(await bench.look('unreadable')).toMatchObject({ looked: 9, found: 0, broken: false })
  const problem = { file: '/data/a/x.jpg', code: 'image-truncated', what: 'It is cut off.', fix: 'Copy it again.' }
  await bench.catalog.replaceProblems(bench.dataset, [problem, { ...problem, code: 'label-odd' }], [])
  const seen = await bench.look('unreadable')
  expect(seen).toMatchObject({ unit: 'files', looked: 10, found: 1, value: 0.1, broken: true })
  expect(seen.findings).toMatchObject([{ sample: null, path: '/data/a/x.jpg', what: 'It is cut off.' }])
})

test('time-gaps finds stretches without pictures', async () => {
  const minute = (n: number) => ({ facts: { captured_at: new Date(Date.UTC(2026, 0, 1, 0, n)).toISOString() } })
  await bench.add(times(60, (n) => minute(n)))
  expect(await bench.look('time-gaps')).toMatchObject({ looked: 59, found: 0, broken: false })
  const [late] = await bench.add([minute(60 * 24)])
  const seen = await bench.look('time-gaps')
  expect(seen).toMatchObject({ looked: 60, found: 1, broken: true })
  expect(seen.findings).toMatchObject([{ sample: `s_${late}`, other: expect.anything() }])
  expect(seen.findings[0]!.what).toContain('Nothing for 23.02 hours')
  expect(await bench.look('time-gaps', { min_hours: 24 })).toMatchObject({ found: 0 })
  expect(await bench.look('time-gaps', {}, nothing)).toMatchObject({ looked: 0 })
})

describe('schema', () => {
  test('without parameters asks for what import measures', async () => {
    await bench.add(times(5))
    expect(await bench.look('schema')).toMatchObject({ looked: 5, found: 0, broken: false, query: null })
    const [bad] = await bench.add([{ facts: { brightness: 1.5 } }])
    const seen = await bench.look('schema')
    expect(seen).toMatchObject({ found: 1, broken: true, findings: [{ sample: `s_${bad}` }] })
    expect(seen.message).toContain('brightness is above 1')
    expect(await bench.catalog.idsOf(bench.dataset, { query: seen.query! })).toEqual([bad])
    expect(await bench.look('schema', {}, nothing)).toMatchObject({ looked: 0 })
  })

  test.each([
    ['a missing value', { 'exif.model': { required: true } }, 1],
    ['a value of no list', { mode: { one_of: ['rgb'] } }, 1],
    ['a number of no list', { channels: { one_of: [3] } }, 1],
    ['a text of another form', { path: { matches: 'b/*' } }, 4],
    ['a number out of range', { width: { min: 1, max: 640 } }, 1],
    ['another type', { width: { type: 'string' } }, 1],
    ['a field that is not there', { line: { required: true } }, 1],
    ['nothing', { width: { type: 'integer', required: true }, mode: { one_of: ['rgb', 'gray'] } }, 0],
  ])('finds %s', async (_, fields, found) => {
    await bench.add(times(3, () => ({ facts: { 'exif.model': 'cam' } })))
    await bench.add([{ facts: { mode: 'gray', channels: 1, width: 700 } }])
    expect(await bench.look('schema', { fields })).toMatchObject({ found, broken: found > 0 })
  })

  test('finds labels of classes that are not allowed', async () => {
    await bench.add(times(3, () => ({ labels: [classLabel('crack')] })))
    const [bad] = await bench.add([{ labels: [classLabel('crak')] }])
    const seen = await bench.look('schema', { fields: {}, classes: ['crack', 'good'] })
    expect(seen).toMatchObject({ looked: 4, found: 1, broken: true })
    expect(await bench.catalog.idsOf(bench.dataset, { query: seen.query! })).toEqual([bad])
  })
})
