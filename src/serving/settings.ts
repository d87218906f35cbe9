import type { EndpointSettings } from '#contract'
import { FoveaError } from '#base'
import type { DeployChanges } from './types.ts'

const defaults = { batching: { maxSize: 16, maxDelayMs: 0 }, queueLimit: 256, timeoutMs: 30_000 }

/** Settings after changes: what is not changed stays, what is new has defaults. Throws ENDPOINT_NOT_FOUND, INPUT_INVALID. */
export function mergeSettings(
  name: string,
  before: EndpointSettings | undefined,
  changes: DeployChanges,
): EndpointSettings {
  const model = changes.model ?? before?.model
  if (model === undefined)
    throw new FoveaError(
      'ENDPOINT_NOT_FOUND',
      `There is no endpoint ${JSON.stringify(name)} yet, so it needs a model.`,
      {
        hint: `Name one: fovea endpoints deploy ${name} MODEL`,
      },
    )
  const keep = <T>(changed: T | undefined, kept: T | undefined, otherwise: T): T => changed ?? kept ?? otherwise
  const canaryModel = changes.canary === undefined ? before?.canary?.model : changes.canary
  if (changes.canaryShare !== undefined && (canaryModel === undefined || canaryModel === null))
    throw new FoveaError('INPUT_INVALID', 'Expected a canary with its share, got the share alone.', {
      hint: 'Name the second version too: --canary MODEL',
    })
  return {
    model,
    canary:
      canaryModel === undefined || canaryModel === null
        ? null
        : { model: canaryModel, share: keep(changes.canaryShare, before?.canary?.share, 0.1) },
    shadow: changes.shadow === undefined ? (before?.shadow ?? null) : changes.shadow,
    threshold: changes.threshold === undefined ? (before?.threshold ?? null) : changes.threshold,
    batching: {
      maxSize: keep(changes.maxSize, before?.batching.maxSize, defaults.batching.maxSize),
      maxDelayMs: keep(changes.maxDelayMs, before?.batching.maxDelayMs, defaults.batching.maxDelayMs),
    },
    queueLimit: keep(changes.queueLimit, before?.queueLimit, defaults.queueLimit),
    timeoutMs: keep(changes.timeoutMs, before?.timeoutMs, defaults.timeoutMs),
  }
}
