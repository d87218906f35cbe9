import { FoveaError } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import { suggestName } from '../suites/names.ts'
import type { CheckContext } from '../types.ts'
import { checkPlainQuery } from './scope.ts'

/**
 * What `dataset:NAME`, `slice:NAME` or a query means as the data to compare with.
 * Throws DATASET_NOT_FOUND, SLICE_NOT_FOUND, QUERY_INVALID.
 */
export async function resolveReference(
  catalog: Catalog,
  dataset: DatasetRef,
  text: string,
): Promise<NonNullable<CheckContext['reference']>> {
  const [, kind, name] = /^(dataset|slice):(.+)$/s.exec(text.trim()) ?? []
  if (kind === 'dataset') return { dataset: await catalog.resolveDataset(unquote(name!)), query: '' }
  const schema = await catalog.schemaOf(dataset)
  if (kind === 'slice' && !/[\s()]/.test(name!)) {
    const known = schema.slices.map((slice) => slice.name)
    if (!known.includes(unquote(name!)))
      throw new FoveaError('SLICE_NOT_FOUND', `There is no slice ${unquote(name!)} to compare with.`, {
        hint: suggestName(unquote(name!), known),
      })
  }
  checkPlainQuery(text, schema)
  return { dataset, query: text.trim() }
}

const unquote = (name: string): string => /^"(.*)"$/s.exec(name.trim())?.[1] ?? name.trim()
