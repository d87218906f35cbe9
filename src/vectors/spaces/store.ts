import { mkdir, readdir, readFile, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { compareCodePoints, FoveaError, writeFileAtomic } from '#base'
import type { Matrix } from '../types.ts'
import { encodeRows, readRows, type ShardRows, type VectorFile } from './shard.ts'

const recordSchema = z.object({
  name: z.string(),
  /** Model that made the vectors; `imported` for those made elsewhere. */
  model: z.string(),
  /** Of the model, when the space was begun. */
  fingerprint: z.string(),
  of: z.enum(['samples', 'labels']),
  layer: z.string().nullable(),
  dimensions: z.int().min(1),
  /** Queries that say which samples belong into it; an empty one means all. */
  scopes: z.array(z.string()),
  /** Grows with every write. */
  generation: z.int(),
  shards: z.array(z.object({ name: z.string(), rows: z.int() })),
  failed: z.array(z.object({ id: z.number(), key: z.number(), what: z.string(), fix: z.string() })),
})

/** A space as its folder tells it: what is in it, and in which files. */
export type SpaceRecord = z.output<typeof recordSchema>
export type FailedRow = SpaceRecord['failed'][number]

/** Vectors on disk: a folder a space, a pair of files a shard, and `space.json`, which makes a shard count. */
export interface SpaceStore {
  list(datasetId: number): Promise<SpaceRecord[]>
  find(datasetId: number, name: string): Promise<SpaceRecord | undefined>
  /** Writes head and failures anew; shards stay. */
  save(datasetId: number, record: SpaceRecord): Promise<void>
  /** Writes a shard, then the record that counts it. Answers the new record. */
  append(datasetId: number, record: SpaceRecord, vectors: Matrix, rows: ShardRows): Promise<SpaceRecord>
  /** Of all shards, one after the other. */
  rows(datasetId: number, record: SpaceRecord): Promise<ShardRows>
  files(datasetId: number, record: SpaceRecord): VectorFile[]
  folder(datasetId: number, name: string): string
  bytes(datasetId: number, name: string): Promise<number>
  remove(datasetId: number, name: string): Promise<void>
}

export function createSpaceStore({ folder: root }: { folder: string }): SpaceStore {
  const folder = (datasetId: number, name: string): string => join(root, `d${datasetId}`, name)
  const recordFile = (datasetId: number, name: string): string => join(folder(datasetId, name), 'space.json')
  const find: SpaceStore['find'] = async (datasetId, name) => {
    const file = recordFile(datasetId, name)
    const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined
      throw error
    })
    if (text === undefined) return undefined
    try {
      return recordSchema.parse(JSON.parse(text))
    } catch (error) {
      throw new FoveaError('INTERNAL', `The record of space ${name} (${file}) was damaged.`, {
        hint: 'Remove the folder and embed again: nothing but computed vectors is lost.',
        cause: error,
      })
    }
  }
  const save: SpaceStore['save'] = async (datasetId, record) => {
    await mkdir(folder(datasetId, record.name), { recursive: true })
    await writeFileAtomic(recordFile(datasetId, record.name), `${JSON.stringify(record)}\n`)
  }
  return {
    folder,
    find,
    save,
    async list(datasetId) {
      const names = await readdir(join(root, `d${datasetId}`)).catch((error: NodeJS.ErrnoException) => {
        if (error.code === 'ENOENT') return []
        throw error
      })
      const found = await Promise.all(names.toSorted(compareCodePoints).map((name) => find(datasetId, name)))
      return found.filter((record) => record !== undefined)
    },
    async append(datasetId, record, vectors, rows) {
      // Numbered on from the last one ever written, so that no name is used twice.
      const last = Math.max(0, ...record.shards.map((shard) => Number(shard.name)))
      const name = String(last + 1).padStart(6, '0')
      const base = join(folder(datasetId, record.name), name)
      const { buffer, byteOffset } = vectors.data
      await writeFileAtomic(`${base}.f32`, new Uint8Array(buffer, byteOffset, vectors.rows * vectors.columns * 4))
      await writeFileAtomic(`${base}.rows`, encodeRows(rows))
      const grown = {
        ...record,
        generation: record.generation + 1,
        shards: [...record.shards, { name, rows: vectors.rows }],
      }
      await save(datasetId, grown)
      return grown
    },
    async rows(datasetId, record) {
      const parts: ShardRows[] = []
      for (const { name, rows } of record.shards)
        parts.push(await readRows(join(folder(datasetId, record.name), `${name}.rows`), rows))
      const withTop = parts.length > 0 && parts.every((part) => part.top !== undefined)
      return {
        ids: concat(
          Float64Array,
          parts.map((part) => part.ids),
        ),
        keys: concat(
          Float64Array,
          parts.map((part) => part.keys),
        ),
        norms: concat(
          Float32Array,
          parts.map((part) => part.norms),
        ),
        ...(withTop
          ? {
              top: {
                classes: concat(
                  Uint16Array,
                  parts.map((part) => part.top!.classes),
                ),
                probabilities: concat(
                  Float32Array,
                  parts.map((part) => part.top!.probabilities),
                ),
              },
            }
          : {}),
      }
    },
    files: (datasetId, record) =>
      record.shards.map(({ name, rows }) => ({ file: join(folder(datasetId, record.name), `${name}.f32`), rows })),
    async bytes(datasetId, name) {
      const files = await readdir(folder(datasetId, name))
      const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder(datasetId, name), file))).size))
      return sizes.reduce((sum, size) => sum + size, 0)
    },
    async remove(datasetId, name) {
      // The record first: without it the rest does not count.
      await rm(recordFile(datasetId, name), { force: true })
      await rm(folder(datasetId, name), { recursive: true, force: true })
    },
  }
}

function concat<T extends Float64Array | Float32Array | Uint16Array>(
  make: new (length: number) => T,
  parts: readonly T[],
): T {
  const whole = new make(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}
