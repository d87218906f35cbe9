import type { Clock, Operation } from '#base'
import type { Catalog } from '#catalog'
import { createCheckKinds } from './checks/all.ts'
import type { LooksPort } from './checks/deps.ts'
import { createCustomKind } from './custom/kind.ts'
import { createExpectKind } from './expect/kind.ts'
import { createLabelErrorKinds } from './labels/kinds.ts'
import type { LabelDeps } from './labels/operations/deps.ts'
import { createCheckOperations } from './operations.ts'

/** The room, wired: suites beside the workspace, reports in a folder of their own. */
export function createQualityOperations(deps: {
  catalog: Catalog
  clock: Clock
  /** Of the workspace, where the suite file lies. */
  folder: string
  /** `.fovea` of the workspace. */
  home: string
  /** Reports that are kept, the newest. */
  keep: number
  /** Bytes of the JPEG thumbnail of a sample. Throws when there is none to be had. */
  thumbnail: (sample: string, dataset: string) => Promise<Uint8Array>
  /** Embeddings, for checks that go by looks. */
  looks?: LooksPort | undefined
  /** Models of the embeddings, for checks of classes. */
  classify: LabelDeps['classify']
}): Operation[] {
  const kinds = [
    ...createCheckKinds({ catalog: deps.catalog.quality, looks: deps.looks }),
    ...createLabelErrorKinds(deps),
    createExpectKind(deps),
    createCustomKind(deps),
  ]
  return createCheckOperations({ ...deps, kinds })
}
