import { createRng } from '#base'
import { findNearest } from '../neighbours/nearest.ts'
import { buildGraph } from '../neighbours/graph.ts'
import { copyRows } from '../projection/draw.ts'
import { fitPca, projectPca, type Pca } from '../projection/pca.ts'
import { measureTrustworthiness } from '../projection/trustworthiness.ts'
import { layoutTsne, placeTsne } from '../projection/tsne.ts'
import { layoutUmap, placeUmap } from '../projection/umap.ts'
import type { LongWork, Matrix } from '../types.ts'
import { openMatrix, type MatrixSource } from './source.ts'

export interface MapOptions {
  method: 'umap' | 'tsne' | 'pca'
  seed: number
  neighbours: number
  minDistance: number
}

export interface MadeMap {
  layout: Matrix
  /** Axes of a map by principal components, by which new rows are placed. */
  pca: Pca | null
  trustworthiness: number | null
}

/** t-SNE looks at three times its perplexity of neighbours; 30 is the usual one. */
const tsneNeighbours = 90
const leastForTrust = 50

/** Lays all rows out in two dimensions. The same seed and rows give the same map. */
export async function makeMap(
  { source, options }: { source: MatrixSource; options: MapOptions },
  work: LongWork,
): Promise<MadeMap> {
  const vectors = await openMatrix(source)
  const rng = createRng(`map ${options.seed}`)
  if (vectors.rows < 4) return { layout: inLine(vectors.rows), pca: null, trustworthiness: null }
  const pca = await fitPca(vectors, { components: 2, rng: rng.fork('axes') }, work)
  const start = await projectPca(pca, vectors)
  const layout = await layOut(vectors, start, options, work)
  const trustworthiness =
    vectors.rows < leastForTrust
      ? null
      : await measureTrustworthiness(vectors, layout, { k: 15, rng: rng.fork('trust') }, work)
  return { layout, pca: options.method === 'pca' ? pca : null, trustworthiness }
}

async function layOut(vectors: Matrix, start: Matrix, options: MapOptions, work: LongWork): Promise<Matrix> {
  const rng = createRng(`map ${options.seed} layout`)
  switch (options.method) {
    case 'pca':
      return start
    case 'umap': {
      const graph = await buildGraph(vectors, Math.min(options.neighbours, vectors.rows - 1), work)
      return layoutUmap(graph, start, { rng, minDist: options.minDistance }, work)
    }
    case 'tsne': {
      const graph = await buildGraph(vectors, Math.min(tsneNeighbours, vectors.rows - 1), work)
      return layoutTsne(graph, start, { rng }, work)
    }
  }
}

/** Too few rows for a map: side by side. */
function inLine(rows: number): Matrix {
  return { rows, columns: 2, data: Float32Array.from({ length: rows * 2 }, (_, i) => (i % 2 === 0 ? i / 2 : 0)) }
}

/** Places the rows `fresh` into the layout of the rows `known`, which stay where they are. */
export async function placeIntoMap(
  given: {
    source: MatrixSource
    known: Int32Array
    fresh: Int32Array
    layout: Matrix
    pca: Pca | null
    options: MapOptions
  },
  work: LongWork,
): Promise<{ placed: Matrix }> {
  const { known, fresh, layout, pca, options } = given
  const vectors = await openMatrix(given.source)
  const added = copyRows(vectors, fresh)
  if (pca !== null) return { placed: await projectPca(pca, added) }
  const graph = await findNearest(added, copyRows(vectors, known), options.neighbours, work)
  const placed =
    options.method === 'tsne'
      ? await placeTsne(graph, layout, work)
      : await placeUmap(
          graph,
          layout,
          { rng: createRng(`map ${options.seed} place`), minDist: options.minDistance },
          work,
        )
  return { placed }
}
