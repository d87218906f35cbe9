import type { Clock, CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import type { RunStore } from '#experiments'
import type { DataSelection, ModelRegistry, ModelShelf } from '#models'
import type { DataDeps } from './data/collect.ts'
import type { Divide } from './data/divide.ts'
import type { Trainers } from './trainers.ts'
import type { TrainingTask } from './types.ts'

/** How fovea itself judges a registered model on samples that it has not learnt from. */
export type Judge = (
  given: {
    /** NAME:VERSION */
    model: string
    task: TrainingTask
    dataset: DatasetRef
    /** Samples held out. */
    ids: readonly number[]
    data: DataSelection
    /** Field that was learnt; regression only. */
    field: string | undefined
  },
  context: CallContext,
) => Promise<{ metrics: Record<string, number>; layer: string | null; notes: string[] }>

/** What training works with. */
export interface TrainingDeps extends DataDeps {
  divide: Divide
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
