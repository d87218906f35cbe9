import { createHash } from 'node:crypto'
import { describe, expect, test } from 'vitest'
import { palette, type CheckResult, type Outcome } from '#contract'
import {
  makeCheck,
  makeDeps,
  makeEarlier,
  makeFinding,
  makeLabels,
  makeReport,
  readStrictly,
  type MarkupElement,
} from './testing.ts'
import { outcomeWords, outcomesWorstFirst } from './plain-words.ts'
import { writeReport } from './write.ts'

const hostile = `</title></style></svg><script>alert(1)</script><img src=x onerror="alert(1)">' onload='x`
const write = async (checks: CheckResult[], deps = makeDeps(), change = {}): Promise<string> =>
  (await writeReport(makeReport(checks, change), 'html', deps)).text

/** All elements of a page. Whatever names smuggled in would show here. */
const readPage = (page: string): MarkupElement[] =>
  readStrictly(
    page
      .replace('<!doctype html>', '')
      .replaceAll(/<(meta [^>]*)>/g, '<$1/>')
      .replaceAll('<br>', '<br/>')
      .replace(/<style>[^<]*<\/style>/, ''),
  )

const plot = {
  kind: 'bars' as const,
  title: hostile,
  unit: hostile,
  edges: [],
  names: [hostile, 'b'],
  counts: [3, 1],
  reference: null,
  marks: [{ at: 2, label: hostile }],
}

