import type { MediaRow, VectorPort } from '#catalog'
import type { Embedders, ModelShelf } from '#models'
import type { VectorEngine } from './engine/engine.ts'
import type { SpaceStore } from './spaces/store.ts'
import type { Spaces } from './spaces/view.ts'

/** What the operations of this room work with. */
export interface VectorDeps {
  catalog: VectorPort
  store: SpaceStore
  spaces: Spaces
  engine: VectorEngine
  shelf: ModelShelf
  embedders: Embedders
  /** File of a sample as it lies now: where it was imported from, else the copy in the workspace. */
  fileOf: (row: MediaRow) => Promise<string>
}
