import { distance } from 'fastest-levenshtein'
import { FoveaError } from '#base'
import type { DatasetRef } from '#catalog'
import type { VersionRefs } from './store.ts'

/** Ids of the versions that a reference means: one, or several that begin alike; none when it means nothing. */
export function matchRef({ versions, tags }: VersionRefs, ref: string): string[] {
  const tag = Object.hasOwn(tags, ref) ? tags[ref] : undefined
  if (tag !== undefined) return [tag.id]
  const number = /^v(\d{1,9})$/i.exec(ref)?.[1]
  const at = ref === 'latest' ? versions.at(-1) : number === undefined ? undefined : versions[Number(number) - 1]
  if (at !== undefined) return [at]
  return /^[0-9a-f]{6,64}$/i.test(ref) ? versions.filter((id) => id.startsWith(ref.toLowerCase())) : []
}

/** The id of the version that a reference means. Throws VERSION_NOT_FOUND, INPUT_INVALID for the beginning of several ids. */
export function findVersion(base: DatasetRef, refs: VersionRefs, ref: string): string {
  const found = matchRef(refs, ref)
  if (found.length === 1) return found[0]!
  if (found.length > 1)
    throw new FoveaError(
      'INPUT_INVALID',
      `${found.length} versions of ${base.name} have an id that begins with ${ref}.`,
      {
        hint: `Give more of it: ${found.map((id) => id.slice(0, 16)).join(', ')}.`,
      },
    )
  const { versions, tags } = refs
  const names = [
    ...versions.map((_, i) => `v${i + 1}`),
    ...Object.keys(tags),
    ...(versions.length > 0 ? ['latest'] : []),
  ]
  const [nearest] = names.toSorted((a, b) => distance(a, ref) - distance(b, ref))
  const told = Object.keys(tags).join(', ')
  throw new FoveaError(
    'VERSION_NOT_FOUND',
    versions.length === 0
      ? `${base.name} has no versions yet, so there is no ${JSON.stringify(ref)} of it.`
      : `There is no version ${JSON.stringify(ref)} of ${base.name}; there ${versions.length === 1 ? 'is v1' : `are v1 to v${versions.length}`}${told === '' ? '' : `, with the tags ${told}`}.`,
    {
      hint:
        versions.length === 0
          ? 'Keep it as it is now with: fovea commit -m "what it is"'
          : nearest !== undefined && distance(nearest, ref) <= 2
            ? `Did you mean ${nearest}?`
            : 'See: fovea versions',
    },
  )
}