describe('the page', () => {
  test('runs nothing and asks for nothing, whatever names hold', async () => {
    const check = makeCheck({
      id: hostile,
      check: hostile,
      title: hostile,
      message: hostile,
      bound: hostile,
      unit: hostile,
      query: hostile,
      hint: hostile,
      error: hostile,
      outcome: 'fail',
      found: 2,
      plot,
      findings: [
        makeFinding({ path: hostile, what: hostile, label: 'l_1', other: { sample: 's_2', path: hostile } }),
        makeFinding({ sample: null, path: null, what: hostile }),
      ],
    })
    const page = await write(
      [check, makeCheck({ plot })],
      makeDeps({
        earlier: [{ ...makeEarlier(1, hostile, 3), scope: hostile, against: hostile }],
        labelsOf: async (samples) => samples.map((sample) => makeLabels(sample, hostile)),
      }),
      { dataset: hostile, suite: hostile, scope: hostile, against: hostile, environment: hostile, at: hostile },
    )
    const elements = readPage(page)
    const names = new Set(elements.map(({ name }) => name))
    for (const name of ['script', 'img', 'iframe', 'link', 'base', 'form', 'object']) expect(names).not.toContain(name)
    const attributes = elements.flatMap((element) => Object.entries(element.attributes))
    expect(attributes.filter(([name]) => /^on|^style$|^src$/i.test(name))).toEqual([])
    const addresses = attributes.flatMap(([name, value]) => (/href|url/i.test(name) ? [value] : []))
    expect(addresses.length).toBeGreaterThan(2)
    for (const address of addresses) expect(address).toMatch(/^(#[\w-]+$|data:image\/jpeg;base64,)/)
  })

  test('has a policy that holds for its own style alone', async () => {
    const page = await write([makeCheck()])
    const policy = /http-equiv="Content-Security-Policy" content="([^"]*)"/.exec(page)![1]!.replaceAll('&#39;', "'")
    const style = /<style>([^]*)<\/style>/.exec(page)![1]!
    expect(policy).toContain(`default-src 'none'`)
    expect(policy).toContain(`style-src 'sha256-${createHash('sha256').update(style).digest('base64')}'`)
    expect(policy).not.toContain('unsafe')
    expect(page.indexOf('Content-Security-Policy')).toBeLessThan(page.indexOf('<style>'))
  })

  test.each(outcomesWorstFirst)(
    'tells the outcome %s, and details of all but what passed',
    async (outcome: Outcome) => {
      const page = await write([makeCheck({ outcome, error: outcome === 'error' ? 'the disk is gone' : null })])
      expect(page).toContain(`<span class="badge ${outcome}">${outcomeWords[outcome]}</span>`)
      expect(page.includes('<section class="check"')).toBe(outcome !== 'pass')
      expect(page.includes('the disk is gone')).toBe(outcome === 'error')
      const verdict = outcome === 'fail' || outcome === 'error' ? 'The data does not pass' : 'The data passes'
      expect(page).toContain(`<h1>${verdict}`)
    },
  )

  test('of an empty suite says that nothing was checked', async () => {
    const page = await write([])
    expect(page).toContain('No check was run')
    expect(page).not.toContain('The data passes')
  })

  test('puts the worst first, those alike in the order of the suite', async () => {
    const order: Outcome[] = ['pass', 'warn', 'fail', 'empty', 'error', 'fail', 'info']
    const page = await write(order.map((outcome, i) => makeCheck({ outcome, title: `title ${i}` })))
    const titles = [...page.slice(0, page.indexOf('</table>')).matchAll(/title (\d)/g)].map(([, i]) => Number(i))
    expect(titles).toEqual([2, 5, 4, 1, 3, 6, 0])
  })

  test('shows pairs, labels over pictures, query, plot and trend', async () => {
    const page = await write(
      [
        makeCheck({
          outcome: 'fail',
          found: 30,
          value: 0.3,
          query: 'tag:"a" and width > 3',
          plot: { ...plot, kind: 'histogram', edges: [0, 1, 2], names: [], reference: [1, 3], title: 'Brightness' },
          findings: [makeFinding({ label: 'l_1', other: { sample: 's_2', path: 'b/2.jpg' } })],
        }),
      ],
      makeDeps({
        earlier: [
          makeEarlier(1, 'dark', 0.1),
          makeEarlier(2, 'dark', null),
          makeEarlier(3, 'dark', 0.2),
          { ...makeEarlier(4, 'dark', 9), scope: 'split = "val"' },
        ],
      }),
    )
    expect(page).toContain('<code>tag:&quot;a&quot; and width &gt; 3</code>')
    for (const sample of ['s_1', 's_2']) {
      expect(page).toContain(`<image id="picture-${sample}" width="400" height="200"`)
      expect(page).toContain(`<use href="#picture-${sample}"/>`)
    }
    expect(page).toContain('<path class="line stressed" d="M10 20h30v40h-30z"')
    expect(page).toContain('truth: scratch')
    expect(page).toContain('Brightness (shares)')
    expect(page).toContain('class="reference"')
    expect(page).toContain('The worst 1 of 30')
    expect(page.match(/<circle class="dot/g)).toHaveLength(6)
  })

  test('says beside a query what it leaves out, as the other formats do', async () => {
    const check = makeCheck({ outcome: 'fail', query: 'id in ("s_1")', unit: 'labels' })
    const cut = makeReport([{ ...check, queryNames: { named: 1, of: 3 } }])
    for (const format of ['html', 'markdown', 'junit'] as const) {
      const says = 'The query names the samples of only 1 of the 3 labels found.'
      expect((await writeReport(cut, format, makeDeps())).text).toContain(says)
      expect((await writeReport(makeReport([check]), format, makeDeps())).text).not.toContain('The query names')
    }
  })

  test('draws classes in the colours of the ontology, the others in those that are left', async () => {
    const found = makeCheck({
      outcome: 'fail',
      found: 3,
      findings: ['s_1', 's_2', 's_3'].map((sample) => makeFinding({ sample })),
    })
    const classes: Record<string, string> = { s_1: 'zinc', s_2: 'rust', s_3: 'dent' }
    const page = await write(
      [found],
      makeDeps({
        labelsOf: async (samples) => samples.map((sample) => makeLabels(sample, classes[sample])),
        classColours: async () => new Map([['rust', '#112233']]),
      }),
    )
    const strokes = readPage(page).flatMap(({ attributes }) => attributes['stroke'] ?? [])
    expect(strokes).toEqual([palette[1], '#112233', palette[0]])
  })

  test('keeps each picture once, at most 300, 12 MB, and says which are missing', async () => {
    const shared = makeCheck({ outcome: 'warn', findings: [makeFinding(), makeFinding()] })
    expect((await write([shared, shared])).match(/<image /g)).toHaveLength(1)

    const many = Array.from({ length: 20 }, (_, c) =>
      makeCheck({
        outcome: 'fail',
        findings: Array.from({ length: 30 }, (_value, i) => makeFinding({ sample: `s_${c * 100 + i}` })),
      }),
    )
    const page = await write(many)
    expect(page.match(/<image /g)).toHaveLength(300)
    expect(page.match(/<li /g)).toHaveLength(20 * 24)
    expect(page.match(/class="gone"/g)).toHaveLength(20 * 24 - 300)

    const heavy = { bytes: new Uint8Array(140_000), mediaType: 'image/webp', width: 256, height: 256 }
    expect((await write(many, makeDeps({ thumbnail: async () => heavy }))).length).toBeLessThan(17_000_000)
  })

  test.each([
    ['gone', undefined],
    ['a drawing that could hold more', { mediaType: 'image/svg+xml' }],
    ['too large', { width: 257 }],
    ['too heavy', { bytes: new Uint8Array(150_001) }],
  ])('goes on without a picture that is %s', async (_, change) => {
    const usual = await makeDeps().thumbnail('s_1')
    const thumbnail = async () => (change === undefined ? undefined : { ...usual!, ...change })
    const page = await write([makeCheck({ outcome: 'fail', findings: [makeFinding()] })], makeDeps({ thumbnail }))
    expect(page).toContain('no picture of s_1 here')
    expect(page).not.toContain('<image')
  })
})
