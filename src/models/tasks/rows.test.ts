import fc from 'fast-check'
import { expect, it } from 'vitest'
import { inParts, joinRows, rowsOfRun, sliceRows, takesRows } from './rows.ts'
import type { TensorValue } from './types.ts'

const tensor = (dims: number[], data: TensorValue['data'], type = 'float32'): TensorValue => ({ type, dims, data })

it('takes tensors apart by rows and joins them again', () => {
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 9 }), fc.integer({ min: 1, max: 5 }), fc.nat(9), (rows, width, cut) => {
      const numbers = Float32Array.from({ length: rows * width }, (_, i) => i)
      const whole = {
        x: tensor([rows, width], numbers),
        names: tensor(
          [rows],
          Array.from({ length: rows }, (_, i) => `row ${i}`),
          'string',
        ),
      }
      const at = Math.min(cut, rows)
      expect(joinRows([sliceRows(whole, 0, at), sliceRows(whole, at, rows)])).toEqual(whole)
    }),
  )
})

it('runs as many rows at once as stay near the core', async () => {
  expect(rowsOfRun(3 * 224 * 224, 1)).toBe(4)
  expect(rowsOfRun(3 * 224 * 224, 2)).toBe(8)
  expect(rowsOfRun(3 * 4000 * 4000, 2)).toBe(1)
  expect(rowsOfRun(2, 1)).toBe(64)
  const runs: number[] = []
  const double = async ({ x }: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> => {
    runs.push(x!.dims[0]!)
    return {
      y: tensor(
        [...x!.dims],
        (x!.data as Float32Array).map((each) => 2 * each),
      ),
    }
  }
  const data = Float32Array.from({ length: 150 * 2 }, (_, i) => i)
  const answer = await inParts({ x: tensor([150, 2], data) }, 1, double)
  expect(runs).toEqual([64, 64, 22])
  expect(answer).toEqual({
    y: tensor(
      [150, 2],
      data.map((each) => 2 * each),
    ),
  })
})

it('runs at once what cannot be cut', async () => {
  const runs: (number | undefined)[] = []
  const count = async ({ x }: Readonly<Record<string, TensorValue>>): Promise<Record<string, TensorValue>> => {
    runs.push(x!.dims[0])
    return { found: tensor([3], new Float32Array(3)) }
  }
  const x = tensor([100, 1], new Float32Array(100))
  // Three of each, whatever was asked: the first part tells.
  expect(await inParts({ x }, 1, count)).toEqual({ found: tensor([3], new Float32Array(3)) })
  expect(runs.splice(0)).toEqual([64, 100])
  await inParts({ x: tensor([100, 1], new Uint8Array(400)) }, 1, count)
  await inParts({ x, other: tensor([2], new Float32Array(2)) }, 1, count)
  expect(runs).toEqual([100, 100])
})

it('sees whether a network answers row by row', () => {
  const of = (...shapes: (string | number)[][]) =>
    shapes.map((shape, i) => ({ name: `t${i}`, isTensor: true, type: 'float32', shape }) as const)
  const session = (inputs: (string | number)[][], outputs: (string | number)[][]) => ({
    inputMetadata: of(...inputs),
    outputMetadata: of(...outputs),
  })
  expect(takesRows(session([['batch', 3]], [['batch', 9]]))).toBe(true)
  expect(takesRows(session([['batch', 3]], [['found', 6]]))).toBe(false)
  expect(takesRows(session([[1, 3]], [[1, 9]]))).toBe(false)
  expect(takesRows(session([['batch', 3]], [[]]))).toBe(false)
})
