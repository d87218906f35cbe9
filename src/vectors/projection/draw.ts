import type { Rng } from '#base'
import type { Matrix } from '../types.ts'

/** At most `limit` of the numbers 0 to `rows` − 1 without repetition, rising; the first steps of Fisher-Yates. */
export function drawRowNumbers(rows: number, limit: number, rng: Rng): Int32Array {
  const order = Int32Array.from({ length: rows }, (_, row) => row)
  if (rows <= limit) return order
  for (let i = 0; i < limit; i++) {
    const j = rng.integer(i, rows - 1)
    const kept = order[j]!
    order[j] = order[i]!
    order[i] = kept
  }
  return order.subarray(0, limit).sort()
}

/** A copy of the rows at `numbers`, in that order. */
export function copyRows({ columns, data }: Matrix, numbers: Int32Array): Matrix {
  const copy = new Float32Array(numbers.length * columns)
  numbers.forEach((row, i) => copy.set(data.subarray(row * columns, (row + 1) * columns), i * columns))
  return { rows: numbers.length, columns, data: copy }
}
