import type { Matrix } from '../types.ts'

/** The rows of the numbers `some`, in their order, as a matrix of their own. */
export function copyRows({ columns, data }: Matrix, some: Int32Array): Matrix {
  const copy = new Float32Array(some.length * columns)
  some.forEach((row, i) => copy.set(data.subarray(row * columns, (row + 1) * columns), i * columns))
  return { rows: some.length, columns, data: copy }
}
