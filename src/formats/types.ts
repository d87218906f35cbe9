import type {
  Attributes,
  ExportFormat,
  Geometry,
  ImportFormat,
  Label,
  LabelKind,
  Loss,
  OntologyClass,
  Scalar,
} from '#contract'
import type { MayReach, Progress, WalkedFile } from '#base'
import type { MaskTask } from '#media'

/** The files below an import's root, walked once and shared by all readers. */
export interface SourceTree {
  /** Absolute path of the folder; for a single annotation file, the folder it lies in. */
  root: string
  /** The single file the user pointed at, when it was not a folder. */
  file: string | null
  /** Code-point order of `relative`. */
  files: readonly WalkedFile[]
  /** Exact relative path → file. */
  byRelative: ReadonlyMap<string, WalkedFile>
}

export interface Detection {
  format: ImportFormat
  /** The layout in words, for example `class folders with mask pairs`. */
  layout: string
  /** What was seen that says so. */
  evidence: string
  /** 0..1; the highest wins. 0.9 and above: a signature file was opened and fits. 0.5: names only. 0.1: fallback. */
  confidence: number
}

/** A label as a file states it, before the image's size is known and before it was checked. */
export interface DraftLabel {
  kind: LabelKind
  class: string
  /** Unit of every coordinate here: pixels, or fractions of width and height. */
  unit: 'px' | 'fraction'
  box?: { x: number; y: number; w: number; h: number }
  geometry?: Geometry
  score?: number
  attributes?: Attributes
  author?: string
  /** Where it stands, for problem rows: `labels/a.txt:3`. */
  where?: string
}

/** Masks to read beside the image; each region becomes one `mask` label. */
export interface DraftMask extends MaskTask {
  /**
   * Class of a region by pixel value; `otherClass` for values not listed, in which the text `<value>` stands for the pixel
   * value; a region with neither is a problem.
   */
  classes: Record<number, string>
  otherClass: string | null
}

export interface DraftSample {
  type: 'sample'
  /** Absolute path of the image. */
  file: string
  /** Path below the root, forward slashes; becomes the sample's `path`. */
  path: string
  split?: string
  tags?: string[]
  /** User fields; types are inferred over the import (number, string, boolean; ISO dates stay text). */
  fields?: Record<string, Scalar>
  labels: DraftLabel[]
  masks?: DraftMask[]
  /** Size of the image as its annotation states it, px; a problem when the image turns out to have another. */
  statedSize?: { width: number; height: number }
}

/** Something the reader had to leave out. `code` is stable, for example `label-row`. */
export interface DraftProblem {
  type: 'problem'
  file: string
  code: string
  what: string
  fix: string
}

export interface ReadPlan {
  /** Classes the format declares, in its order; readers list all they know even when no label uses them. */
  classes: (Pick<OntologyClass, 'name'> & Partial<OntologyClass>)[]
  /** Samples to come, when known before reading. */
  total: number | null
  items: AsyncIterable<DraftSample | DraftProblem>
}

export interface ReadOptions {
  signal: AbortSignal
  /** Whether a file or folder outside the tree, named by one inside, may be read; any may when left out. */
  mayReach?: MayReach | undefined
}

export interface FormatReader {
  format: ImportFormat
  /** What this reader looks for, for the refusal message: one line a layout. */
  looksFor: readonly string[]
  /** Null when the layout is not this format's. May open a few files; never throws for bad content. */
  detect(tree: SourceTree): Promise<Detection | null>
  /** Throws FORMAT_INVALID when the format's own index (json, yaml …) is broken as a whole. */
  read(tree: SourceTree, options: ReadOptions): Promise<ReadPlan>
}

/** One sample as a writer gets it. */
export interface ExportSample {
  id: string
  path: string
  /** Absolute path of the media. */
  file: string
  width: number
  height: number
  split: string | null
  tags: string[]
  fields: Record<string, Scalar>
  labels: Label[]
}

/** What is about to be written, so that a writer can say what it cannot hold before it writes. */
export interface ExportSummary {
  samples: number
  /** Labels by kind in the chosen layer. */
  kinds: Partial<Record<LabelKind, number>>
  polygonsWithHoles: number
  polygonsWithParts: number
  labelsWithAttributes: number
  labelsWithScores: number
  labelsWithAuthors: number
  /** Labels whose `crowd` / `rotation` attribute is set (also counted as attributes). */
  crowdLabels: number
  rotatedLabels: number
  samplesWithSeveralClasses: number
  samplesWithoutClass: number
  samplesWithTags: number
  samplesWithSplit: number
  samplesWithFields: number
  /** Samples with two or more masks or polygons, where known: only theirs can cover each other or merge. */
  samplesWithSeveralRegions?: number
  /** Labels of other layers, which are not written. */
  otherLayers: { name: string; labels: number }[]
}

export interface ExportContext {
  /** Folder to write into; it exists, is empty, and is published as a whole when `write` resolves. */
  folder: string
  classes: readonly OntologyClass[]
  total: number
  samples: AsyncIterable<ExportSample>
  /**
   * Puts a sample's media at a relative path of the export (copy or link; nothing when media is `none`), and returns
   * the path to write into annotation files: the relative path, or the absolute original for `none`.
   */
  placeMedia(sample: ExportSample, relative: string): Promise<string>
  /** Whether media is placed at all. */
  media: 'copy' | 'link' | 'none'
  signal: AbortSignal
  progress: Progress
}

export interface FormatWriter {
  format: ExportFormat
  losses(summary: ExportSummary): Loss[]
  write(context: ExportContext): Promise<{ labels: number; files: number }>
}
