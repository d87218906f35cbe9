import { FoveaError } from '#base'
import type { DatasetRef } from '#catalog'
import type { VersionDeps } from './deps.ts'
import type { VersionRefs } from './store.ts'

/** Throws TAG_EXISTS when another version than `id` has the name. */
export function refuseTakenTag(base: DatasetRef, refs: VersionRefs, name: string, id: string | undefined): void {
  const taken = Object.hasOwn(refs.tags, name) ? refs.tags[name] : undefined
  if (taken === undefined || taken.id === id) return
  const number = refs.versions.indexOf(taken.id) + 1
  throw new FoveaError('TAG_EXISTS', `v${number} of ${base.name} is called ${name} already.`, {
    hint: `Choose another name, or move it: fovea versions tag REF ${name} --move`,
  })
}

/** Gives a version a name, taking it from the one that has it. */
export async function giveTag(
  { commits, clock }: Pick<VersionDeps, 'commits' | 'clock'>,
  base: DatasetRef,
  id: string,
  name: string,
  actor: string,
): Promise<void> {
  const refs = await commits.refs(base)
  if (Object.hasOwn(refs.tags, name) && refs.tags[name]?.id === id) return
  const tag = { id, at: new Date(clock.now()).toISOString(), actor }
  await commits.saveRefs(base, { ...refs, tags: { ...refs.tags, [name]: tag } })
}

/** Takes a name away and answers the version that had it. Throws VERSION_NOT_FOUND. */
export async function takeTag(
  { commits }: Pick<VersionDeps, 'commits'>,
  base: DatasetRef,
  name: string,
): Promise<string> {
  const refs = await commits.refs(base)
  const { [name]: taken, ...rest } = refs.tags
  if (taken === undefined || !Object.hasOwn(refs.tags, name)) {
    const known = Object.keys(refs.tags).toSorted().join(', ')
    throw new FoveaError('VERSION_NOT_FOUND', `No version of ${base.name} has the tag ${JSON.stringify(name)}.`, {
      hint: known === '' ? 'There are no tags.' : `There are: ${known}.`,
    })
  }
  await commits.saveRefs(base, { ...refs, tags: rest })
  return taken.id
}
