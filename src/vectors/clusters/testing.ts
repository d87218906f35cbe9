import { deviate } from '../projection/testing.ts'
import type { Matrix } from '../types.ts'

/**
 * Points in `blobs` round blobs of different widths, row r in blob r mod blobs; the last of every `strays` rows lies
 * anywhere. scripts/golden/clusters.py makes the same.
 */
export function makeBlobs(rows: number, columns: number, blobs: number, strays: number): Matrix {
  const data = new Float32Array(rows * columns)
  for (let r = 0; r < rows; r++) {
    const blob = r % blobs
    const width = 0.2 + Math.abs(deviate(12, blob))
    for (let d = 0, cell = r * columns; d < columns; d++, cell++) {
      const shape = deviate(13, cell) + deviate(14, cell) + deviate(15, cell)
      const near = 8 * deviate(11, blob * columns + d) + width * shape
      data[cell] = r % strays === strays - 1 ? 10 * deviate(16, cell) : near
    }
  }
  return { rows, columns, data }
}
