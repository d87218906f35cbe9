import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { parseQuery } from '#query'
import type { ExplainColumn } from './conditions.ts'
import { explainSelection, type Explanation } from './explain.ts'

const rows = 600
const rng = createRng(5)
const brightness = Float64Array.from({ length: rows }, (_, row) => (row % 50 === 0 ? Number.NaN : rng.next()))
const iso = Float64Array.from({ length: rows }, () => rng.next())
const objects = Float64Array.from({ length: rows }, () => rng.integer(0, 6))
const camera = Int32Array.from({ length: rows }, () => rng.integer(-1, 4))
const cameras = ['north', 'south', 'east "2"', 'west', 'up\\down']
const listRows = (test: (row: number) => boolean): Int32Array =>
  Int32Array.from(Array.from({ length: rows }, (_, row) => row).filter(test))
const blurry = listRows((row) => row % 7 === 0)
const cracked = listRows((row) => row % 11 < 3)
const columns: ExplainColumn[] = [
  { kind: 'number', name: 'brightness', values: brightness },
  { kind: 'number', name: 'exif.iso', values: iso },
  { kind: 'number', name: 'order', values: objects },
  { kind: 'category', name: 'The camera', values: camera, names: cameras },
  { kind: 'flags', name: 'tag', members: [{ text: 'tag:"blurry"', rows: blurry }] },
  { kind: 'flags', name: 'class', members: [{ text: 'crack > 0 or dent > 0', rows: cracked }] },
]
const isBlurry = new Set(blurry)
const isCracked = new Set(cracked)
const pick = (test: (row: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: rows }, (_, row) => (test(row) ? 1 : 0))
const explain = (inside: Uint8Array, given: readonly ExplainColumn[] = columns): Promise<Explanation[]> =>
  explainSelection({ columns: given, inside })

type Term = NonNullable<ReturnType<typeof parseQuery>['where']>

/** Whether a row meets a query, by the rules of docs/query-language.md, for the columns above. */
function meets(term: Term, row: number): boolean {
  if (term.kind === 'and') return term.terms.every((one) => meets(one, row))
  if (term.kind === 'or') return term.terms.some((one) => meets(one, row))
  if (term.kind === 'not') return !meets(term.term, row)
  if (term.kind !== 'compare' && term.kind !== 'in' && term.kind !== 'missing') throw new Error(`Found ${term.kind}.`)
  if (term.operand.kind !== 'name') throw new Error(`Found ${term.operand.kind}.`)
  const { name, quote } = term.operand
  if (name === 'tag') return isBlurry.has(row)
  if (name === 'crack' || name === 'dent') return isCracked.has(row)
  expect([name, quote]).toEqual([name, /^[a-z.]+$/.test(name) && name !== 'order' ? '' : '`'])
  const value =
    name === 'The camera' ? cameras[camera[row]!] : { brightness, 'exif.iso': iso, order: objects }[name]![row]
  const known = value !== undefined && !Number.isNaN(value)
  if (term.kind === 'missing') return known === term.negated
  const same = (text: string): boolean => known && (typeof value === 'number' ? value === Number(text) : value === text)
  if (term.kind === 'in') return term.values.some(({ text }) => same(text)) !== term.negated
  if (term.operator === '=') return same(term.value.text)
  if (term.operator === '!=') return !same(term.value.text)
  expect(term.value.form).toBe('number')
  return term.operator === '>=' ? Number(value) >= Number(term.value.text) : Number(value) <= Number(term.value.text)
}

