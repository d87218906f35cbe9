import type { z } from 'zod'
import type { cardSchema } from '#contract'
import type { CallContext } from '#base'
import type { DatasetState } from '../state.ts'
import type { DatasetRef } from '../types.ts'

export const versionTables = ['samples', 'labels', 'tags'] as const
export type VersionTable = (typeof versionTables)[number]

/** Everything of a dataset that is small. */
export interface StoredDictionary {
  state: DatasetState
  card: z.output<typeof cardSchema>
}

/** Rows of a table whose samples have ids of one range: from `chunk` · 65 536 on. */
export interface VersionChunk {
  table: VersionTable
  chunk: number
  /** Absolute path of the Parquet file. */
  file: string
  /** Of the file, 64 hex digits. */
  sha256: string
}

/** A dataset as it was once, in files. Every table has at least one. */
export interface StoredVersion {
  /** 64 hex digits. */
  id: string
  /** `v3`. */
  label: string
  base: DatasetRef
  /** When it was committed, ISO. */
  at: string
  /** Newest change of the history it holds; 0 for none. */
  change: number
  samples: number
  labels: number
  dictionary: StoredDictionary
  chunks: readonly VersionChunk[]
}

/** Where versions are found. */
export interface VersionSource {
  /** Throws VERSION_NOT_FOUND, VERSION_DAMAGED. */
  open(base: DatasetRef, ref: string): Promise<StoredVersion>
  /** Whether there is a version of that name. */
  has(base: DatasetRef, ref: string): Promise<boolean>
}

/** What was written of a dataset as it is. */
export interface WrittenState {
  change: number
  samples: number
  labels: number
  tags: number
  dictionary: StoredDictionary
  chunks: readonly (Omit<VersionChunk, 'sha256'> & { rows: number })[]
}

export interface Tally {
  added: number
  removed: number
  changed: number
}

/** A sample that is not as it was. */
export interface SampleDifference {
  id: number
  path: string
  what: keyof Tally
  /** Names of fields, sorted. */
  fields: string[]
  labels: Tally
  tags: { added: string[]; removed: string[] }
}

export interface DictionaryDifference {
  kind: 'class' | 'field' | 'slice' | 'card'
  name: string
  what: keyof Tally
  /** In words; empty where there is nothing to add. */
  how: string
}

/** How one state of a dataset differs from another. */
export interface DatasetDifference {
  samples: Tally
  /** Samples that are in both, by the field that is different, most first. */
  fields: { field: string; samples: number }[]
  /** Layers with a difference. */
  labels: ({ layer: string } & Tally)[]
  tags: { tag: string; added: number; removed: number }[]
  dictionary: DictionaryDifference[]
  /** In id order, at most as many as asked for. */
  listed: SampleDifference[]
}

/** What versions ask of the catalogue; `Catalog` offers it as `versions`. */
export interface VersionPort {
  use(source: VersionSource): void
  /** The dataset named, else one of that name that was removed; of `tiles@v3`, tiles. Throws DATASET_NOT_FOUND, DATASET_AMBIGUOUS. */
  baseOf(name: string | undefined): Promise<DatasetRef>
  /** Whether `ref` names a version of the dataset, or of the one that a version is of. */
  has(dataset: DatasetRef, ref: string): Promise<boolean>
  /**
   * Writes a dataset as it is at this moment into Parquet files of a folder; the same content gives the same bytes.
   * Throws DATASET_BUSY while a change of it is running, STORAGE_FULL.
   */
  write(dataset: DatasetRef, folder: string, work: Pick<CallContext, 'signal' | 'progress'>): Promise<WrittenState>
  /** Pictures of a file of samples, each content once, with the files it was imported from. */
  picturesIn(file: string): Promise<{ md5: string; sources: string[] }[]>
  /** From the first to the second; a dataset stands for its state now. */
  compare(
    before: StoredVersion | DatasetRef,
    after: StoredVersion | DatasetRef,
    limit: number,
    work: Pick<CallContext, 'signal' | 'progress'>,
  ): Promise<DatasetDifference>
}
