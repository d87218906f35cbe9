// release: whether a version of a model may be served, and how it leaves the workspace: gates with their evidence, golden pictures,
// bundles. It refuses to train, to measure by definitions of its own (evaluation has them) and to serve. Start with gate/run.ts.
import type { Operation } from '#base'
import type { ReleaseDeps } from './deps.ts'
import { createGateInit } from './gate/init.ts'
import { createGateOperation } from './gate/run.ts'
import { createGoldenOperation } from './golden/record.ts'

/** Handlers of gate.*. */
export function createReleaseOperations(deps: ReleaseDeps): Operation[] {
  return [createGateOperation(deps), createGateInit(deps), createGoldenOperation(deps)]
}
