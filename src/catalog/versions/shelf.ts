import { FoveaError } from '#base'
import type { DatasetRef } from '../types.ts'
import type { StoredVersion, VersionSource } from './types.ts'

/** Versions as datasets that are only read: each gets an id below zero, its own in this process. */
export interface VersionShelf {
  use(source: VersionSource): void
  has(base: DatasetRef, ref: string): Promise<boolean>
  /** Throws VERSION_NOT_FOUND, VERSION_DAMAGED. */
  resolve(base: DatasetRef, ref: string): Promise<DatasetRef>
  /** Undefined for a dataset as it is now. */
  find(dataset: DatasetRef): StoredVersion | undefined
}

export function createVersionShelf(): VersionShelf {
  let source: VersionSource | undefined
  const refs = new Map<string, DatasetRef>()
  const versions = new Map<number, StoredVersion>()
  return {
    use(given) {
      source = given
    },
    has: async (base, ref) => source !== undefined && source.has(base, ref),
    async resolve(base, ref) {
      if (source === undefined)
        throw new FoveaError('VERSION_NOT_FOUND', `There is no version ${ref} of ${base.name}.`, {
          hint: 'See: fovea versions',
        })
      const version = await source.open(base, ref)
      const key = `${base.id} ${version.id}`
      const known = refs.get(key)
      if (known !== undefined) return known
      const { id, label } = version
      const made = { id: -1 - refs.size, name: `${base.name}@${label}`, version: { base, id } }
      refs.set(key, made)
      versions.set(made.id, version)
      return made
    },
    find: (dataset) => versions.get(dataset.id),
  }
}

/** Throws VERSION_READ_ONLY for a version. */
export function refuseVersion(dataset: DatasetRef): void {
  if (dataset.version === undefined) return
  const { base } = dataset.version
  throw new FoveaError('VERSION_READ_ONLY', `${dataset.name} is a version, and a version never changes.`, {
    hint: `Change the data as it is now (--dataset ${JSON.stringify(base.name)}), then keep it as another version: fovea commit -m "what changed"`,
  })
}

/** The id under which what belongs to a dataset is kept outside the catalogue; a version shares it with the dataset it is of. */
export const homeId = (dataset: DatasetRef): number => dataset.version?.base.id ?? dataset.id

/** `tiles@v3` in its parts; undefined for a plain name. */
export function splitVersionName(name: string): { dataset: string; ref: string } | undefined {
  const at = name.lastIndexOf('@')
  return at < 0 ? undefined : { dataset: name.slice(0, at), ref: name.slice(at + 1) }
}
