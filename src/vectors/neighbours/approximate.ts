import { createRng } from '#base'
import { multiplyTransposed, sliceRows } from '../linear/matmul.ts'
import { drawRowNumbers } from '../projection/draw.ts'
import { fitPca, type Pca } from '../projection/pca.ts'
import { openRowReader, type RowReader, type VectorFiles } from '../spaces/row-reader.ts'
import { countKept, readBlocks, readVectors } from '../spaces/shard.ts'
import type { LongWork, Matrix } from '../types.ts'
import { createNearestList } from './nearest-list.ts'

/** Numbers kept of a vector: its place along the first principal axes, and its product with the mean. */
const axes = 127
/** Rows that decide the axes: enough for 127, and few beside the rest. */
const sampleRows = 6_000
const trialQueries = 64
const trialNeighbours = 10
/** Recall that the number of candidates is chosen for. */
const wantedRecall = 0.99
const candidateSteps = [64, 128, 256, 512, 1024]

export interface Found {
  /** Among the rows that count, best first. */
  rows: Int32Array
  /** Cosines of the full vectors. */
  scores: Float64Array
}

/** Nearest neighbours without holding the vectors in memory: a tenth of their size stays there. */
export interface ApproximateIndex {
  /** Share of the true 10 nearest that it found for 64 rows on trial. */
  readonly recall: number
  /** The k nearest to a unit vector. Candidates by their reduced vectors, ranked by the full ones, which are read from disk. */
  find(query: Float32Array, k: number): Promise<Found>
  close(): void
}

/** An index without its way to the full vectors: what is kept in a file. */
export interface StoredIndex {
  pca: Pca
  reduced: Matrix
  candidates: number
  recall: number
}

/**
 * Reduces all vectors to 127 principal axes and the product with the mean: for a query q, x·q = (x−m)·(q−m) + x·m + const, and the
 * first term is what the axes keep. Then looks up 64 of the rows and takes as many candidates as find 99 % of their true neighbours.
 * One pass over the files for the reduction and one for the trial.
 */
export async function buildIndex(vectors: VectorFiles, work: LongWork = {}): Promise<StoredIndex> {
  const rows = countKept(vectors.files, vectors.keep)
  const pca = await fitAxes(vectors, rows, work)
  const reduced = await reduceAll(vectors, rows, pca, work)
  const index = { pca, reduced, candidates: candidateSteps[0]!, recall: 0 }
  const reader = openRowReader(vectors)
  try {
    const asked = drawRowNumbers(rows, trialQueries, createRng('approximate index'))
    const queries = Array.from(asked, (row) => reader.read(row).slice())
    const truth = await findExactly(vectors, queries, trialNeighbours)
    for (const step of candidateSteps) {
      index.candidates = step
      let found = 0
      let wanted = 0
      for (const [i, query] of queries.entries()) {
        const got = new Set((await search(index, reader, query, trialNeighbours)).rows)
        wanted += truth[i]!.length
        for (const row of truth[i]!) if (got.has(row)) found++
      }
      index.recall = wanted === 0 ? 1 : found / wanted
      if (index.recall >= wantedRecall) break
    }
  } finally {
    reader.close()
  }
  return index
}

/** Readies an index for questions. */
export function openIndex(vectors: VectorFiles, index: StoredIndex): ApproximateIndex {
  const reader = openRowReader(vectors)
  return { recall: index.recall, find: (query, k) => search(index, reader, query, k), close: () => reader.close() }
}

async function search(
  { pca, reduced, candidates }: StoredIndex,
  reader: RowReader,
  query: Float32Array,
  k: number,
): Promise<Found> {
  const { rows } = reduced
  const q = await reduceBlock({ rows: 1, columns: query.length, data: query }, pca)
  q.data[q.columns - 1] = 1
  const { data: scores } = await multiplyTransposed(q, reduced)
  const nearest = createNearestList(Math.min(rows, Math.max(candidates, 4 * k)))
  let { floor } = nearest
  for (let row = 0; row < rows; row++) {
    if (scores[row]! <= floor) continue
    nearest.add(row, scores[row]!)
    floor = nearest.floor
  }
  const ranked = createNearestList(Math.min(k, nearest.size))
  for (const row of nearest.ids.subarray(0, nearest.size).toSorted()) ranked.add(row, dot(reader.read(row), query))
  return { rows: ranked.ids.slice(0, ranked.size), scores: ranked.scores.slice(0, ranked.size) }
}

