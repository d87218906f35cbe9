import type { z } from 'zod'
import type { readLabels, ReportSummary } from '#contract'

/** A small picture, at most 256 px on its longest side. */
export interface Thumbnail {
  bytes: Uint8Array
  mediaType: string
  /** px */
  width: number
  height: number
}

/** Labels of one sample, as sample.labels answers them. */
export type SampleLabels = z.output<(typeof readLabels)['output']>['samples'][number]

/** What a report in words and pictures needs beside the report. */
export interface ReportDeps {
  /** Reports of the same suite and dataset that were made before this one, newest last. */
  earlier: readonly ReportSummary[]
  /** Undefined when the picture is gone or cannot be read: the report says so and goes on. */
  thumbnail(sample: string): Promise<Thumbnail | undefined>
  /** Labels of samples by their ids (at most 1000 a call); those that are not there are left out. */
  labelsOf(samples: readonly string[]): Promise<readonly SampleLabels[]>
  /** Colours of the classes of the dataset by name, `#rrggbb`; none where the dataset is gone. */
  classColours(): Promise<ReadonlyMap<string, string>>
}
