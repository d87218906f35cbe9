import { boundsOf } from './camera.ts'

/** Finds points near a place without looking at all of them. */
export interface GridIndex {
  /** The nearest accepted point within a radius (units of the map); −1 when there is none. */
  nearest(x: number, y: number, radius: number, accept: (point: number) => boolean): number
}

const pointsPerCell = 4
const mostCellsAcross = 1_024

/** Sorts points into square cells. Places are x, y after x, y; what is not finite is never found. A million take some 30 ms. */
export function indexPlaces(places: Float32Array): GridIndex {
  const count = places.length / 2
  const bounds = boundsOf(places)
  const across = Math.min(mostCellsAcross, Math.max(1, Math.ceil(Math.sqrt(count / pointsPerCell))))
  const extent = Math.max(bounds.right - bounds.left, bounds.high - bounds.low)
  const cell = extent > 0 ? extent / across : 1
  const columns = Math.max(1, Math.ceil((bounds.right - bounds.left) / cell))
  const rows = Math.max(1, Math.ceil((bounds.high - bounds.low) / cell))
  const columnOf = (x: number): number => Math.min(columns - 1, Math.max(0, Math.floor((x - bounds.left) / cell)))
  const rowOf = (y: number): number => Math.min(rows - 1, Math.max(0, Math.floor((y - bounds.low) / cell)))

  const cellOf = new Int32Array(count)
  const starts = new Int32Array(columns * rows + 1)
  for (let i = 0; i < count; i++) {
    const x = places[2 * i]!
    const y = places[2 * i + 1]!
    const at = Number.isFinite(x) && Number.isFinite(y) ? rowOf(y) * columns + columnOf(x) : -1
    cellOf[i] = at
    if (at >= 0) starts[at + 1]!++
  }
  for (let c = 0; c < columns * rows; c++) starts[c + 1]! += starts[c]!
  const filled = starts.slice(0, -1)
  const points = new Int32Array(starts[columns * rows]!)
  for (let i = 0; i < count; i++) if (cellOf[i]! >= 0) points[filled[cellOf[i]!]!++] = i

  return {
    nearest(x, y, radius, accept) {
      let best = -1
      let bestSquare = radius * radius
      const [fromColumn, toColumn] = [columnOf(x - radius), columnOf(x + radius)]
      const [fromRow, toRow] = [rowOf(y - radius), rowOf(y + radius)]
      for (let row = fromRow; row <= toRow; row++)
        for (let at = row * columns + fromColumn; at <= row * columns + toColumn; at++)
          for (let k = starts[at]!; k < starts[at + 1]!; k++) {
            const point = points[k]!
            const dx = places[2 * point]! - x
            const dy = places[2 * point + 1]! - y
            const square = dx * dx + dy * dy
            if (square > bestSquare || (square === bestSquare && best >= 0 && point > best) || !accept(point)) continue
            best = point
            bestSquare = square
          }
      return best
    },
  }
}
