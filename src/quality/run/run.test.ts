import { mkdir, readdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createFixedClock, FoveaError } from '#base'
import { createExpectKind } from '../expect/kind.ts'
import { fakeKind, openScratch, parse, saw, work, type Scratch } from '../testing.ts'
import type { CheckKind } from '../types.ts'
import { gatherDeps } from './evidence.ts'
import { runSuite, type RunRequest } from './run.ts'
import { createReportStore } from './store.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await openScratch(12)
})
afterAll(() => scratch.close())

const clock = createFixedClock()
function run(text: string, kinds: readonly CheckKind[], more: Partial<RunRequest> = {}, signal?: AbortSignal) {
  const { file, suites } = parse(text, undefined, kinds)
  const request = { dataset: scratch.dataset, file, suite: suites[0]!, scope: '', ...more }
  return runSuite({ catalog: scratch.catalog, clock }, request, work(signal))
}
const suite = (checks: string): string => `version: 1\nsuites:\n  s:\n    checks: [${checks}]\n`
const detailsOf = async (promise: Promise<unknown>) =>
  promise.then(
    () => expect.fail('nothing was refused'),
    (error: FoveaError) => ({
      code: error.code,
      problems: (error.details as { problems?: object[] } | undefined)?.problems,
    }),
  )

describe('outcomes', () => {
  const kinds = [
    fakeKind('good'),
    fakeKind('bad', async () => saw({ found: 3, broken: true, value: 0.3 })),
    fakeKind('blind', async () => saw({ looked: 0 })),
    fakeKind('crash', async () => {
      throw new Error('out of luck')
    }),
    fakeKind('odd', async () => {
      throw new FoveaError('SPACE_STALE', 'The space is stale.', { hint: 'Embed.' })
    }),
    fakeKind('drift', async () => saw(), { needs: ['against'] }),
  ]

  it('are told apart: passed, broken by severity, nothing seen, gone wrong', async () => {
    const report = await run(
      suite('good, bad, bad: {severity: fail}, bad: {severity: info}, blind, crash, odd, drift'),
      kinds,
    )
    expect(report.checks.map(({ id, outcome }) => [id, outcome])).toEqual([
      ['good', 'pass'],
      ['bad', 'warn'],
      ['bad-2', 'fail'],
      ['bad-3', 'info'],
      ['blind', 'empty'],
      ['crash', 'error'],
      ['odd', 'error'],
      ['drift', 'empty'],
    ])
    expect(report).toMatchObject({ outcome: 'fail', gate: false, counts: { pass: 1, error: 2, empty: 2 }, samples: 12 })
    expect(report.checks[5]!.error).toContain('out of luck')
    expect(report.checks[6]).toMatchObject({ error: 'The space is stale.', hint: 'Embed.' })
    expect(report.checks[7]!.hint).toContain('--against')
  })

  it.each([
    ['good', 'pass', true],
    ['good, bad', 'warn', true],
    ['good, blind', 'empty', true],
    ['blind: {severity: fail}', 'empty', false],
    ['good, crash', 'error', false],
    ['bad: {severity: fail}, crash', 'fail', false],
  ])('of [%s] make %s', async (checks, outcome, gate) => {
    expect(await run(suite(checks), kinds)).toMatchObject({ outcome, gate })
  })

  it('show at most 24 findings, and no figure that is none', async () => {
    const finding = { sample: 's_1', path: 'a', label: null, other: null, score: 1, what: 'x' }
    const many = fakeKind('many', async () => saw({ findings: Array.from({ length: 40 }, () => finding), value: NaN }))
    const { checks } = await run(suite('many'), [many])
    expect(checks[0]).toMatchObject({ findings: { length: 24 }, value: null })
  })
})

describe('what a check looks at', () => {
  it('is the scope of the caller, the suite and the check together', async () => {
    const seen: string[] = []
    const kind = fakeKind('look', async (context) => {
      seen.push(context.scope)
      return saw({ looked: await scratch.catalog.count(scratch.dataset, { query: context.scope }) })
    })
    const text =
      'version: 1\nsuites:\n  s:\n    scope: split = "train"\n    checks:\n      - look\n      - look:\n        scope: line = "south" or line = "none"\n'
    const report = await run(text, [kind], { scope: 'width > 102' })
    expect(seen).toEqual([
      '(width > 102) and (split = "train")',
      '(width > 102) and (split = "train") and (line = "south" or line = "none")',
    ])
    expect(report).toMatchObject({ scope: '(width > 102) and (split = "train")', samples: 7 })
    expect(report.checks.map((check) => check.looked)).toEqual([7, 5])
  })

  it('goes by stage, severity and reference of suite and check', async () => {
    const references: (string | undefined)[] = []
    const kind = fakeKind('look', async ({ reference }) => {
      references.push(reference?.query)
      return saw({ broken: true })
    })
    const text =
      'version: 1\nsuites:\n  s:\n    severity: fail\n    stage: staging\n    against: split = "val"\n    checks:\n      - look\n      - look: {stage: production, severity: info, against: tag:blurry}\n'
    expect((await run(text, [kind])).checks.map((check) => check.severity)).toEqual(['fail', 'info'])
    expect(references.splice(0)).toEqual(['split = "val"', 'tag:blurry'])
    expect(await run(text, [kind], { stage: 'production' })).toMatchObject({
      stage: 'production',
      checks: { length: 1 },
    })
    references.splice(0)
    expect(await run(text, [kind], { against: 'line = "north"' })).toMatchObject({ against: 'line = "north"' })
    expect(references).toEqual(['line = "north"', 'line = "north"'])
    expect(await detailsOf(run(text, [kind], { stage: 'source' }))).toMatchObject({ code: 'SUITE_INVALID' })
  })
})