async function fitAxes({ files, columns, keep }: VectorFiles, rows: number, work: LongWork): Promise<Pca> {
  const sampled = new Uint8Array(files.reduce((sum, file) => sum + file.rows, 0))
  const drawn = drawRowNumbers(rows, sampleRows, createRng('axes of the index'))
  let at = 0
  let counted = -1
  for (let row = 0; row < sampled.length && at < drawn.length; row++) {
    if (keep !== null && keep[row] !== 1) continue
    counted++
    if (counted !== drawn[at]) continue
    sampled[row] = 1
    at++
  }
  const sample = await readVectors(files, columns, sampled)
  return fitPca(sample, { components: Math.min(axes, columns), rng: createRng('axes') }, work)
}

async function reduceAll(vectors: VectorFiles, rows: number, pca: Pca, { progress }: LongWork): Promise<Matrix> {
  const columns = pca.axes.rows + 1
  const reduced = { rows, columns, data: new Float32Array(rows * columns) }
  let at = 0
  for await (const block of readBlocks(vectors.files, vectors.columns, vectors.keep)) {
    reduced.data.set((await reduceBlock(block, pca)).data, at * columns)
    at += block.rows
    progress?.report({ stage: 'index', done: at, total: rows, unit: 'vectors' })
  }
  return reduced
}

/** Places along the axes from the mean on, then the product with the mean. */
async function reduceBlock(block: Matrix, { mean, axes: directions }: Pca): Promise<Matrix> {
  const along = await multiplyTransposed(block, directions)
  const origin = await multiplyTransposed({ rows: 1, columns: block.columns, data: mean }, directions)
  const withMean = await multiplyTransposed(block, { rows: 1, columns: block.columns, data: mean })
  const columns = directions.rows + 1
  const data = new Float32Array(block.rows * columns)
  for (let row = 0; row < block.rows; row++) {
    for (let i = 0; i < directions.rows; i++)
      data[row * columns + i] = along.data[row * directions.rows + i]! - origin.data[i]!
    data[(row + 1) * columns - 1] = withMean.data[row]!
  }
  return { rows: block.rows, columns, data }
}

/** The true k nearest rows of each query, in one pass over the files. */
async function findExactly(
  { files, columns, keep }: VectorFiles,
  queries: readonly Float32Array[],
  k: number,
): Promise<number[][]> {
  const data = new Float32Array(queries.length * columns)
  queries.forEach((query, i) => data.set(query, i * columns))
  const lists = queries.map(() => createNearestList(k))
  let at = 0
  for await (const block of readBlocks(files, columns, keep)) {
    const { data: scores } = await multiplyTransposed(
      { rows: queries.length, columns, data },
      sliceRows(block, 0, block.rows),
    )
    lists.forEach((list, i) => {
      for (let row = 0; row < block.rows; row++) {
        const score = scores[i * block.rows + row]!
        if (score > list.floor) list.add(at + row, score)
      }
    })
    at += block.rows
  }
  return lists.map((list) => [...list.ids.subarray(0, list.size)])
}

function dot(a: Float32Array, b: Float32Array): number {
  let [s0, s1, s2, s3] = [0, 0, 0, 0]
  let i = 0
  for (; i + 3 < a.length; i += 4) {
    s0 += a[i]! * b[i]!
    s1 += a[i + 1]! * b[i + 1]!
    s2 += a[i + 2]! * b[i + 2]!
    s3 += a[i + 3]! * b[i + 3]!
  }
  for (; i < a.length; i++) s0 += a[i]! * b[i]!
  return s0 + s1 + s2 + s3
}
