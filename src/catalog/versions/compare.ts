import { throwIfAborted, type CallContext } from '#base'
import type { Database, Reading } from '../database.ts'
import { readCard } from '../read/details.ts'
import { loadState } from '../state.ts'
import { live } from '../tables.ts'
import type { DatasetRef } from '../types.ts'
import { compareChunk, type ChunkSide, type FoundInChunk } from './compare-chunk.ts'
import { compareDictionaries } from './compare-dictionaries.ts'
import { chunkSamples, sampleColumn, storedChunk } from './layout.ts'
import {
  versionTables,
  type DatasetDifference,
  type SampleDifference,
  type StoredDictionary,
  type StoredVersion,
  type Tally,
  type VersionTable,
} from './types.ts'

/** One of the two states. */
interface Side {
  dictionary: StoredDictionary
  /** Ranges in which a table has rows. */
  chunks: Readonly<Record<VersionTable, ReadonlySet<number>>>
  rowsOf(table: VersionTable, chunk: number): string
  /** Of the file; undefined for a dataset as it is now. */
  digestOf(table: VersionTable, chunk: number): string | undefined
}

/** See `VersionPort.compare`. Ranges whose files are the same are not read. */
export function compareStates(
  db: Database,
  before: StoredVersion | DatasetRef,
  after: StoredVersion | DatasetRef,
  limit: number,
  { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
): Promise<DatasetDifference> {
  return db.snapshot(async (tx) => {
    const [from, to] = [await openSide(tx, before), await openSide(tx, after)]
    const isEqual = (table: VersionTable, chunk: number): boolean => {
      const digest = from.digestOf(table, chunk)
      return digest !== undefined && digest === to.digestOf(table, chunk)
    }
    const differing = new Map<number, VersionTable[]>()
    for (const table of versionTables)
      for (const chunk of new Set([...from.chunks[table], ...to.chunks[table]]))
        if (!isEqual(table, chunk)) differing.set(chunk, [...(differing.get(chunk) ?? []), table])
    const collected = createCollector(from.dictionary, to.dictionary, limit)
    const chunks = [...differing.keys()].toSorted((a, b) => a - b)
    for (const [i, chunk] of chunks.entries()) {
      throwIfAborted(signal)
      progress.report({ stage: 'compare', done: i, total: chunks.length, unit: 'ranges' })
      const sideOf = ({ dictionary, rowsOf }: Side): ChunkSide => ({
        state: dictionary.state,
        rowsOf: (table) => rowsOf(table, chunk),
      })
      collected.add(await compareChunk(tx, sideOf(from), sideOf(to), differing.get(chunk)!))
    }
    return collected.finish()
  })
}

async function openSide(tx: Reading, side: StoredVersion | DatasetRef): Promise<Side> {
  if ('chunks' in side) {
    const of = (table: VersionTable): Set<number> =>
      new Set(side.chunks.filter((known) => known.table === table).map(({ chunk }) => chunk))
    return {
      dictionary: side.dictionary,
      chunks: { samples: of('samples'), labels: of('labels'), tags: of('tags') },
      rowsOf: (table, chunk) => storedChunk(side, table, chunk),
      digestOf: (table, chunk) => side.chunks.find((known) => known.table === table && known.chunk === chunk)?.sha256,
    }
  }
  const inTable = async (table: VersionTable): Promise<Set<number>> => {
    const rows = await tx.rows<{ chunk: number }>(
      `SELECT DISTINCT ${sampleColumn[table]} // ${chunkSamples} AS chunk FROM ${live(side.id, table)}`,
    )
    return new Set(rows.map(({ chunk }) => chunk))
  }
  return {
    dictionary: { state: await loadState(tx, side), card: await readCard(tx, side) },
    chunks: { samples: await inTable('samples'), labels: await inTable('labels'), tags: await inTable('tags') },
    rowsOf(table, chunk) {
      const [column, first] = [sampleColumn[table], chunk * chunkSamples]
      return `(SELECT * FROM ${live(side.id, table)} WHERE ${column} >= ${first} AND ${column} < ${first + chunkSamples})`
    },
    digestOf: () => undefined,
  }
}

const nothing = (): Tally => ({ added: 0, removed: 0, changed: 0 })

/** Adds up what was found range by range. */
function createCollector(
  before: StoredDictionary,
  after: StoredDictionary,
  limit: number,
): { add(found: FoundInChunk): void; finish(): DatasetDifference } {
  const samples = nothing()
  const fields = new Map<string, number>()
  const layers = new Map<number, Tally>()
  const tags = new Map<number, { added: number; removed: number }>()
  const listed: SampleDifference[] = []
  const nameIn = (kind: 'layers' | 'tags', id: number): string =>
    [...after.state[kind], ...before.state[kind]].find((known) => known.id === id)?.name ?? ''
  const sum = (into: Tally, from: Tally): void => {
    for (const what of ['added', 'removed', 'changed'] as const) into[what] += from[what]
  }
  return {
    add({ differences, labels, tags: moved }) {
      const byId = new Map<number, SampleDifference>()
      for (const { id, path, what, fields: changed } of differences)
        byId.set(id, { id, path, what, fields: changed, labels: nothing(), tags: { added: [], removed: [] } })
      for (const { sample, layer, ...tally } of labels) {
        const known = layers.get(layer) ?? nothing()
        sum(known, tally)
        layers.set(layer, known)
        const difference = byId.get(sample)
        if (difference !== undefined) sum(difference.labels, tally)
      }
      for (const { sample, tag, what } of moved) {
        const known = tags.get(tag) ?? { added: 0, removed: 0 }
        known[what]++
        tags.set(tag, known)
        byId.get(sample)?.tags[what].push(nameIn('tags', tag))
      }
      for (const difference of byId.values()) {
        samples[difference.what]++
        if (difference.what === 'changed')
          for (const field of difference.fields) fields.set(field, (fields.get(field) ?? 0) + 1)
        if (listed.length >= limit) continue
        difference.tags.added.sort()
        difference.tags.removed.sort()
        listed.push(difference)
      }
    },
    finish: () => ({
      samples,
      fields: [...fields]
        .map(([field, count]) => ({ field, samples: count }))
        .toSorted((a, b) => b.samples - a.samples || (a.field < b.field ? -1 : 1)),
      labels: [...layers]
        .toSorted(([a], [b]) => a - b)
        .map(([layer, tally]) => ({ layer: nameIn('layers', layer), ...tally })),
      tags: [...tags]
        .map(([tag, counts]) => ({ tag: nameIn('tags', tag), ...counts }))
        .toSorted((a, b) => b.added + b.removed - a.added - a.removed || (a.tag < b.tag ? -1 : 1)),
      dictionary: compareDictionaries(before, after),
      listed,
    }),
  }
}
