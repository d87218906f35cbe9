import { FoveaError, formatSampleId } from '#base'
import type { Reading } from '../database.ts'
import { schemaName } from '../tables.ts'
import type { DatasetRef } from '../types.ts'
import type { Keeper } from './keeper.ts'

/** What is needed to find and send the bytes of a sample. */
export interface SampleFile {
  dataset: DatasetRef
  path: string
  /** Absolute path the sample was imported from. */
  source: string
  md5: string
  format: string
  /** As recorded at import. */
  bytes: number
  /** Of a version: when its file had been written, as the file may have changed since. */
  modifiedMs?: number
}

/** Files of so many neighbours are read at once: who looks at one sample looks at those beside it. */
const blockIds = 256

/**
 * Finds one sample in whichever dataset holds it, with its neighbours in one statement that reads six columns. `keeper` keeps as long
 * as nothing writes to any dataset. Throws SAMPLE_NOT_FOUND.
 */
export async function readSampleFile(
  db: Reading,
  keeper: Keeper,
  datasets: readonly DatasetRef[],
  id: number,
): Promise<SampleFile> {
  const first = id - (id % blockIds)
  const block = await keeper.keep(`files ${first}`, () => readBlock(db, datasets, first), sizeOf)
  const row = block.get(id)
  const dataset = datasets.find((known) => known.id === row?.dataset)
  if (row === undefined || dataset === undefined) throw unknownSample(id, '')
  const { path, source, md5, format, bytes } = row
  return { dataset, path, source, md5, format, bytes }
}

/** The same of a version, whose table of samples is `samples`. Throws SAMPLE_NOT_FOUND. */
export async function readStoredFile(
  db: Reading,
  dataset: DatasetRef,
  samples: string,
  id: number,
): Promise<SampleFile> {
  const [row] = await db.rows<Omit<SampleFile, 'dataset'>>(
    `SELECT path, source, md5, format, bytes, modified_ms AS "modifiedMs" FROM ${samples} WHERE id = $1`,
    [id],
  )
  if (row === undefined) throw unknownSample(id, ` in ${dataset.name}`)
  return { dataset, ...row }
}

function unknownSample(id: number, where: string): FoveaError {
  return new FoveaError('SAMPLE_NOT_FOUND', `There is no sample ${formatSampleId(id)}${where}.`, {
    hint: 'List ids with: fovea query --json',
  })
}

type Row = Omit<SampleFile, 'dataset'> & { id: number; dataset: number }

async function readBlock(
  db: Reading,
  datasets: readonly DatasetRef[],
  first: number,
): Promise<ReadonlyMap<number, Row>> {
  if (datasets.length === 0) return new Map()
  const parts = datasets.map(
    ({ id: dataset }) =>
      `SELECT ${dataset} AS dataset, id, path, source, md5, format, bytes FROM ${schemaName(dataset)}.samples
       WHERE id >= $1 AND id < $2 AND live`,
  )
  const rows = await db.rows<Row>(parts.join(' UNION ALL '), [first, first + blockIds])
  return new Map(rows.map((row) => [row.id, row]))
}

/** About, with what the texts take. */
const sizeOf = (block: ReadonlyMap<number, Row>): number => 1_000 + block.size * 600
