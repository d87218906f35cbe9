import {
  addEndpointKey,
  deployEndpoint,
  endpointStatistics,
  listEndpoints,
  removeEndpoint,
  removeEndpointKey,
  rollbackEndpoint,
  showEndpoint,
} from '#contract'
import { implement, type Operation } from '#base'
import type { Serving } from './types.ts'

/** The operations on endpoints. */
export function createServingOperations({ serving }: { serving: Serving }): Operation[] {
  const noneAsNull = <T>(given: T): Exclude<T, 'none'> | null =>
    given === 'none' ? null : (given as Exclude<T, 'none'>)
  return [
    implement(listEndpoints, async () => ({ endpoints: await serving.list() })),
    implement(showEndpoint, async ({ name }) => ({ endpoint: await serving.show(name) })),
    implement(deployEndpoint, async ({ name, maxBatch, canary, shadow, threshold, ...rest }, { actor }) => ({
      endpoint: await serving.deploy(
        name,
        {
          ...rest,
          maxSize: maxBatch,
          canary: noneAsNull(canary),
          shadow: noneAsNull(shadow),
          threshold: noneAsNull(threshold),
        },
        actor,
      ),
    })),
    implement(rollbackEndpoint, async ({ name }, { actor }) => ({ endpoint: await serving.rollback(name, actor) })),
    implement(removeEndpoint, async ({ name }) => {
      await serving.remove(name)
      return { removed: name }
    }),
    implement(addEndpointKey, ({ name, label, ratePerMinute }) =>
      serving.addKey(name, { label, ratePerMinute: ratePerMinute ?? null }),
    ),
    implement(removeEndpointKey, async ({ name, id }) => {
      await serving.removeKey(name, id)
      return { removed: id }
    }),
    implement(endpointStatistics, async ({ name }) => {
      const [{ state }, versions] = await Promise.all([serving.show(name), serving.statistics(name)])
      return { name, state, versions }
    }),
  ]
}
