import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FoveaError } from '#base'
import { createExpectKind } from '../expect/kind.ts'
import { parse } from '../testing.ts'
import type { SuiteProblem } from './source.ts'

const suite = (checks: string): string => `version: 1\nsuites:\n  default:\n    checks:\n${checks}`
const checksOf = (text: string, environment?: string, name = 'default') =>
  parse(text, environment).suites.find((one) => one.name === name)!.checks

function problemsOf(text: string, environment?: string): SuiteProblem[] {
  try {
    parse(text, environment)
  } catch (caught) {
    const error = caught as FoveaError
    expect(error).toBeInstanceOf(FoveaError)
    expect(error.code).toBe('SUITE_INVALID')
    return (error.details as { problems: SuiteProblem[] }).problems
  }
  return []
}

describe('checks', () => {
  it('are written as a name, with parameters, by "check", or dropped', () => {
    const checks = checksOf(
      suite(`
      - dark
      - dark: {max_share: 0.02}
      - check: blurry
        id: sharp-enough
        severity: fail
        scope: split = "val"
        threshold: 0.2
      - leaks: {by: looks, severity: info, id: apart}
        stage: production
`),
    )
    expect(checks.map(({ id, kind, severity, parameters }) => [id, kind.name, severity, parameters])).toEqual([
      ['dark', 'dark', null, { max_share: 0, by: 'hash' }],
      ['dark-2', 'dark', null, { max_share: 0.02, by: 'hash' }],
      ['sharp-enough', 'blurry', 'fail', { max_share: 0, by: 'hash', threshold: 0.2 }],
      ['apart', 'leaks', 'info', { max_share: 0, by: 'looks' }],
    ])
    expect(checks[2]!.scope!.text).toBe('split = "val"')
    expect(checks[3]!.stage).toBe('production')
  })

  it('take their bound from parameters and environments', () => {
    const text = `version: 1
parameters: { dark: 0.02, word: crack, names: [a, b] }
environments:
  ci: { dark: 0.5 }
  bare:
suites:
  default:
    checks:
      - dark: { max_share: "\${dark}" }
        scope: class = "\${word}"
`
    expect(checksOf(text)[0]!.parameters).toMatchObject({ max_share: 0.02 })
    expect(checksOf(text, 'ci')[0]!.parameters).toMatchObject({ max_share: 0.5 })
    expect(checksOf(text)[0]!.scope!.text).toBe('class = "crack"')
    expect(parse(text).environments).toEqual(['ci', 'bare'])
    expect(problemsOf(text, 'cl')).toMatchObject([
      { message: 'There is no environment "cl".', hint: 'Did you mean ci?' },
    ])
  })

  it('are inherited, replaced by id and left out', () => {
    const text = `version: 1
suites:
  base:
    scope: split = "train"
    severity: fail
    checks: [dark, blurry, leaks]
  child:
    extends: base
    stage: production
    checks:
      - dark: { max_share: 0.1 }
      - blurry: false
      - leaks: { id: more }
  grandchild: { extends: child }
`
    const [, child, grandchild] = parse(text).suites
    expect(child!.checks.map((check) => [check.id, check.parameters['max_share']])).toEqual([
      ['dark', 0.1],
      ['leaks', 0],
      ['more', 0],
    ])
    expect(grandchild).toMatchObject({
      extends: 'child',
      stage: 'production',
      severity: 'fail',
      scope: { text: 'split = "train"' },
    })
    expect(grandchild!.checks).toHaveLength(3)
  })

  it('that are expectations go by their words, and never replace one another', () => {
    const kinds = [createExpectKind({ catalog: undefined as never })]
    const text = `version: 1
suites:
  a: { checks: [{ expect: count(labels) > 0 }] }
  b:
    extends: a
    checks:
      - expect: count(labels) > 0
      - expect: mean(objects) >= 1
        id: crowded
`
    expect(parse(text, undefined, kinds).suites[1]!.checks.map((check) => check.id)).toEqual([
      'expect-count-labels-gt-0',
      'expect-count-labels-gt-0-2',
      'crowded',
    ])
  })
})

