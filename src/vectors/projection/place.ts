import { FoveaError } from '#base'
import type { Matrix, NeighbourGraph } from '../types.ts'

/** Throws INPUT_INVALID unless `plane` is [rows × 2]. */
export function checkPlane(plane: Matrix, rows: number, what: string): void {
  if (plane.rows === rows && plane.columns === 2) return
  throw new FoveaError('INPUT_INVALID', `Expected ${what} of ${rows} × 2, got ${plane.rows} × ${plane.columns}.`)
}

/** Positions [rows × 2] at the weighted mean of each row's neighbours in `layout`; the mean of all where a row has none. */
export function averageNeighbours({ rows, k, ids }: NeighbourGraph, weights: Float32Array, layout: Matrix): Matrix {
  const data = new Float32Array(rows * 2)
  const middle = findMiddle(layout)
  for (let r = 0; r < rows; r++) {
    let x = 0
    let y = 0
    let total = 0
    for (let at = r * k; at < (r + 1) * k; at++) {
      const weight = weights[at]!
      if (!(weight > 0)) continue
      x += weight * layout.data[ids[at]! * 2]!
      y += weight * layout.data[ids[at]! * 2 + 1]!
      total += weight
    }
    data[r * 2] = total > 0 ? x / total : middle.x
    data[r * 2 + 1] = total > 0 ? y / total : middle.y
  }
  return { rows, columns: 2, data }
}

function findMiddle({ rows, data }: Matrix): { x: number; y: number } {
  let x = 0
  let y = 0
  for (let r = 0; r < rows; r++) {
    x += data[r * 2]!
    y += data[r * 2 + 1]!
  }
  return rows > 0 ? { x: x / rows, y: y / rows } : { x: 0, y: 0 }
}
