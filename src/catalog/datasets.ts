import { distance } from 'fastest-levenshtein'
import { FoveaError } from '#base'
import type { Reading } from './database.ts'
import type { DatasetRef } from './types.ts'

export async function listDatasets(db: Reading): Promise<DatasetRef[]> {
  return db.rows<DatasetRef>('SELECT id, name FROM datasets WHERE live ORDER BY name')
}

/** The dataset named, or the only one there is. Throws DATASET_NOT_FOUND, DATASET_AMBIGUOUS. */
export function refuseUnknownDataset(datasets: readonly DatasetRef[], name: string | undefined): DatasetRef {
  const list = datasets.map((dataset) => dataset.name).join(', ')
  if (name === undefined) {
    if (datasets.length === 1) return datasets[0]!
    if (datasets.length === 0) {
      throw new FoveaError('DATASET_NOT_FOUND', 'The workspace has no dataset yet.', {
        hint: 'Make one with: fovea import PATH',
      })
    }
    throw new FoveaError('DATASET_AMBIGUOUS', `The workspace has several datasets: ${list}.`, {
      hint: 'Name one with --dataset NAME.',
    })
  }
  const found = datasets.find((dataset) => dataset.name === name)
  if (found) return found
  const [near] = datasets.toSorted((a, b) => distance(a.name, name) - distance(b.name, name))
  throw new FoveaError(
    'DATASET_NOT_FOUND',
    `There is no dataset called ${JSON.stringify(name)}; there ${datasets.length === 0 ? 'is none' : `are: ${list}`}.`,
    {
      hint: near && distance(near.name, name) <= 3 ? `Did you mean ${near.name}?` : 'See: fovea datasets',
    },
  )
}

/** The dataset that versions are of: the one of that name, else the newest that was removed. Throws DATASET_NOT_FOUND, DATASET_AMBIGUOUS. */
export async function findBase(db: Reading, name: string | undefined): Promise<DatasetRef> {
  const [found] =
    name === undefined
      ? []
      : await db.rows<DatasetRef>('SELECT id, name FROM datasets WHERE name = $1 ORDER BY live DESC, id DESC LIMIT 1', [
          name,
        ])
  return found ?? refuseUnknownDataset(await listDatasets(db), name)
}