describe('problems', () => {
  it('are all told at once, with line and column and the nearest name', () => {
    const text = `version: 2
suits: {}
suites:
  default:
    extend: base
    severity: bad
    checks:
      - drak
      - dark: { max_shere: 0.1 }
      - dark: { max_share: "0.1" }
      - blurry: { max_share: 7, by: color }
      - check: leaks
        sverity: fail
`
    expect(problemsOf(text).map(({ line, column, message, hint }) => [line, column, message, hint])).toEqual([
      [1, 10, 'Expected version 1, got 2.', 'This fovea reads version 1.'],
      [2, 1, 'A suite file takes no "suits".', 'Did you mean suites?'],
      [5, 5, 'A suite takes no "extend".', 'Did you mean extends?'],
      [6, 15, 'Expected info, warn or fail for severity, got "bad".', 'Known: info, warn, fail.'],
      [8, 9, 'There is no check "drak".', 'Did you mean dark?'],
      [9, 17, 'dark takes no "max_shere".', 'Did you mean max_share?'],
      [10, 28, 'max_share: expected number, got "0.1".', null],
      [11, 30, expect.stringMatching(/^max_share: .*1, got 7\.$/), null],
      [11, 37, expect.stringMatching(/^by: .*got "color"\.$/), null],
      [13, 9, 'leaks takes no "sverity".', 'Did you mean severity?'],
    ])
  })

  it.each([
    ['a circle', 'version: 1\nsuites:\n  a: {extends: b}\n  b: {extends: a}\n', 4, 16, 'in a circle: a → b → a'],
    [
      'an unknown parent',
      'version: 1\nsuites:\n  a: {extends: bse}\n  base: {checks: [dark]}\n',
      3,
      16,
      'no suite "bse"',
    ],
    ['an unknown parameter', suite('      - dark: {max_share: "${drk}"}\n'), 5, 27, 'no parameter "drk"'],
    ['the same id twice', suite('      - dark: {id: a}\n      - blurry: {id: a}\n'), 6, 9, 'the id "a"'],
    ['nothing to leave out', suite('      - dark: false\n'), 5, 9, 'no inherited check "dark"'],
    ['YAML that is none', 'version: 1\nsuites: [\n', 3, 1, 'The YAML cannot be read'],
    ['an unquoted reference', suite('      - dark: {max_share: ${x}}\n'), 5, 28, 'The YAML cannot be read'],
    ['a list for a map', 'version: 1\nsuites: []\n', 2, 9, 'Expected names of suites, got a list'],
    ['no checks', 'version: 1\nsuites:\n  a: {}\n', 3, 3, 'has no checks'],
    ['nothing', '', 1, 1, 'Expected a map with version and suites, got nothing'],
    [
      'an undeclared name in an environment',
      'version: 1\nparameters: {a: 1}\nenvironments: {x: {b: 2}}\nsuites: {s: {checks: [dark]}}\n',
      3,
      20,
      'no parameter "b"',
    ],
  ])('%s is refused', (_, text, line, column, words) => {
    const [first] = problemsOf(text)
    expect(first).toMatchObject({ line, column, message: expect.stringContaining(words) as string })
  })

  it('stand where the mistake stands, however the file is laid out', () => {
    const blank = fc.constantFrom('', '# a note\n', '\n', '  \n')
    fc.assert(
      fc.property(
        fc.array(blank, { maxLength: 5 }),
        fc.integer({ min: 1, max: 8 }),
        fc.nat(4),
        (before, indent, others) => {
          const pad = ' '.repeat(indent)
          const text = `version: 1\nsuites:\n${pad}default:\n${pad.repeat(2)}checks:\n${before.join('')}${`${pad.repeat(2)}- dark: {id: x0}\n`.repeat(others > 0 ? 1 : 0)}${pad.repeat(2)}- wrogn\n`
          const at = text.indexOf('wrogn')
          const lines = text.slice(0, at).split('\n')
          expect(problemsOf(text)).toMatchObject([{ line: lines.length, column: lines.at(-1)!.length + 1 }])
        },
      ),
    )
  })

  it('are the only thing any text leads to', () => {
    const piece = fc.constantFrom(
      'version: 1\n',
      'suites:\n',
      '  a:\n',
      '    checks:\n',
      '      - ',
      'dark',
      ': ',
      '{',
      '}',
      '[',
      '&x ',
      '*x',
      '\n',
      '${a}',
      '!!binary ',
      '"',
      '- ',
      'parameters: {a: 1}\n',
      '? ',
      '<<: ',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 30 }), (pieces) => {
        const text = pieces.join('')
        for (const { line, column } of problemsOf(text)) {
          expect(line).toBeGreaterThanOrEqual(1)
          expect(line).toBeLessThanOrEqual(text.split('\n').length)
          expect(column).toBeGreaterThanOrEqual(1)
        }
      }),
      { numRuns: 500 },
    )
  })
})

it('aliases stand for what they name, and cannot blow up', () => {
  const text = suite('      - dark: &d {max_share: 0.1}\n      - blurry: *d\n')
  expect(checksOf(text)[1]!.parameters).toMatchObject({ max_share: 0.1 })
  const bomb = `version: 1\nparameters: &a {x: 1}\nsuites:\n  s:\n    checks: [${Array.from({ length: 150 }, () => '*a').join(', ')}]\n`
  expect(problemsOf(bomb).some(({ message }) => message.includes('at most 100 aliases'))).toBe(true)
})
