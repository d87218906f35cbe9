import type { Clock, CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import type { RunStore } from '#experiments'
import type { ModelRegistry, ModelShelf } from '#models'
import type { DivideDeps } from './data/divide.ts'
import type { Trainers } from './trainers.ts'

/** How fovea itself judges a registered model on samples that it has not learnt from. */
export type Judge = (
  given: {
    /** NAME:VERSION */
    model: string
    dataset: DatasetRef
    /** Ids of the samples of each part. */
    train: readonly number[]
    heldOut: readonly number[]
    /** With the labels that were learnt. */
    layer: string
    /** Anomaly only. */
    normal: string | undefined
  },
  context: CallContext,
) => Promise<{
  metrics: Record<string, number>
  /** Finds the samples that were judged. */
  query: string | null
}>

/** What training works with. */
export type TrainingDeps = DivideDeps & {
  runs: () => Promise<RunStore>
  registry: () => Promise<ModelRegistry>
  shelf: () => Promise<Pick<ModelShelf, 'list'>>
  /** Folder for what running trainings keep, one folder a run; gone when they are done. */
  folder: string
  threads: number
  maxPixels: number
  clock: Clock
  judge?: Judge
  trainers: Trainers
}
