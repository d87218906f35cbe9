import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { parseQuery } from '#query'
import type { ExplainColumn } from './conditions.ts'
import { explainSelection, type Explanation } from './explain.ts'

const rows = 600
const rng = createRng(5)
const brightness = Float64Array.from({ length: rows }, (_, row) => (row % 50 === 0 ? Number.NaN : rng.next()))
const sharpness = Float64Array.from({ length: rows }, () => rng.next())
const camera = Int32Array.from({ length: rows }, () => rng.integer(-1, 3))
const cameras = ['north', 'south', 'east "2"', 'west']
const blurry = Int32Array.from(Array.from({ length: rows }, (_, row) => row).filter((row) => row % 7 === 0))
const columns: ExplainColumn[] = [
  { kind: 'number', name: 'brightness', values: brightness },
  { kind: 'number', name: 'exif.iso', values: sharpness },
  { kind: 'category', name: 'camera', values: camera, names: cameras },
  { kind: 'flags', name: 'tag', members: [{ text: 'tag:"blurry"', rows: blurry }] },
]
const isBlurry = new Set(blurry)
const pick = (test: (row: number) => boolean): Uint8Array =>
  Uint8Array.from({ length: rows }, (_, row) => (test(row) ? 1 : 0))
const explain = (inside: Uint8Array, given: readonly ExplainColumn[] = columns): Promise<Explanation[]> =>
  explainSelection({ columns: given, inside })

/** Runs the queries that come out, which are unions of conjunctions of a few kinds of tests. */
function matches(query: string, row: number): boolean {
  const test = (text: string): boolean => {
    if (text.startsWith('not ')) return !test(text.slice(4))
    if (text.startsWith('tag:')) return isBlurry.has(row)
    const [, field, operator, value] = /^(\S+) (>=|<=|=|!=|in) (.*)$/.exec(text)!
    if (field === 'camera') {
      const names = [...value!.matchAll(/"((?:[^"\\]|\\.)*)"/g)].map((match) => match[1]!.replaceAll('\\', ''))
      const own = cameras[camera[row]!]
      return operator === '!=' ? own !== names[0] : own !== undefined && names.includes(own)
    }
    const number = (field === 'brightness' ? brightness : sharpness)[row]!
    return operator === '>=' ? number >= Number(value) : number <= Number(value)
  }
  return query.split(' or ').some((clause) =>
    clause
      .replaceAll(/^\(|\)$/g, (mark) => (/ in \(/.test(clause) && mark === ')' && !clause.startsWith('(') ? mark : ''))
      .split(' and ')
      .every(test),
  )
}

describe('explaining a selection', () => {
  it.each([
    ['a threshold', (row: number) => brightness[row]! >= 0.7, /^brightness >= 0\.\d{1,3}$/],
    ['a value', (row: number) => camera[row] === 2, /^camera = "east \\"2\\""$/],
    ['a flag', (row: number) => isBlurry.has(row), /^tag:"blurry"$/],
    ['what has no flag', (row: number) => !isBlurry.has(row), /^not tag:"blurry"$/],
    [
      'both of two things',
      (row: number) => camera[row] === 0 && sharpness[row]! < 0.4,
      /^(camera = "north" and exif\.iso <= 0\.\d+|exif\.iso <= 0\.\d+ and camera = "north")$/,
    ],
    [
      'either of two values',
      (row: number) => camera[row] === 0 || camera[row] === 3,
      /^camera in \("(north", "west|west", "north)"\)$/,
    ],
    ['either of two things', (row: number) => isBlurry.has(row) || brightness[row]! > 0.9, / or /],
  ])('finds %s', async (_, test, pattern) => {
    const [first] = await explain(pick(test))
    expect(first!.query).toMatch(pattern)
    expect([first!.precision, first!.recall]).toEqual([1, 1])
  })

  it('is put shortly: no test is added that tells nothing new', async () => {
    for (const { query } of await explain(pick((row) => camera[row] === 1)))
      expect(query).not.toMatch(/camera = "south" and/)
  })

  it('says nothing where nothing tells, and refuses an empty selection', async () => {
    expect(
      await explain(
        pick((row) => row < 300),
        [],
      ),
    ).toEqual([])
    await expect(explain(pick(() => false))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('writes queries that parse and match what they claim', { timeout: 30_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(fc.integer({ min: 1, max: 1e6 }), async (seed) => {
        const chance = createRng(seed)
        const low = chance.next()
        const inside = pick((row) => (brightness[row]! > low && camera[row] === seed % 4) || chance.next() < 0.05)
        const selected = inside.reduce((sum, one) => sum + one, 0)
        for (const { query, precision, recall, count } of await explain(inside)) {
          expect(() => parseQuery(query)).not.toThrow()
          const found = Array.from({ length: rows }, (_, row) => row).filter((row) => matches(query, row))
          const hits = found.filter((row) => inside[row] === 1).length
          expect([query, found.length]).toEqual([query, count])
          expect(precision).toBeCloseTo(hits / count, 10)
          expect(recall).toBeCloseTo(hits / selected, 10)
        }
      }),
      { numRuns: 15 },
    )
  })
})
