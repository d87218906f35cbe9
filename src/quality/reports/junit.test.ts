import { XMLParser } from 'fast-xml-parser'
import fc from 'fast-check'
import { describe, expect, test } from 'vitest'
import type { CheckResult } from '#contract'
import { makeCheck, makeDeps, makeFinding, makeReport, readStrictly } from './testing.ts'
import { writeReport } from './write.ts'

interface Node {
  [name: string]: unknown
}
const write = async (checks: CheckResult[], change = {}): Promise<string> =>
  (await writeReport(makeReport(checks, change), 'junit', makeDeps())).text
const read = (xml: string): Node => {
  readStrictly(xml)
  return new XMLParser({
    ignoreAttributes: false,
    attributeNamePrefix: '@',
    parseAttributeValue: false,
    trimValues: false,
    isArray: (name) => name === 'testcase',
  }).parse(xml) as Node
}
const suiteOf = (xml: string): Node & { testcase: Node[] } => {
  const { testsuite } = read(xml)['testsuites'] as { testsuite: Node & { testcase: Node[] } }
  return testsuite
}

describe('JUnit', () => {
  test('counts and elements follow the outcomes, in the order of the suite', async () => {
    const outcomes = ['pass', 'fail', 'error', 'empty', 'warn', 'info', 'fail'] as const
    const xml = await write(
      outcomes.map((outcome, i) => makeCheck({ id: `c${i}`, outcome, error: outcome === 'error' ? 'gone' : null })),
    )
    const suite = suiteOf(xml)
    expect([suite['@tests'], suite['@failures'], suite['@errors'], suite['@skipped']]).toEqual(['7', '2', '1', '1'])
    expect(suite['@timestamp']).toBe('2026-03-04T05:06:07')
    expect(suite['@time']).toBe('1.234')
    const told = suite.testcase.map((one) => ['failure', 'error', 'skipped'].filter((name) => name in one).join())
    expect(told).toEqual(['', 'failure', 'error', 'skipped', '', '', 'failure'])
    expect((suite.testcase[2]!['error'] as Node)['@message']).toBe('gone')
    expect(suite.testcase.map((one) => one['@name'])).toEqual(outcomes.map((_, i) => `Dark pictures (c${i})`))
  })

  test('holds only what the schema of junit-10.xsd names', async () => {
    const xml = await write(
      (['pass', 'fail', 'error', 'empty'] as const).map((outcome) => makeCheck({ outcome })),
      { scope: 'split = "val"', against: 'slice:a', stage: 'source', environment: 'ci' },
    )
    const allowed: Record<string, string[]> = {
      testsuites: ['name', 'time', 'tests', 'failures', 'errors', 'disabled'],
      testsuite: [
        'name',
        'tests',
        'failures',
        'errors',
        'group',
        'time',
        'skipped',
        'timestamp',
        'hostname',
        'id',
        'package',
        'file',
        'log',
        'url',
        'version',
      ],
      properties: [],
      property: ['name', 'value'],
      testcase: ['name', 'time', 'classname', 'status', 'assertions', 'class', 'file', 'line', 'log', 'group', 'url'],
      failure: ['type', 'message'],
      error: ['type', 'message'],
      skipped: ['type', 'message'],
      'system-out': [],
    }
    for (const { name, attributes } of readStrictly(xml)) {
      expect(Object.keys(allowed)).toContain(name)
      expect(Object.keys(attributes).filter((key) => !allowed[name]!.includes(key))).toEqual([])
    }
  })

  test('says in system-out how to find them again', async () => {
    const [one] = suiteOf(
      await write([
        makeCheck({
          outcome: 'warn',
          found: 3,
          value: 0.5,
          query: 'width < 3',
          hint: 'Look.',
          findings: [makeFinding({ other: { sample: 's_2', path: 'b.jpg' } })],
        }),
      ]),
    ).testcase
    expect(one!['system-out']).toBe(
      'warning: No picture is too dark.\nvalue: 0.5, bound: ≤ 0.02\nfound: 3 of 1,200 samples\nquery: width &lt; 3\n- a/1.jpg and b.jpg: is dark\nhint: Look.'.replace(
        '&lt;',
        '<',
      ),
    )
  })

  test('stands any text: markup, controls, half characters', async () => {
    await fc.assert(
      fc.asyncProperty(
        fc.oneof(
          fc.array(fc.integer({ min: 0, max: 0xffff })).map((units) => String.fromCharCode(...units)),
          fc.constantFrom(']]>', '<!--', '\u0000\u001b[31m', '\ud800', '"&<>\''),
        ),
        async (text) => {
          const xml = await write(
            [
              makeCheck({
                outcome: 'fail',
                title: text,
                message: text,
                query: text,
                id: text,
                findings: [makeFinding({ path: text })],
              }),
            ],
            { dataset: text, scope: text },
          )
          expect(Buffer.from(xml).toString()).toBe(xml)
          expect(readStrictly(xml).filter(({ name }) => name === 'testcase')).toHaveLength(1)
        },
      ),
      { numRuns: 40 },
    )
  })
})
