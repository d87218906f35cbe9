import type { z } from 'zod'
import type { commitVersion } from '#contract'
import type { Clock } from '#base'
import type { DatasetRef, VersionPort } from '#catalog'
import type { MediaStore } from '#store'
import type { VersionOpener } from './open.ts'
import type { CommitStore } from './store.ts'

/** What the room asks of the catalogue. */
export interface VersionsCatalog {
  readonly versions: VersionPort
  resolveDataset(name: string | undefined): Promise<DatasetRef>
  datasets(): Promise<DatasetRef[]>
  resolveWritable(name: string | undefined): Promise<DatasetRef>
}

export interface VersionDeps {
  catalog: VersionsCatalog
  store: MediaStore
  clock: Clock
  commits: CommitStore
  opener: VersionOpener
}

export type CommitInput = z.output<typeof commitVersion.input>
export type CommitOutput = z.input<typeof commitVersion.output>
