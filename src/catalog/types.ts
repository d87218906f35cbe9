import type { FieldType, Label, MediaFacts, OntologyClass, Problem, Scalar } from '#contract'

/** Handle of a dataset inside the process. */
export interface DatasetRef {
  id: number
  name: string
}

export interface NewSample {
  path: string
  /** Absolute path the sample was imported from; with the dataset, the identity that importing again looks up. */
  source: string
  split: string | null
  facts: MediaFacts
  tags: string[]
  fields: Record<string, Scalar>
}

/** What the catalogue remembers of an imported file, to tell new from changed from unchanged. */
export interface KnownSource {
  id: number
  source: string
  path: string
  bytes: number
  modifiedMs: number
  md5: string
  width: number
  height: number
  split: string | null
  /** Digest of the labels last imported into the layer asked about; null when none were. */
  digest: string | null
}

export interface ImportedSource {
  modifiedMs: number
  /** Digest of the drafts, by which importing again sees that labels are unchanged. */
  digest: string
}

/**
 * One step of a change, all or nothing in the database. Ids are the integers inside `s_<n>`.
 * A selection is a set of sample ids, or a compiled query run against the dataset.
 */
export interface ChangeStep {
  addSamples(samples: readonly (NewSample & ImportedSource)[], layer: string): Promise<number[]>
  /** New bytes under a known source: facts, and optionally path, split, fields, replaced. */
  replaceMedia(rows: readonly { id: number; facts: MediaFacts; modifiedMs: number }[]): Promise<void>
  /** Replaces all labels of a layer for the samples named. Classes, layers and attributes unknown so far are added. */
  replaceLabels(layer: string, rows: readonly { id: number; labels: readonly Label[]; digest: string }[]): Promise<number>
  removeSamples(selection: Selection): Promise<number>
  addTags(selection: Selection, tags: readonly string[]): Promise<number>
  removeTags(selection: Selection, tags: readonly string[]): Promise<number>
  /** Adds the field when it is new. Answers how many samples differ now. */
  setField(selection: Selection, field: string, value: Scalar): Promise<number>
  /** Per-sample values in bulk, for imports. Adds fields that are new with the given types. */
  setValues(types: Record<string, FieldType>, rows: readonly { id: number; values: Record<string, Scalar> }[]): Promise<number>
  ensureClasses(classes: readonly (Pick<OntologyClass, 'name'> & Partial<OntologyClass>)[]): Promise<void>
}

export type Selection = { ids: readonly number[] } | { query: string }

/**
 * An open entry in the history. Several steps may be committed under it (an import commits batch by batch);
 * a process that dies in between leaves the entry `interrupted`, its steps standing and undoable.
 */
export interface Change {
  /** `c_<n>`; null until a step changed something. */
  readonly id: string | null
  step<T>(work: (step: ChangeStep) => Promise<T>): Promise<T>
  /** Ends the entry; `summary` says in words what it did. */
  close(summary: string): Promise<void>
}

export interface ChangeMeta {
  actor: string
  operation: string
  dataset: DatasetRef
}

export type NewProblem = Omit<Problem, 'at'>
