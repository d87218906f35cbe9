import { setImmediate } from 'node:timers/promises'
import { createRng, throwIfAborted, type Progress } from '#base'
import type { Rows } from './gather.ts'

export interface CoresetOptions {
  /** Rows that are kept, at most. */
  count: number
  /** Random directions in which rows are compared; 0: as they are. */
  projection: number
  seed: number
  signal: AbortSignal
  progress: Progress
}

const breath = 64

/**
 * Rows that cover all others: each next one is the farthest from those chosen (greedy k-centre; Roth et al. 2022, algorithm 1), compared
 * in random directions (Johnson and Lindenstrauss). Answers with their indices in the order of choice. O(rows · count · directions).
 * Throws CANCELLED.
 */
export async function chooseCoreset(rows: Rows, options: CoresetOptions): Promise<Uint32Array> {
  const { seed, signal, progress } = options
  const all = rows.data.length / rows.width
  const count = Math.min(options.count, all)
  const rng = createRng(`${seed}/coreset`)
  const { width, data } =
    options.projection === 0 || options.projection >= rows.width ? rows : project(rows, options.projection, rng.normal)
  const nearest = new Float32Array(all).fill(Infinity)
  const chosen = new Uint32Array(count)
  let next = rng.integer(0, all - 1)
  for (let i = 0; i < count; i++) {
    if (i % breath === 0) {
      // Lets a cancellation through.
      await setImmediate()
      throwIfAborted(signal)
      progress.report({ stage: 'choose patches', done: i, total: count, unit: 'patches' })
    }
    chosen[i] = next
    next = takeFarthest(data, width, next, nearest)
  }
  progress.report({ stage: 'choose patches', done: count, total: count, unit: 'patches' })
  return chosen
}

/** Lowers each row's distance to what is chosen by the new choice; answers with the row that is now the farthest. */
function takeFarthest(data: Float32Array, width: number, chosen: number, nearest: Float32Array): number {
  const centre = data.slice(chosen * width, (chosen + 1) * width)
  let farthest = 0
  let highest = -1
  for (let row = 0, at = 0; row < nearest.length; row++, at += width) {
    const known = nearest[row]!
    let squares = 0
    // In steps of eight, given up once the row is nearer to an earlier choice.
    for (let k = 0; k < width && squares < known; k += 8) {
      const end = Math.min(width, k + 8)
      for (let j = k; j < end; j++) {
        const difference = data[at + j]! - centre[j]!
        squares += difference * difference
      }
    }
    if (squares < known) nearest[row] = squares
    if (nearest[row]! > highest) {
      highest = nearest[row]!
      farthest = row
    }
  }
  return farthest
}

function project({ width, data }: Rows, directions: number, normal: () => number): Rows {
  const matrix = Float32Array.from({ length: width * directions }, () => normal() / Math.sqrt(directions))
  const count = data.length / width
  const out = new Float32Array(count * directions)
  for (let row = 0; row < count; row++)
    for (let d = 0; d < directions; d++) {
      let sum = 0
      for (let k = 0, at = d * width; k < width; k++, at++) sum += matrix[at]! * data[row * width + k]!
      out[row * directions + d] = sum
    }
  return { width: directions, data: out }
}
