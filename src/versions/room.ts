import type { Clock, Operation } from '#base'
import type { VersionSource } from '#catalog'
import type { MediaStore } from '#store'
import type { VersionDeps, VersionsCatalog } from './deps.ts'
import { findVersion, matchRef } from './find.ts'
import { createVersionOpener } from './open.ts'
import { createVersionOperations } from './operations.ts'
import { createCommitStore } from './store.ts'

export interface VersionRoom {
  operations: readonly Operation[]
  /** For the catalogue, which reads versions as datasets. */
  source: VersionSource
}

/** The room, wired: commits in a folder of their own, their files among the objects. */
export function createVersionRoom(given: {
  catalog: VersionsCatalog
  store: MediaStore
  clock: Clock
  /** `.fovea/versions`. */
  folder: string
}): VersionRoom {
  const deps: VersionDeps = {
    ...given,
    commits: createCommitStore({ folder: given.folder }),
    opener: createVersionOpener({ store: given.store }),
  }
  const { commits, opener } = deps
  return {
    operations: createVersionOperations(deps),
    source: {
      async open(base, ref) {
        const id = findVersion(base, await commits.refs(base), ref)
        return opener.open(base, await commits.read(base, id))
      },
      has: async (base, ref) => matchRef(await commits.refs(base), ref).length > 0,
    },
  }
}
