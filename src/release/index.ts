// release: whether a version of a model may be served, and how it leaves the workspace: gates with their evidence, golden pictures,
// bundles. It refuses to train, to measure by definitions of its own (evaluation has them) and to serve. Start with gate/run.ts.
import type { Operation } from '#base'
import { createMakeBundle } from './bundle/make.ts'
import { createVerifyBundle } from './bundle/verify.ts'
import type { ReleaseDeps } from './deps.ts'
import { createGateInit } from './gate/init.ts'
import { createGateOperation } from './gate/run.ts'
import { createGoldenOperation } from './golden/record.ts'

export type { BundleManifest } from './bundle/manifest.ts'
export { checkSeal, type ReadBundleFile } from './bundle/seal.ts'
export { tryGolden } from './bundle/try-golden.ts'
export { describeGolden } from './golden/answer.ts'

/** Handlers of gate.* and bundle.*. */
export function createReleaseOperations(deps: ReleaseDeps): Operation[] {
  return [
    createGateOperation(deps),
    createGateInit(deps),
    createGoldenOperation(deps),
    createMakeBundle(deps),
    createVerifyBundle(deps),
  ]
}