describe('before anything runs', () => {
  const never = fakeKind('never', () => expect.fail('it ran'))

  it('all that does not fit the data is refused with its place', async () => {
    const text = `version: 1
suites:
  s:
    checks:
      - never: {scope: wdith > 3}
      - never: {scope: "class = \\"crack\\" and width > 999"}
      - never: {against: slice:none}
      - never: {scope: width > 3 limit 5}
      - expect: count(labels[clas = "x"]) = 0
`
    const { code, problems } = await detailsOf(run(text, [never, createExpectKind(scratch)]))
    expect(code).toBe('SUITE_INVALID')
    expect(problems).toMatchObject([
      { line: 5, column: 24, message: expect.stringContaining('"width"') as string },
      { line: 6, column: 24, message: expect.stringContaining('matches no sample') as string },
      { line: 7, column: 26, message: 'There is no slice none to compare with.' },
      { line: 8, column: 40, message: expect.stringContaining('without order and limit') as string },
      { line: 9, column: 30, message: expect.stringContaining('clas') as string },
    ])
  })

  it('scopes and references of the caller are refused as queries', async () => {
    expect(await detailsOf(run(suite('never'), [never], { scope: 'wdith > 3' }))).toMatchObject({
      code: 'QUERY_INVALID',
    })
    expect(await detailsOf(run(suite('never'), [never], { scope: 'width > 999' }))).toMatchObject({
      code: 'QUERY_INVALID',
    })
    expect(await detailsOf(run(suite('never'), [never], { against: 'slice:none' }))).toMatchObject({
      code: 'SLICE_NOT_FOUND',
    })
    expect(await detailsOf(run(suite('never'), [never], { against: 'dataset:none' }))).toMatchObject({
      code: 'DATASET_NOT_FOUND',
    })
    expect(await detailsOf(run(suite(''), [never]))).toMatchObject({ code: 'SUITE_INVALID' })
  })
})

it('being cancelled ends it all', async () => {
  const stop = new AbortController()
  const ran: string[] = []
  const kinds = [
    fakeKind('first', async () => {
      ran.push('first')
      stop.abort()
      return saw()
    }),
    fakeKind('second', async () => {
      ran.push('second')
      return saw()
    }),
  ]
  expect(await detailsOf(run(suite('first, second'), kinds, {}, stop.signal))).toMatchObject({ code: 'CANCELLED' })
  expect(ran).toEqual(['first'])
})

describe('reports', () => {
  it('are kept one file each, newest first, and outlast what is no report', async () => {
    const folder = join(scratch.folder, 'reports')
    const store = createReportStore({ folder, keep: 500 })
    await expect(store.read(undefined)).rejects.toMatchObject({ code: 'REPORT_NOT_FOUND' })
    expect(await store.list()).toEqual([])
    const report = await run(suite('good'), [fakeKind('good')])
    const made = await Promise.all([store.add(report), store.add(report), store.add(report)])
    expect(made.map(({ id }) => id)).toEqual(['r_1', 'r_2', 'r_3'])
    await writeFile(join(folder, 'r_9.json'), 'no report')
    await mkdir(join(folder, 'r_10.json'))
    expect((await store.list()).map(({ id }) => id)).toEqual(['r_3', 'r_2', 'r_1'])
    expect((await store.read(undefined)).id).toBe('r_3')
    expect(await store.read('r_2')).toEqual({ ...report, id: 'r_2' })
    expect((await store.add(report)).id).toBe('r_11')
    await expect(store.read('r_9')).rejects.toMatchObject({ code: 'REPORT_NOT_FOUND' })
    expect((await readdir(folder)).filter((name) => name.endsWith('.tmp'))).toEqual([])
  })

  it('are kept up to a number: the oldest go, whatever suite they are of, and ids are not given twice', async () => {
    const folder = join(scratch.folder, 'few')
    const store = createReportStore({ folder, keep: 3 })
    const report = await run(suite('good'), [fakeKind('good')])
    const other = { ...report, suite: 'other' }
    for (const one of [other, report, report]) await store.add(one)
    expect((await store.list()).map(({ id }) => id)).toEqual(['r_3', 'r_2', 'r_1'])
    await Promise.all([store.add(report), store.add(report)])
    expect((await store.list()).map(({ id }) => id)).toEqual(['r_5', 'r_4', 'r_3'])
    expect((await readdir(folder)).toSorted()).toEqual(['r_3.json', 'r_4.json', 'r_5.json'])
    await expect(store.read('r_1')).rejects.toMatchObject({ code: 'REPORT_NOT_FOUND' })
    // Fewer are kept from the next run on.
    await createReportStore({ folder, keep: 1 }).add(other)
    expect((await store.list()).map(({ id, suite: name }) => [id, name])).toEqual([['r_6', 'other']])
    const { earlier } = await gatherDeps(
      { catalog: scratch.catalog, store, thumbnail: () => expect.fail('no picture is asked for') },
      await store.add(other),
    )
    expect(earlier.map(({ id }) => id)).toEqual(['r_6'])
  })
})
