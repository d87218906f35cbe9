import { createRng } from '#base'
import { crossValidate, type CrossValidateOptions } from '../classify/cross-validate.ts'
import { scoreOutliers, scoreRepresentativeness, scoreUniqueness } from '../curation/scores.ts'
import { fitHdbscan } from '../clusters/hdbscan.ts'
import { fitKMeans } from '../clusters/kmeans.ts'
import { buildGraph } from '../neighbours/graph.ts'
import { findPairs, rankAll, scoreAll, type VectorPairs } from '../neighbours/nearest.ts'
import { copyRows } from '../projection/draw.ts'
import type { LongWork, Matrix, NeighbourGraph } from '../types.ts'
import { approximate } from './index-task.ts'
import { makeMap, placeIntoMap } from './map-tasks.ts'
import { select } from './select-task.ts'
import { openMatrix, readRowsOf, type MatrixSource } from './source.ts'

/** Up to here pairs are found by comparing all; above, among the nearest neighbours of each. */
const exactPairRows = 30_000
const pairNeighbours = 30

/** What runs on the threads of the engine, by name. Inputs and results are plain data. */
export const tasks = {
  makeMap,
  placeIntoMap,
  approximate,
  select,
  async rows({ source, rows }: { source: MatrixSource; rows: Int32Array }): Promise<Matrix> {
    return readRowsOf(source, rows)
  },
  async scores({ source, queries }: { source: MatrixSource; queries: Matrix }): Promise<Float32Array> {
    return scoreAll(queries, await openMatrix(source))
  },
  async rank(asked: { source: MatrixSource; queries: Matrix; k: number; among: Uint8Array | undefined }) {
    return rankAll(asked.queries, await openMatrix(asked.source), asked.k, asked.among)
  },
  async pairs(
    { source, threshold }: { source: MatrixSource; threshold: number },
    work: LongWork,
  ): Promise<VectorPairs> {
    const vectors = await openMatrix(source)
    if (vectors.rows <= exactPairRows) return findPairs(vectors, threshold, work)
    return pairsOfGraph(await buildGraph(vectors, pairNeighbours, work), threshold)
  },
  async kmeans(
    { source, k, seed }: { source: MatrixSource; k: number; seed: number },
    work: LongWork,
  ): Promise<Int32Array> {
    const vectors = await openMatrix(source)
    if (vectors.rows === 0) return new Int32Array(0)
    return (await fitKMeans(vectors, { k, rng: createRng(`kmeans ${seed}`) }, work)).assignment
  },
  async hdbscan({ points, minSize }: { points: Matrix; minSize: number }, work: LongWork): Promise<Int32Array> {
    return (await fitHdbscan(points, { minClusterSize: minSize }, work)).assignment
  },
  async outliers({ source }: { source: MatrixSource }, work: LongWork) {
    const vectors = await openMatrix(source)
    return scoreOutliers(await buildGraph(vectors, 10, work))
  },
  async scoreSamples({ source, seed }: { source: MatrixSource; seed: number }, work: LongWork) {
    const vectors = await openMatrix(source)
    const graph = await buildGraph(vectors, 10, work)
    const rng = createRng(`representativeness ${seed}`)
    return {
      uniqueness: scoreUniqueness(graph),
      representativeness: await scoreRepresentativeness(vectors, { clusters: 20, rng }, work),
    }
  },
  async crossValidate(given: CrossValidateTask, work: LongWork): Promise<Matrix> {
    const all = await openMatrix(given.source)
    const vectors = given.rows.length === all.rows ? all : copyRows(all, given.rows)
    return crossValidate(vectors, given.classOf, given.groupOf, given.options, work)
  },
}

/** Some rows of a source, rising, with a class each. */
interface CrossValidateTask {
  source: MatrixSource
  rows: Int32Array
  classOf: Int32Array
  groupOf: Int32Array | null
  options: CrossValidateOptions
}

export type TaskName = keyof typeof tasks
export type TaskInput<N extends TaskName> = Parameters<(typeof tasks)[N]>[0]
export type TaskResult<N extends TaskName> = Awaited<ReturnType<(typeof tasks)[N]>>

function pairsOfGraph(graph: NeighbourGraph, threshold: number): VectorPairs {
  const seen = new Map<string, number>()
  for (let row = 0; row < graph.rows; row++)
    for (let at = row * graph.k; at < (row + 1) * graph.k; at++) {
      const other = graph.ids[at]!
      const score = 1 - graph.distances[at]!
      if (other < 0 || score < threshold) break
      seen.set(row < other ? `${row},${other}` : `${other},${row}`, score)
    }
  const keys = [...seen.keys()].map((key) => key.split(',').map(Number) as [number, number])
  keys.sort(([a, b], [c, d]) => a - c || b - d)
  return {
    a: Int32Array.from(keys, ([a]) => a),
    b: Int32Array.from(keys, ([, b]) => b),
    scores: Float32Array.from(keys, ([a, b]) => seen.get(`${a},${b}`)!),
  }
}