describe('explaining a selection', () => {
  it.each([
    ['a threshold', (row: number) => brightness[row]! >= 0.7, /^brightness >= 0\.7$/],
    ['a bound of whole numbers', (row: number) => objects[row]! >= 4, /^`order` >= 4$/],
    ['a whole number', (row: number) => objects[row] === 2, /^`order` = 2$/],
    ['a range', (row: number) => iso[row]! > 0.2 && iso[row]! < 0.6, /^exif\.iso >= 0\.2 and exif\.iso <= 0\.6$/],
    ['what is missing', (row: number) => Number.isNaN(brightness[row]), /^brightness is missing$/],
    ['a missing value', (row: number) => camera[row]! < 0, /^`The camera` is missing$/],
    ['a value', (row: number) => camera[row] === 2, /^`The camera` = "east \\"2\\""$/],
    ['all but a value', (row: number) => camera[row] !== 4, /^`The camera` != "up\\\\down"$/],
    ['a flag', (row: number) => isBlurry.has(row), /^tag:"blurry"$/],
    ['what has no flag', (row: number) => !isBlurry.has(row), /^not tag:"blurry"$/],
    ['what fails a loose text', (row: number) => !isCracked.has(row), /^not \(crack > 0 or dent > 0\)$/],
    [
      'both of two things',
      (row: number) => camera[row] === 0 && iso[row]! < 0.4,
      /^(`The camera` = "north" and exif\.iso <= 0\.4|exif\.iso <= 0\.4 and `The camera` = "north")$/,
    ],
    ['two flags', (row: number) => isBlurry.has(row) && isCracked.has(row), /^\S.* and \S.*$/],
    [
      'all of three things, one of them common',
      (row: number) => camera[row] === 1 && iso[row]! < 0.8 && !isBlurry.has(row),
      /^(?=.*exif\.iso <= 0\.8)(?=.*not tag:"blurry")(?=.*`The camera` = "south")/,
    ],
    [
      'either of two values',
      (row: number) => camera[row] === 0 || camera[row] === 3,
      /^`The camera` in \("north", "west"\)$/,
    ],
    [
      'none of two values',
      (row: number) => camera[row] !== 0 && camera[row] !== 3,
      /^`The camera` not in \("north", "west"\)$/,
    ],
    [
      'either of two things',
      (row: number) => isBlurry.has(row) || brightness[row]! > 0.9,
      /^\S+( >= 0\.9)? or \S+( >= 0\.9)?$/,
    ],
    [
      'both ends',
      (row: number) => iso[row]! < 0.2 || iso[row]! > 0.7,
      /^exif\.iso (<= 0\.2|>= 0\.7) or exif\.iso (<= 0\.2|>= 0\.7)$/,
    ],
    [
      'one of two pairs',
      (row: number) => (isBlurry.has(row) && brightness[row]! > 0.3) || (camera[row] === 3 && iso[row]! < 0.5),
      /^\(.* and .*\) or \(.* and .*\)$/,
    ],
  ])('finds %s', async (_, test, pattern) => {
    const [first] = await explain(pick(test))
    expect(first!.query).toMatch(pattern)
    expect([first!.precision, first!.recall, first!.f1]).toEqual([1, 1, 1])
  })

  it('prefers the shorter of two that say the same, and says the same thing once', async () => {
    const copy = { kind: 'flags' as const, name: 'tag', members: [{ text: 'tag:copy', rows: blurry }] }
    const answers = await explain(
      pick((row) => isBlurry.has(row)),
      [...columns, copy],
    )
    expect(answers.slice(0, 2).map(({ query }) => query)).toEqual(['tag:"blurry"', 'tag:copy'])
    for (const { query } of answers.slice(2)) expect(query).not.toMatch(/tag/)
    for (const { query } of await explain(pick((row) => camera[row] === 1)))
      expect(query).not.toMatch(/camera` = "south" and/)
  })

  it('keeps to the limits', async () => {
    const inside = pick((row) => (camera[row] === 0 && iso[row]! < 0.5) || isBlurry.has(row))
    const answers = await explainSelection({ columns, inside, maxConditions: 1, maxClauses: 1, limit: 2 })
    expect(answers.length).toBeLessThanOrEqual(2)
    for (const { query } of answers) expect(query).not.toMatch(/ or |^(?!.*exif\.iso >=.*<=).* and /)
    expect((await explain(inside))[0]!.query).toMatch(/ or /)
    await expect(explainSelection({ columns, inside }, { signal: AbortSignal.abort() })).rejects.toMatchObject({
      code: 'CANCELLED',
    })
  })

  it('says nothing where nothing tells, and refuses what it cannot explain', async () => {
    const half = pick((row) => row < 300)
    expect(await explain(half, [])).toEqual([])
    expect(await explain(half, [{ kind: 'number', name: 'a', values: new Float64Array(rows).fill(1) }])).toEqual([])
    expect(await explain(pick(() => true))).toEqual([])
    await expect(explain(pick(() => false))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(explain(half, [{ kind: 'number', name: 'a', values: new Float64Array(3) }])).rejects.toMatchObject({
      message: 'Expected 600 values of a, got 3.',
    })
  })

  it('writes no bound that a query cannot', async () => {
    const odd = [-Infinity, -1e300, -3e-9, -0, 0, 2e-9, 1e21, Infinity, Number.NaN]
    const values = Float64Array.from({ length: rows }, (_, row) => odd[row % odd.length]!)
    for (let bound = 0; bound < odd.length - 1; bound++) {
      const inside = pick((row) => values[row]! >= odd[bound]!)
      for (const { query, count } of await explain(inside, [{ kind: 'number', name: 'a', values }])) {
        expect(() => parseQuery(query)).not.toThrow()
        expect(query).not.toMatch(/Infinity|NaN/)
        const [, low] = /^a >= (\S+)$/.exec(query) ?? []
        if (low !== undefined) expect(count).toBe(values.filter((value) => value >= Number(low)).length)
      }
    }
  })

  it('writes queries that parse and match exactly what they claim', async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const chance = createRng(seed)
        const low = chance.next()
        const inside = pick(
          (row) =>
            (brightness[row]! > low && camera[row] === (seed % 6) - 1) ||
            (seed % 3 === 0 && isBlurry.has(row) !== isCracked.has(row)) ||
            chance.next() < 0.05,
        )
        const selected = inside.reduce((sum, one) => sum + one, 0)
        for (const { query, precision, recall, f1, count } of await explain(inside)) {
          const { where } = parseQuery(query)
          const found = Array.from({ length: rows }, (_, row) => row).filter((row) => meets(where!, row))
          const hits = found.filter((row) => inside[row] === 1).length
          expect([query, found.length]).toEqual([query, count])
          expect(precision).toBe(hits / count)
          expect(recall).toBe(hits / selected)
          expect(f1).toBeCloseTo((2 * precision * recall) / (precision + recall), 10)
        }
      }),
      { numRuns: 25 },
    )
  })
})
