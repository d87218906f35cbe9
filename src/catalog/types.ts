import type { FieldType, Label, LabelKind, MediaFacts, OntologyClass, Problem, Scalar } from '#contract'
import type { QuerySchema, ScoreCall } from '#query'

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
  replaceLabels(
    layer: string,
    rows: readonly { id: number; labels: readonly Label[]; digest: string }[],
  ): Promise<number>
  removeSamples(selection: Selection): Promise<number>
  addTags(selection: Selection, tags: readonly string[]): Promise<number>
  removeTags(selection: Selection, tags: readonly string[]): Promise<number>
  /** Adds the field when it is new. Answers how many samples differ now. */
  setField(selection: Selection, field: string, value: Scalar): Promise<number>
  /** Per-sample values in bulk, for imports. Adds fields that are new with the given types. */
  setValues(
    types: Record<string, FieldType>,
    rows: readonly { id: number; values: Record<string, Scalar> }[],
  ): Promise<number>
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

/** What import and export ask of the catalogue; `Catalog` offers all of it under these names. */
export interface TransferPort {
  /** Finds the dataset, or makes it (an entry of the history). */
  ensureDataset(name: string, actor: string): Promise<DatasetRef>
  /** The dataset named, or the only one. Throws DATASET_NOT_FOUND, DATASET_AMBIGUOUS. */
  resolveDataset(name: string | undefined): Promise<DatasetRef>
  /** By `source`; `digest` is that of the layer asked about. */
  knownSources(dataset: DatasetRef, layer: string): Promise<Map<string, KnownSource>>
  openChange(meta: ChangeMeta): Change
  /** Forgets the problems of the files in `cleared`, then adds the rows. */
  replaceProblems(dataset: DatasetRef, rows: readonly NewProblem[], cleared: readonly string[]): Promise<void>
  /** Forgets the problems of everything below a folder that is no sample's own file. */
  clearProblemsBelow(dataset: DatasetRef, root: string): Promise<void>
  classNames(dataset: DatasetRef): Promise<string[]>
  classesOf(dataset: DatasetRef): Promise<OntologyClass[]>
  schemaOf(dataset: DatasetRef): Promise<QuerySchema>
  /** Throws LAYER_NOT_FOUND, QUERY_INVALID. Counts as `ExportSummary` of formats has them. */
  exportSummary(dataset: DatasetRef, selection: Selection, layer: string): Promise<CatalogExportSummary>
  /** In id order; `file` is the sample's source, `fields` the user's own, labels those of the layer. */
  exportSamples(dataset: DatasetRef, selection: Selection, layer: string): AsyncIterable<CatalogExportSample>
}

export interface CatalogExportSample {
  id: string
  path: string
  file: string
  md5: string
  width: number
  height: number
  split: string | null
  tags: string[]
  fields: Record<string, Scalar>
  labels: Label[]
}

export interface CatalogExportSummary {
  samples: number
  kinds: Partial<Record<LabelKind, number>>
  polygonsWithHoles: number
  polygonsWithParts: number
  labelsWithAttributes: number
  labelsWithScores: number
  labelsWithAuthors: number
  crowdLabels: number
  rotatedLabels: number
  samplesWithSeveralClasses: number
  /** Samples with two or more masks or polygons. */
  samplesWithSeveralRegions: number
  samplesWithoutClass: number
  samplesWithTags: number
  samplesWithSplit: number
  samplesWithFields: number
  otherLayers: { name: string; labels: number }[]
}

/** Ids with what tells whether their picture changed. */
export interface MediaKeys {
  ids: Float64Array
  keys: Float64Array
}

export interface MediaRow {
  id: number
  source: string
  path: string
  md5: string
  key: number
}

/** A label with a place, on its picture; px. */
export interface RegionRow extends MediaRow {
  sample: number
  x: number
  y: number
  w: number
  h: number
}

export interface SampleColumns {
  ids: number[]
  columns: Scalar[][]
}

/**
 * Answers a term of a query that compares samples by their vectors. `key` changes when the scores would; `load` is called
 * only for a key that is new. Throws SPACE_NOT_FOUND, SPACE_STALE, SAMPLE_NOT_FOUND.
 */
export type ScoreSource = (
  dataset: DatasetRef,
  call: ScoreCall,
) => Promise<{ key: string; load(): Promise<{ ids: Float64Array; scores: Float32Array; hits: Uint8Array }> }>

/** What the vectors ask of the catalogue; `Catalog` offers all of it under these names. */
export interface VectorPort {
  resolveDataset(name: string | undefined): Promise<DatasetRef>
  schemaOf(dataset: DatasetRef): Promise<QuerySchema>
  openChange(meta: ChangeMeta): Change
  /** Grows with every change of the dataset that this process makes. */
  revision(dataset: DatasetRef): number
  useScores(source: ScoreSource): void
  /** In the query's order. */
  idsOf(dataset: DatasetRef, selection: Selection): Promise<number[]>
  mediaKeys(dataset: DatasetRef): Promise<MediaKeys>
  /** Labels of a layer that have a place. Throws LAYER_NOT_FOUND. */
  regionKeys(dataset: DatasetRef, layer: string): Promise<MediaKeys>
  mediaOf(dataset: DatasetRef, ids: readonly number[]): Promise<MediaRow[]>
  regionsOf(
    dataset: DatasetRef,
    wanted: { ids: readonly number[] } | { layer: string; selection: Selection },
  ): Promise<RegionRow[]>
  columnsOf(dataset: DatasetRef, fields: readonly string[]): Promise<SampleColumns>
  membersOf(
    dataset: DatasetRef,
    what: { classesOf: string } | 'tags',
  ): Promise<{ samples: number[]; names: string[]; scores: (number | null)[] }>
}
