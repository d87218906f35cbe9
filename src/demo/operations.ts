import { makeDemo } from '#contract'
import { implement, type Operation } from '#base'
import { makeDemoDataset } from './dataset.ts'

/**
 * Handler of `demo.make`. It needs nothing of the workspace; who may write where is the caller's matter.
 * `tilesInFlight`: tiles computed, encoded and written at once.
 */
export function createDemoOperations({ tilesInFlight }: { tilesInFlight?: number }): Operation[] {
  return [
    implement(makeDemo, (input, { signal, progress }) =>
      makeDemoDataset({ ...input, signal, progress, ...(tilesInFlight === undefined ? {} : { tilesInFlight }) }),
    ),
  ]
}
