import type { TrainingTask } from '#contract'

/** Raised when the files change in a way that trainers in the field would trip over. */
export const contractVersion = 1

/** `job.json`: all that a foreign trainer is told. Paths are absolute; docs/trainers.md explains each key. */
export interface JobFile {
  contract: typeof contractVersion
  task: TrainingTask
  /** Names without a background; empty for regression and anomaly. */
  classes: readonly string[]
  target: string | null
  params: Readonly<Record<string, string | number | boolean>>
  seed: number
  threads: number
  maxPixels: number
  /** The folder `checkpoint` holds what an earlier try of the same run left. */
  resume: boolean
  data: { train: string; validation: string }
  /** Folder to make, with card.toml. */
  model: string
  checkpoint: string
  metrics: string
}

/** Where a job's files lie below its folder. */
export interface JobPaths {
  job: string
  data: string
  train: string
  validation: string
  model: string
  checkpoint: string
  metrics: string
}
