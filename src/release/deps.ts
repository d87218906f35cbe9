import type { Clock, CallContext } from '#base'
import type { PredictionPort, SampleColumns, DatasetRef } from '#catalog'
import type { RunStore } from '#experiments'
import type { ModelRegistry, TaskModel } from '#models'

/** What a release asks of the catalogue; `Catalog` offers it under these names. */
export interface ReleasePort extends PredictionPort {
  columnsOf(dataset: DatasetRef, fields: readonly string[]): Promise<SampleColumns>
}

export interface ReleaseDeps {
  catalog: ReleasePort
  registry: () => Promise<ModelRegistry>
  runs: () => Promise<RunStore>
  openModel: (folder: string, threads?: number) => Promise<TaskModel>
  /** Pairs of samples that show the same scene. */
  pairScenes: (dataset: DatasetRef, context: CallContext) => Promise<readonly { a: number; b: number }[]>
  /** Where the bytes of a sample lie. */
  fileOf: (sample: { source: string; md5: string }) => Promise<string>
  clock: Clock
  /** Of the workspace: where `fovea.gates.yaml` stands. */
  folder: string
  /** Any operation of the registry, with its checks. */
  callOperation: (id: string, input: unknown, context: CallContext) => Promise<unknown>
  maxPixels: number
  /** File with the key that bundles are signed with. */
  signingKey: string
  /** Program and version, for bundles to name. */
  madeBy: string
}
