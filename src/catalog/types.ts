import type { FieldType, Geometry, Label, LabelKind, MediaFacts, OntologyClass, Problem, Scalar } from '#contract'
import type { QuerySchema, ScoreCall } from '#query'

/** Handle of a dataset inside the process. */
export interface DatasetRef {
  /** Below zero for a version. */
  id: number
  /** `tiles`, or `tiles@v3`. */
  name: string
  /** Of a version, which can only be read: the dataset it is of and its own id, 64 hex digits. */
  version?: { base: DatasetRef; id: string }
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
  /**
   * Sets attributes of labels by their id; null takes one away. Labels keep their ids; those that are not there are passed over.
   * Answers how many labels differ now.
   */
  setAttributes(
    rows: readonly { id: number; attributes: Readonly<Record<string, string | number | boolean | null>> }[],
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
  /** The dataset named, or the only one; `tiles@v3` is a version of one. Throws DATASET_NOT_FOUND, DATASET_AMBIGUOUS, VERSION_NOT_FOUND, VERSION_DAMAGED. */
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
  /** Of a version: what the file was like, as it may have changed since. */
  recorded?: { bytes: number; modifiedMs: number }
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
  /** Of a version: what its file was like, as the file may have changed since. */
  recorded?: { bytes: number; modifiedMs: number }
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

/** Labels of one layer, column by column. What a label does not have is NaN. */
export interface LabelColumns {
  ids: Float64Array
  samples: Float64Array
  /** −1 for none. */
  classes: Int32Array
  kinds: LabelKind[]
  /** px, and px². */
  x: Float64Array
  y: Float64Array
  w: Float64Array
  h: Float64Array
  area: Float64Array
  scores: Float64Array
  crowd: Uint8Array
}

/** What evaluation asks of the catalogue; `Catalog` offers all of it under these names. */
export interface EvaluationPort {
  resolveDataset(name: string | undefined): Promise<DatasetRef>
  /** The same for work that ends in a change. Throws VERSION_READ_ONLY. */
  resolveWritable(name: string | undefined): Promise<DatasetRef>
  schemaOf(dataset: DatasetRef): Promise<QuerySchema>
  openChange(meta: ChangeMeta): Change
  idsOf(dataset: DatasetRef, selection: Selection): Promise<number[]>
  /** In id order, with the labels of the layer. Throws LAYER_NOT_FOUND, QUERY_INVALID. */
  exportSamples(dataset: DatasetRef, selection: Selection, layer: string): AsyncIterable<CatalogExportSample>
  /** By sample, then id. Throws LAYER_NOT_FOUND, QUERY_INVALID. */
  labelColumns(dataset: DatasetRef, layer: string, selection: Selection): Promise<LabelColumns>
}

/** What predicting asks beside; `Catalog` offers all of it under these names. */
export interface PredictionPort extends EvaluationPort {
  classNames(dataset: DatasetRef): Promise<string[]>
  knownSources(dataset: DatasetRef, layer: string): Promise<Map<string, KnownSource>>
  mediaOf(dataset: DatasetRef, ids: readonly number[]): Promise<MediaRow[]>
  columnsOf(dataset: DatasetRef, fields: readonly string[]): Promise<SampleColumns>
  /** ISO time of the catalogue's clock. */
  now(): string
}

/** What the vectors ask of the catalogue; `Catalog` offers all of it under these names. */
export interface VectorPort {
  resolveDataset(name: string | undefined): Promise<DatasetRef>
  /** The same for work that ends in a change. Throws VERSION_READ_ONLY. */
  resolveWritable(name: string | undefined): Promise<DatasetRef>
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
    what: { classesOf: string; kind?: LabelKind } | 'tags',
  ): Promise<{ samples: number[]; names: string[]; scores: (number | null)[] }>
}

/** Samples that a query selects, its limit honoured, and that also meet a condition of the query language. */
export interface QualityScope {
  scope: string
  where?: string
  /** Layer that the measure `objects` counts in; the default one when left out. Terms of the query are not touched. */
  layer?: string
}

/** `value` is what was measured; null where it is missing. */
export interface MeasuredSample {
  id: number
  path: string
  value: number | null
}

/** `far` is how far out the measure lies, in widths of what is allowed. */
export interface OutsideSample extends MeasuredSample {
  measure: string
  far: number
}

/** Null throughout where no sample has the measure. */
export interface MeasureSummary {
  measure: string
  count: number
  q1: number | null
  median: number | null
  q3: number | null
  min: number | null
  max: number | null
  mean: number | null
  deviation: number | null
}

/** Another sample with the same hash. */
export interface SamplePair {
  id: number
  path: string
  otherId: number
  otherPath: string
}

/** A label that a rule objects to; `value` is what the rule measured. */
export interface FaultyLabel {
  id: number
  sample: number
  path: string
  value: number
}

export interface LabelFaults {
  looked: number
  found: number
  /** Samples with such a label. */
  samples: number
  worst: FaultyLabel[]
}

/** `area` is a share of the picture's surface, 0 to 1. */
export type LabelRule =
  | { rule: 'outside'; tolerancePx: number }
  | { rule: 'empty' }
  | { rule: 'area'; low: number; high: number }

export interface GroupSummary {
  group: string
  /** As many as measures: count, mean and variance of each in the group. */
  measures: { count: number; mean: number | null; variance: number | null }[]
  samples: number
}

/** What data tests ask of the catalogue; `Catalog` offers it as `quality`. A measure is a field of numbers, `size` or `objects`. */
export interface QualityPort {
  schemaOf(dataset: DatasetRef): Promise<QuerySchema>
  /** Throws QUERY_INVALID, as everything here that takes a scope. */
  count(dataset: DatasetRef, scope: QualityScope): Promise<number>
  /** Ids in order, at most `limit`. */
  ids(dataset: DatasetRef, scope: QualityScope, limit: number): Promise<number[]>
  pathsOf(dataset: DatasetRef, ids: readonly number[]): Promise<Map<number, string>>
  /** The first by a measure. Throws FIELD_NOT_FOUND, FIELD_TYPE, as everything here that takes measures. */
  pick(
    dataset: DatasetRef,
    scope: QualityScope,
    by: { measure: string; descending: boolean } | undefined,
    limit: number,
  ): Promise<MeasuredSample[]>
  summarise(dataset: DatasetRef, scope: QualityScope, measures: readonly string[]): Promise<MeasureSummary[]>
  outside(
    dataset: DatasetRef,
    scope: QualityScope,
    bounds: readonly { measure: string; low: number; high: number }[],
    limit: number,
  ): Promise<{ found: number; worst: OutsideSample[] }>
  /** Counts in the bins between equally spaced edges. */
  bins(dataset: DatasetRef, scope: QualityScope, measure: string, edges: readonly number[]): Promise<number[]>
  /** NaN where missing; `limit` draws so many by a hash of their ids. */
  measures(
    dataset: DatasetRef,
    scope: QualityScope,
    measures: readonly string[],
    limit?: number,
  ): Promise<Float64Array[]>
  /** Values of a field as text, most frequent first. */
  categories(
    dataset: DatasetRef,
    scope: QualityScope,
    field: string,
    limit: number,
  ): Promise<{ value: string; count: number }[]>
  /** Labels by class, most frequent first. Throws LAYER_NOT_FOUND, as everything here that takes a layer. */
  classCounts(dataset: DatasetRef, scope: QualityScope, layer: string): Promise<{ class: string; labels: number }[]>
  /** Labels by the value of a field of their samples and by class. */
  crossCounts(
    dataset: DatasetRef,
    scope: QualityScope,
    field: string,
    layer: string,
  ): Promise<{ value: string; class: string; labels: number }[]>
  /** Mean and variance of measures in each group of samples with the same value, largest first. */
  groups(
    dataset: DatasetRef,
    scope: QualityScope,
    field: string,
    measures: readonly string[],
    limit: number,
  ): Promise<GroupSummary[]>
  /**
   * How well one field alone tells the class of the samples that have exactly one, when the most frequent class of each value (numbers in
   * twenty bins of equal count) is guessed, learnt on one half and tried on the other, both ways. Fields with more than `maxValues` texts are left out.
   */
  telling(
    dataset: DatasetRef,
    scope: QualityScope,
    fields: readonly string[],
    layer: string,
    maxValues: number,
  ): Promise<{ samples: number; classes: number; baseline: number; fields: { field: string; accuracy: number }[] }>
  /** Samples whose hash an earlier one has. */
  copies(
    dataset: DatasetRef,
    scope: QualityScope,
    hash: 'md5' | 'phash',
    limit: number,
  ): Promise<{ looked: number; found: number; pairs: SamplePair[] }>
  /** Samples with a hash that another split has as well; pairs of the first of each split. */
  sharedHashes(
    dataset: DatasetRef,
    scope: QualityScope,
    hash: 'md5' | 'phash',
    limit: number,
  ): Promise<{
    looked: number
    splits: number
    found: number
    pairs: (SamplePair & { split: string; otherSplit: string })[]
  }>
  labelFaults(
    dataset: DatasetRef,
    scope: QualityScope,
    layer: string,
    rule: LabelRule,
    limit: number,
  ): Promise<LabelFaults>
  /** Boxes of one class and sample that overlap by at least `iou`. */
  doubledBoxes(
    dataset: DatasetRef,
    scope: QualityScope,
    layer: string,
    iou: number,
    limit: number,
  ): Promise<LabelFaults & { others: number[] }>
  /** Quartiles of the areas of labels as shares of their picture. */
  labelAreas(
    dataset: DatasetRef,
    scope: QualityScope,
    layer: string,
  ): Promise<{ count: number; q1: number | null; q3: number | null }>
  polygons(
    dataset: DatasetRef,
    scope: QualityScope,
    layer: string,
  ): AsyncIterable<{ id: number; sample: number; path: string; geometry: Geometry }>
  /** Newest value of a datetime field, and how many have one. */
  newest(
    dataset: DatasetRef,
    scope: QualityScope,
    field: string,
  ): Promise<{ count: number; newestMs: number | null; id: number | null; path: string | null }>
  /** Gaps between neighbours in time that are longer than `longerThanMs`, longest first; `medianMs` is of all gaps. */
  gaps(
    dataset: DatasetRef,
    scope: QualityScope,
    field: string,
    longerThan: { medians: number; ms: number },
    limit: number,
  ): Promise<{
    looked: number
    found: number
    medianMs: number | null
    gaps: (SamplePair & { fromMs: number; toMs: number })[]
  }>
  /** Samples that no known import brought, or whose source is not known. */
  unknownOrigins(
    dataset: DatasetRef,
    scope: QualityScope,
    operations: readonly string[],
    limit: number,
  ): Promise<{ looked: number; found: number; worst: (SampleOrigin & { id: number; path: string })[] }>
  /** Files that import could not read, by its codes of problems. */
  problemFiles(
    dataset: DatasetRef,
    codes: readonly string[],
    limit: number,
  ): Promise<{ files: number; found: number; problems: NewProblem[] }>
}

export interface SampleOrigin {
  source: string | null
  /** Operation of the change that added the sample; null when the history does not have it. */
  operation: string | null
}
