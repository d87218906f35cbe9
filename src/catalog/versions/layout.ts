import { builtInFields } from '#contract'
import { compareCodePoints } from '#base'
import type { DatasetState } from '../state.ts'
import { quote } from '../tables.ts'
import type { StoredVersion, VersionTable } from './types.ts'

/** Ids of samples that share a file. */
export const chunkSamples = 65_536

/** What a label is, but for its id and place. */
export const labelContent = [
  'class_id',
  'kind',
  'x',
  'y',
  'w',
  'h',
  'area',
  'score',
  'author',
  'attributes',
  'geometry',
] as const

/** Column that says which file a row belongs into. */
export const sampleColumn: Readonly<Record<VersionTable, string>> = {
  samples: 'id',
  labels: 'sample_id',
  tags: 'sample_id',
}

/** One order of columns and rows for one content, whatever the history of the table. */
export function describeTable(table: VersionTable, state: DatasetState): { columns: string; order: string } {
  switch (table) {
    case 'samples': {
      const own = state.fields.map(({ name }) => name).toSorted(compareCodePoints)
      // `added` leads to the import a sample came by.
      const names = [...builtInFields.map(({ name }) => name), 'modified_ms', 'added', ...own]
      return { columns: names.map(quote).join(', '), order: 'id' }
    }
    case 'labels':
      return {
        columns: ['id', 'sample_id', 'layer_id', 'area_share', ...labelContent].join(', '),
        order: 'sample_id, id',
      }
    case 'tags':
      return { columns: 'sample_id, tag_id', order: 'sample_id, tag_id' }
  }
}

/** A text as an SQL literal. */
export const literal = (text: string): string => `'${text.replaceAll("'", "''")}'`

const readFiles = (files: readonly string[]): string => `read_parquet([${files.map(literal).join(', ')}])`

/** The tables of a version, as queries are compiled against them. */
export function storedTables(version: Pick<StoredVersion, 'chunks'>): Readonly<Record<VersionTable, string>> {
  const tableOf = (table: VersionTable): string =>
    `(SELECT * FROM ${readFiles(version.chunks.filter((chunk) => chunk.table === table).map(({ file }) => file))})`
  return { samples: tableOf('samples'), labels: tableOf('labels'), tags: tableOf('tags') }
}

/** Rows of one range of a version; none, of the right types, where it has no file for it. */
export function storedChunk(version: StoredVersion, table: VersionTable, chunk: number): string {
  const own = version.chunks.filter((candidate) => candidate.table === table)
  const found = own.find((candidate) => candidate.chunk === chunk)
  return `(SELECT * FROM ${readFiles([(found ?? own[0]!).file])}${found === undefined ? ' WHERE false' : ''})`
}
