import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixedClock } from '#base'
import { openScratch, type Scratch } from '../testing.ts'
import type { CheckContext, CheckKind } from '../types.ts'
import { createExpectKind } from './kind.ts'
import { aggregates, comparators, describeBound, meetsBound, parseExpectation } from './parse.ts'
import { quantileOf } from './quantile.ts'

let scratch: Scratch
let kind: CheckKind
beforeAll(async () => {
  scratch = await openScratch(20)
  kind = createExpectKind(scratch)
})
afterAll(() => scratch.close())

const context = (scope = ''): CheckContext => ({
  dataset: scratch.dataset,
  scope,
  reference: undefined,
  signal: new AbortController().signal,
  clock: createFixedClock(),
})
const look = (that: string, scope = '') => kind.look(context(scope), { that })
const faults = (that: string) => kind.verify!(context(), { that })

describe('the shape of an expectation', () => {
  it('is read whatever stands in the brackets', () => {
    const argument = fc.constantFrom(
      '',
      'labels',
      'a = "x)" and (b or c)',
      "labels[class = 'a]'].count >= 2",
      '`odd (name`',
    )
    const number = fc.constantFrom('0', '-1', '.5', '2e3', '10%')
    fc.assert(
      fc.property(
        fc.constantFrom(...aggregates.filter((name) => name !== 'quantile')),
        argument,
        fc.constantFrom(...comparators),
        number,
        fc.constantFrom('', ' ', '\n  '),
        (aggregate, text, comparator, value, blank) => {
          fc.pre(text !== '' || aggregate === 'count')
          const parsed = parseExpectation(
            `${blank}${aggregate}${blank}(${blank}${text}${blank})${blank}${comparator}${blank}${value}${blank}`,
          )
          expect(parsed).toMatchObject({
            ok: true,
            expectation: { aggregate, argument: text, bound: { kind: 'compare', comparator } },
          })
        },
      ),
    )
  })

  it.each([
    ['cuont(labels) = 0', 0, 'Did you mean count?'],
    ['count labels = 0', 6, undefined],
    ['count(labels = 0', 16, undefined],
    ['mean() > 1', 5, undefined],
    ['share(a) 3', 9, undefined],
    ['share(a) < much', 11, undefined],
    ['share(a) < 3 apples', 13, undefined],
    ['mean(a) between 1 or 2', 18, undefined],
    ['mean(a) between 2 and 1', 16, undefined],
    ['quantile(a) < 1', 9, undefined],
    ['quantile(a, 2) < 1', 10, undefined],
    ['', 0, undefined],
  ])('of %j is refused where it goes wrong', (text, offset, hint) => {
    const parsed = parseExpectation(text)
    expect(parsed.ok).toBe(false)
    if (parsed.ok) return
    expect(parsed.fault.offset).toBe(offset)
    expect(parsed.fault.message).toContain(`at character ${offset + 1}`)
    if (hint !== undefined) expect(parsed.fault.hint).toBe(hint)
  })

  it('leads to an answer for any text', () => {
    fc.assert(
      fc.property(fc.string({ maxLength: 60 }), (text) => {
        const parsed = parseExpectation(text)
        expect(parsed.ok || parsed.fault.offset <= text.length).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('keeps bounds as they are written', () => {
    expect(comparators.map((comparator) => meetsBound({ kind: 'compare', comparator, value: 2 }, 2))).toEqual([
      true,
      false,
      false,
      true,
      false,
      true,
    ])
    expect([1, 2, 3, 4].map((value) => meetsBound({ kind: 'between', low: 2, high: 3 }, value))).toEqual([
      false,
      true,
      true,
      false,
    ])
    expect(describeBound({ kind: 'between', low: 2, high: 3 })).toBe('2 to 3')
  })
})

it.each([
  ['count() = 20', 20, 20],
  ['count(split = "val") = 5', 5, 20],
  ['count(labels) = 10', 10, 20],
  ['count(labels[area_px > 150]) = 4', 4, 20],
  ['count(labels[area_px < 0]) = 0', 0, 10],
  ['share(tag:blurry) <= 10%', 0.1, 20],
  ['share(labels[class = "crack"]) = 1', 1, 10],
  ['distinct(class) = 1', 1, 10],
  ['distinct(line) = 2', 2, 20],
  ['distinct(width) = 20', 20, 20],
  ['min(width) >= 100', 100, 20],
  ['max(width) <= 119', 119, 20],
  ['mean(width) between 109 and 110', 109.5, 20],
  ['median(width) = 109.5', 109.5, 20],
  ['quantile(width, 0.25) = 104.75', 104.75, 20],
  ['sum(objects) = 10', 10, 20],
  ['max(labels.area_px.max) <= 190', 190, 10],
  ['mean(crack) = 0.5', 0.5, 20],
])('%s holds', async (that, value, looked) => {
  const seen = await look(that)
  expect(seen).toMatchObject({ value, looked, broken: false, found: 0, findings: [] })
})

it('keeps to the scope', async () => {
  expect(await look('count() = 15', 'split = "train"')).toMatchObject({ broken: false, looked: 15 })
  expect(await look('count(labels) = 10', 'split = "train"')).toMatchObject({ broken: false })
  expect(await look('max(width) < 117', 'split = "val"')).toMatchObject({ value: 116, broken: false })
  expect(await look('distinct(split) = 1', 'split = "val"')).toMatchObject({ broken: false, looked: 5 })
})

it('shows the samples that break it, the worst first, and the query that finds them', async () => {
  const high = await look('max(width) < 117', 'split = "train"')
  expect(high).toMatchObject({ broken: true, found: 3, query: '(split = "train") and (width >= 117)' })
  expect(high.findings.map(({ path, score }) => [path, score])).toEqual([
    ['a/19.jpg', 119],
    ['a/18.jpg', 118],
    ['a/17.jpg', 117],
  ])
  expect(await look('min(width) > 101')).toMatchObject({
    broken: true,
    query: 'width <= 101',
    findings: [{ score: 100 }, { score: 101 }],
  })
  expect(await look('count(labels[area_px > 150]) = 0')).toMatchObject({
    broken: true,
    found: 4,
    query: 'labels[area_px > 150] > 0',
  })
  const missing = await look('share(class exists) = 1')
  expect(missing).toMatchObject({ broken: true, found: 10, query: 'not (class exists)' })
  for (const query of [high.query!, missing.query!, 'labels[area_px > 150] > 0'])
    await expect(scratch.catalog.count(scratch.dataset, { query })).resolves.toBeGreaterThan(0)
})

it('is no pass where there is nothing to look at, unless something was asked for', async () => {
  expect(await look('count(labels) = 0', 'objects = 0')).toMatchObject({ looked: 0 })
  expect(await look('count(labels) > 0', 'objects = 0')).toMatchObject({ looked: 10, broken: true })
  expect(await look('mean(labels.area.max) < 1', 'objects = 0')).toMatchObject({ looked: 0, value: null })
})

it.each([
  ['count(wdith > 3) = 0', 6],
  ['count(labels[clas = "x"]) = 0', 13],
  ['share(class = "crak") < 1', 14],
  ['mean(path) > 1', 5],
  ['mean(tag) > 1', 5],
  ['  min( nothing ) > 1', 7],
  ['count(width > 3 limit 5) = 0', 22],
  ['distinct(nothing) = 1', 9],
])('%s is refused before anything runs, with its place', async (that, offset) => {
  expect(await faults(that)).toMatchObject([{ parameter: 'that', offset }])
})

it('takes quantiles as numpy does', () => {
  // numpy 1.26: np.quantile([3, 1, 2, 10], [0, .1, .5, .9, 1])
  expect([0, 0.1, 0.5, 0.9, 1].map((p) => Number(quantileOf([3, 1, 2, 10], p).toFixed(10)))).toEqual([
    1, 1.3, 2.5, 7.9, 10,
  ])
})
