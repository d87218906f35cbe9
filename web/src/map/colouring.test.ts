import { expect, test } from 'vitest'
import { codePoints, countCodes, noCode, rampCodes, rangeOf, tableOf, valueAt } from './colouring.ts'
import { makeRamp, toOklab } from './ramp.ts'

test('points take the names of their samples, whatever the order', () => {
  const column = { ids: Int32Array.of(1, 2, 3, 8), values: Float32Array.of(1, 0, -1, 1), names: ['scratch', 'dent'] }
  const { codes, names, range } = codePoints(Int32Array.of(8, 3, 2, 7, 1, 1), column, 8)
  expect([...codes]).toEqual([1, noCode, 0, noCode, 1, 1])
  expect(names).toEqual(['scratch', 'dent'])
  expect(range).toBeNull()
  const counts = countCodes(codes, (point) => point !== 5)
  expect([counts[0], counts[1], counts[noCode]]).toEqual([1, 2, 2])
})

test('the value of one sample', () => {
  const ids = Int32Array.of(1, 4, 9)
  const named = { ids, values: Float32Array.of(1, -1, 0), names: ['a', 'b'] }
  expect([1, 4, 9, 5, 99].map((id) => valueAt(named, id))).toEqual(['b', null, 'a', null, null])
  const numbers = { ids, values: Float32Array.of(0.5, Number.NaN, 3), names: null }
  expect([1, 4, 9, 0].map((id) => valueAt(numbers, id))).toEqual([0.5, null, 3, null])
})

test('numbers are spread from least to greatest', () => {
  const column = { ids: Int32Array.of(1, 2, 3, 4), values: Float32Array.of(10, 20, 30, Number.NaN), names: null }
  const { codes, range } = codePoints(Int32Array.of(1, 2, 3, 4, 9), column, 9)
  expect([...codes]).toEqual([0, 127, rampCodes - 1, noCode, noCode])
  expect(range).toEqual({ low: 10, high: 30, isCut: false })
})

test('one value for all, and none at all', () => {
  const same = { ids: Int32Array.of(1, 2), values: Float32Array.of(4, 4), names: null }
  expect([...codePoints(Int32Array.of(1, 2), same, 2).codes]).toEqual([127, 127])
  expect(rangeOf(Float32Array.of(Number.NaN))).toEqual({ low: 0, high: 0, isCut: false })
  expect(rangeOf(new Float32Array(0))).toEqual({ low: 0, high: 0, isCut: false })
})

test('a far number does not use up the ramp', () => {
  const values = Float32Array.from({ length: 1_000 }, (_, i) => i / 1_000)
  values[500] = 1e6
  const range = rangeOf(values)
  expect(range.isCut).toBe(true)
  expect(range.low).toBeCloseTo(0.01, 2)
  expect(range.high).toBeCloseTo(0.99, 2)
  expect(rangeOf(values.map((value) => Math.min(value, 2)))).toEqual({ low: 0, high: 2, isCut: false })
})

test('every step of the ramp looks as far from the next as any other, and it only gets lighter', () => {
  const ramp = makeRamp(64)
  expect(ramp[0]).toBe('#440154')
  expect(ramp.at(-1)).toBe('#fde725')
  const colours = ramp.map(toOklab)
  const steps = colours.slice(1).map((to, i) => Math.hypot(...to.map((part, k) => part - colours[i]![k]!)))
  const mean = steps.reduce((sum, step) => sum + step, 0) / steps.length
  for (const step of steps) expect(Math.abs(step / mean - 1)).toBeLessThan(0.25)
  colours.slice(1).forEach((to, i) => expect(to[0]).toBeGreaterThan(colours[i]![0]))
})

test('OKLab of pure colours, as Ottosson gives them', () => {
  expect(toOklab('#ffffff').map((part) => Number(part.toFixed(3)) + 0)).toEqual([1, 0, 0])
  expect(toOklab('#ff0000').map((part) => Number(part.toFixed(3)))).toEqual([0.628, 0.225, 0.126])
})

test('the table has a colour for each name and for none', () => {
  const table = tableOf(['a', 'b'], (name) => (name === 'a' ? '#010203' : '#ff8000'))
  expect([...table.subarray(0, 8)]).toEqual([1, 2, 3, 255, 255, 128, 0, 255])
  expect([...table.subarray(noCode * 4)]).toEqual([0x8a, 0x8f, 0x99, 255])
  expect([...tableOf(null, () => '').subarray(0, 4)]).toEqual([0x44, 0x01, 0x54, 255])
})
