import fc from 'fast-check'
import { expect, test } from 'vitest'
import { traceContour } from './contours.ts'
import { densitySide, levelsHolding, measureDensity } from './density.ts'

const now = { signal: new AbortController().signal, pause: () => Promise.resolve() }

/** Two round hills, from a generator that repeats. */
function makeHills(count: number): Float32Array {
  const places = new Float32Array(count * 2)
  let state = 7
  const next = (): number => (state = (state * 48_271) % 2_147_483_647) / 2_147_483_647
  for (let i = 0; i < count; i++) {
    const radius = Math.sqrt(-2 * Math.log(next()))
    const angle = 2 * Math.PI * next()
    places[2 * i] = (i % 2 === 0 ? -5 : 5) + radius * Math.cos(angle)
    places[2 * i + 1] = radius * Math.sin(angle)
  }
  return places
}

test('every point is counted once, and the hills stand where the points are', async () => {
  const places = makeHills(20_000)
  const grid = (await measureDensity(places, () => true, now))!
  expect(grid.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(20_000, -1)
  const at = (x: number, y: number): number =>
    grid.values[Math.round((y - grid.low) / grid.step) * densitySide + Math.round((x - grid.left) / grid.step)]!
  expect(at(-5, 0)).toBeGreaterThan(20 * at(0, 0))
  expect(at(5, 0)).toBeGreaterThan(20 * at(0, 0))
  const half = (await measureDensity(places, (i) => i % 2 === 0, now))!
  expect(half.values.reduce((sum, value) => sum + value, 0)).toBeCloseTo(10_000, -1)
})

test('the level of a share holds that share of a round hill', async () => {
  // Of a Gaussian in two dimensions, 1 − e^(−r²/2) lies within r standard deviations.
  const places = makeHills(200_000).map((value, i) => (i % 2 === 0 ? value + (i % 4 === 0 ? 5 : -5) : value))
  const grid = (await measureDensity(places, () => true, now))!
  const [height] = levelsHolding(grid.values, [0.5])
  const pieces = traceContour(grid, height!)
  const expected = Math.sqrt(-2 * Math.log(0.5))
  let sum = 0
  for (let i = 0; i < pieces.length; i += 2) sum += Math.hypot(pieces[i]!, pieces[i + 1]!)
  expect(sum / (pieces.length / 2)).toBeCloseTo(expected, 1)
})

test('nothing to measure, and what is no longer wanted, answer nothing', async () => {
  expect(await measureDensity(new Float32Array(0), () => true, now)).toBeUndefined()
  expect(await measureDensity(makeHills(10), () => false, now)).toBeUndefined()
  const ended = new AbortController()
  ended.abort()
  expect(await measureDensity(makeHills(10), () => true, { ...now, signal: ended.signal })).toBeUndefined()
})

test('long work pauses between slices and stops when told', async () => {
  const ended = new AbortController()
  let pauses = 0
  const pause = (): Promise<void> => {
    if (++pauses === 2) ended.abort()
    return Promise.resolve()
  }
  const places = new Float32Array(2_000_000).map((_, i) => i % 977)
  expect(await measureDensity(places, () => true, { signal: ended.signal, pause })).toBeUndefined()
  expect(pauses).toBe(2)
})

test('a single place has a round contour', async () => {
  const grid = (await measureDensity(Float32Array.of(3, 3, 3, 3), () => true, now))!
  const pieces = traceContour(grid, levelsHolding(grid.values, [0.5])[0]!)
  expect(pieces.length).toBeGreaterThan(0)
})

test('contours are closed lines at their height', () => {
  const grids = fc
    .array(fc.integer({ min: 0, max: 9 }), { minLength: 64, maxLength: 64 })
    // A border of nothing, so that no line leaves the grid.
    .map((inner) =>
      Float32Array.from({ length: 100 }, (_, i) => {
        const [row, column] = [Math.floor(i / 10), i % 10]
        return row === 0 || row === 9 || column === 0 || column === 9 ? 0 : inner[(row - 1) * 8 + column - 1]!
      }),
    )
  fc.assert(
    fc.property(grids, fc.integer({ min: 0, max: 8 }), (values, below) => {
      const pieces = traceContour({ side: 10, values, left: 0, low: 0, step: 1 }, below + 0.5)
      const ends = new Map<string, number>()
      for (let i = 0; i < pieces.length; i += 2) {
        const [x, y] = [pieces[i]!, pieces[i + 1]!]
        const [column, row] = [Math.floor(x), Math.floor(y)]
        const across = x - column
        const up = y - row
        expect(Math.min(across, up)).toBeCloseTo(0, 5)
        const a = values[row * 10 + column]!
        const b = across > up ? values[row * 10 + column + 1]! : values[(row + 1) * 10 + column]!
        expect(a + Math.max(across, up) * (b - a)).toBeCloseTo(below + 0.5, 4)
        ends.set(`${x} ${y}`, (ends.get(`${x} ${y}`) ?? 0) + 1)
      }
      for (const met of ends.values()) expect(met).toBe(2)
    }),
  )
})
