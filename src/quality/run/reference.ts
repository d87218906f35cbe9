import { FoveaError } from '#base'
import { splitVersionName, type Catalog, type DatasetRef } from '#catalog'
import type { QuerySchema } from '#query'
import { suggestName } from '../suites/names.ts'
import type { CheckContext } from '../types.ts'
import { checkPlainQuery } from './scope.ts'

type Reference = NonNullable<CheckContext['reference']>

/**
 * What to compare with: `version:REF` of the dataset, `dataset:NAME` (also `dataset:NAME@REF`), `slice:NAME`, a query, or one word that is
 * the reference of a version or the name of a slice.
 * Throws DATASET_NOT_FOUND, VERSION_NOT_FOUND, VERSION_DAMAGED, SLICE_NOT_FOUND, QUERY_INVALID, INPUT_INVALID for a word that is both.
 */
export async function resolveReference(catalog: Catalog, dataset: DatasetRef, text: string): Promise<Reference> {
  const said = text.trim()
  const [, kind, name] = /^(dataset|slice|version):(.+)$/s.exec(said) ?? []
  if (kind === 'dataset') return { dataset: await catalog.resolveDataset(unquote(name!)), query: '' }
  if (kind === 'version') return openVersion(catalog, dataset, unquote(name!))
  const schema = await catalog.schemaOf(dataset)
  if (kind === 'slice' && !/[\s()]/.test(name!)) {
    const known = schema.slices.map((slice) => slice.name)
    if (!known.includes(unquote(name!)))
      throw new FoveaError('SLICE_NOT_FOUND', `There is no slice ${unquote(name!)} to compare with.`, {
        hint: suggestName(unquote(name!), known),
      })
  }
  if (kind === undefined && /^[\p{L}\p{N}][\p{L}\p{N}@._-]*$/u.test(said))
    return resolveWord(catalog, dataset, schema, said)
  checkPlainQuery(text, schema)
  return { dataset, query: said }
}

async function openVersion(catalog: Catalog, dataset: DatasetRef, ref: string): Promise<Reference> {
  const { name } = dataset.version?.base ?? dataset
  const full = splitVersionName(ref) === undefined ? `${name}@${ref}` : ref
  return { dataset: await catalog.resolveDataset(full), query: '' }
}

/** A word alone would search paths and notes, which nobody compares with: it names a version or a slice. */
async function resolveWord(
  catalog: Catalog,
  dataset: DatasetRef,
  schema: QuerySchema,
  word: string,
): Promise<Reference> {
  if (splitVersionName(word) !== undefined) return openVersion(catalog, dataset, word)
  const isVersion = await catalog.versions.has(dataset, word)
  const slices = schema.slices.map((slice) => slice.name)
  const isSlice = slices.includes(word)
  if (isVersion && isSlice)
    throw new FoveaError('INPUT_INVALID', `${word} is a version and a slice of ${dataset.name}.`, {
      hint: `Say which to compare with: version:${word} or slice:${word}.`,
    })
  if (isSlice) return { dataset, query: `slice:${JSON.stringify(word)}` }
  if (isVersion) return openVersion(catalog, dataset, word)
  const near = suggestName(word, slices)
  const missing = await openVersion(catalog, dataset, word).then(
    () => undefined,
    (error: unknown) => error,
  )
  if (!(missing instanceof FoveaError) || missing.code !== 'VERSION_NOT_FOUND') throw missing
  throw new FoveaError('VERSION_NOT_FOUND', `There is no version and no slice called ${word} to compare with.`, {
    hint: near.startsWith('Did you mean') ? near : (missing.hint ?? near),
  })
}

const unquote = (name: string): string => /^"(.*)"$/s.exec(name.trim())?.[1] ?? name.trim()
