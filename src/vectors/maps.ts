import { readdir, readFile, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FoveaError, writeFileAtomic } from '#base'
import type { MapOptions } from './engine/map-tasks.ts'
import type { Pca } from './projection/pca.ts'
import type { Matrix } from './types.ts'

export type MapMethod = MapOptions['method']

/** A map as it lies beside its space: where every sample or label was put. */
export interface StoredMap {
  options: MapOptions
  ids: Float64Array
  /** Of the picture that was placed. */
  keys: Float64Array
  /** [points × 2] */
  layout: Matrix
  /** Axes of a map by principal components. */
  pca: Pca | null
  trustworthiness: number | null
}

const stored = z.object({
  options: z.object({
    method: z.enum(['umap', 'tsne', 'pca']),
    seed: z.number(),
    neighbours: z.number(),
    minDistance: z.number(),
  }),
  ids: z.string(),
  keys: z.string(),
  layout: z.string(),
  pca: z.object({ mean: z.string(), axes: z.string(), variance: z.string() }).nullable(),
  trustworthiness: z.number().nullable(),
})

const methods: readonly MapMethod[] = ['umap', 'tsne', 'pca']
const fileOf = (folder: string, method: MapMethod): string => join(folder, `map-${method}.json`)

/** Methods of which a space has a map, the newest first. */
export async function listMaps(folder: string): Promise<MapMethod[]> {
  const names = await readdir(folder)
  const found = methods.filter((method) => names.includes(`map-${method}.json`))
  const times = new Map<MapMethod, number>()
  for (const method of found) times.set(method, (await stat(fileOf(folder, method))).mtimeMs)
  return found.toSorted((a, b) => times.get(b)! - times.get(a)!)
}

export async function readMap(folder: string, method: MapMethod): Promise<StoredMap | undefined> {
  const text = await readFile(fileOf(folder, method), 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) return undefined
  try {
    const data = stored.parse(JSON.parse(text))
    const layout = floats(data.layout)
    const axes = floats(data.pca?.axes ?? '')
    return {
      options: data.options,
      ids: doubles(data.ids),
      keys: doubles(data.keys),
      layout: { rows: layout.length / 2, columns: 2, data: layout },
      pca:
        data.pca === null
          ? null
          : {
              mean: floats(data.pca.mean),
              axes: { rows: 2, columns: axes.length / 2, data: axes },
              variance: floats(data.pca.variance),
            },
      trustworthiness: data.trustworthiness,
    }
  } catch (error) {
    throw new FoveaError('INTERNAL', `The map ${fileOf(folder, method)} was damaged.`, {
      hint: 'Make it anew with: fovea map --again',
      cause: error,
    })
  }
}

export async function writeMap(folder: string, map: StoredMap): Promise<void> {
  const { options, ids, keys, layout, pca, trustworthiness } = map
  const data: z.input<typeof stored> = {
    options,
    ids: base64(ids),
    keys: base64(keys),
    layout: base64(layout.data),
    pca: pca === null ? null : { mean: base64(pca.mean), axes: base64(pca.axes.data), variance: base64(pca.variance) },
    trustworthiness,
  }
  await writeFileAtomic(fileOf(folder, options.method), JSON.stringify(data))
}

function base64(values: Float32Array | Float64Array): string {
  return Buffer.from(values.buffer, values.byteOffset, values.byteLength).toString('base64')
}

const floats = (text: string): Float32Array => new Float32Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)
const doubles = (text: string): Float64Array => new Float64Array(new Uint8Array(Buffer.from(text, 'base64')).buffer)
