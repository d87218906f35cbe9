import { createRng } from '#base'
import { selectCoverage } from '../curation/coverage.ts'
import { selectDiverse, selectTop } from '../curation/select.ts'
import { buildGraph } from '../neighbours/graph.ts'
import { findNearest } from '../neighbours/nearest.ts'
import { copyRows } from '../projection/draw.ts'
import type { LongWork, Matrix } from '../types.ts'
import { openMatrix, type MatrixSource } from './source.ts'

export interface SelectTask {
  source: MatrixSource
  /** Rows to choose among, rising. */
  rows: Int32Array
  budget: number
  strategy: 'coverage' | 'diverse' | 'uncertainty' | 'hard'
  seed: number
  /** Of `rows`, for the strategies by score; NaN where there is none. */
  scores: Float32Array | null
}

export interface Selected {
  /** Of the source, in the order of choice. */
  chosen: Int32Array
  /** Share of `rows` that lie as near to a chosen one as neighbours usually lie; null for choices by score. */
  coverage: number | null
}

const neighbours = 10
/** Cosine distance within which a second sample of the same scene tells little new. */
const sameScene = 0.05

export async function select(task: SelectTask, work: LongWork): Promise<Selected> {
  const all = await openMatrix(task.source)
  const vectors = task.rows.length === all.rows ? all : copyRows(all, task.rows)
  const budget = Math.min(task.budget, vectors.rows)
  if (vectors.rows === 0) return { chosen: new Int32Array(0), coverage: null }
  if (task.scores !== null) {
    const top = await selectTop(task.scores, budget, { vectors, minDistance: sameScene }, work)
    return { chosen: top.map((row) => task.rows[row]!), coverage: null }
  }
  const graph = await buildGraph(vectors, Math.min(neighbours, Math.max(1, vectors.rows - 1)), work)
  const chosen =
    task.strategy === 'coverage'
      ? await selectCoverage(graph, budget, {}, work)
      : await selectDiverse(vectors, budget, { rng: createRng(`select ${task.seed}`) }, work)
  const radius = usualDistance(graph.distances, graph.k)
  return {
    chosen: chosen.map((row) => task.rows[row]!),
    coverage: await measureCoverage(vectors, chosen, radius, work),
  }
}

/** Median distance to the last neighbour of the graph. */
function usualDistance(distances: Float32Array, k: number): number {
  const last = Float32Array.from({ length: distances.length / k }, (_, row) => distances[(row + 1) * k - 1]!).toSorted()
  return last[Math.floor(last.length / 2)] ?? 0
}

async function measureCoverage(vectors: Matrix, chosen: Int32Array, radius: number, work: LongWork): Promise<number> {
  const { distances } = await findNearest(vectors, copyRows(vectors, chosen), 1, work)
  let covered = 0
  // Room for the rounding of a product of unit vectors.
  for (const distance of distances) if (distance <= radius + 1e-6) covered++
  return covered / vectors.rows
}
