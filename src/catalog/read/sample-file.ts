import { FoveaError, formatSampleId } from '#base'
import type { Reading } from '../database.ts'
import { schemaName } from '../tables.ts'
import type { DatasetRef } from '../types.ts'

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
}

/** Finds one sample in whichever dataset holds it, in one statement that reads six columns. Throws SAMPLE_NOT_FOUND. */
export async function readSampleFile(db: Reading, datasets: readonly DatasetRef[], id: number): Promise<SampleFile> {
  const parts = datasets.map(
    ({ id: dataset }) =>
      `SELECT ${dataset} AS dataset, path, source, md5, format, bytes FROM ${schemaName(dataset)}.samples WHERE id = $1 AND live`,
  )
  const [row] =
    parts.length === 0
      ? []
      : await db.rows<Omit<SampleFile, 'dataset'> & { dataset: number }>(parts.join(' UNION ALL '), [id])
  if (row === undefined) {
    throw new FoveaError('SAMPLE_NOT_FOUND', `There is no sample ${formatSampleId(id)}.`, {
      hint: 'List ids with: fovea query --json',
    })
  }
  return { ...row, dataset: datasets.find((known) => known.id === row.dataset)! }
}
