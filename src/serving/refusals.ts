import type { ServedStatistics } from '#contract'
import { FoveaError } from '#base'
import type { Slot } from './slot.ts'

/** The counts of a slot, as they are told. */
export function readSlot(slot: Slot): ServedStatistics {
  const { model, version } = slot.version
  return slot.statistics.read({
    role: slot.role,
    model,
    version,
    waiting: slot.waiting(),
    isShadow: slot.role === 'shadow',
  })
}

/** When as many answers as wait now should be given, from what runs took of late. */
export function retryAfterSeconds(slot: Slot, waiting: number): number {
  const { totals } = slot.statistics.counters()
  const { runs, pictures, computeMs } = readSlot(slot)
  const perRun = pictures === 0 ? 1 : pictures / Math.max(1, runs)
  const perPictureMs = (computeMs?.p50 ?? totals.latencyMs) / Math.max(1, perRun)
  return Math.min(60, Math.max(1, Math.ceil((waiting * perPictureMs) / 1000)))
}

export const timedOut = (name: string, timeoutMs: number): FoveaError =>
  new FoveaError('PREDICTION_TIMEOUT', `Endpoint ${name} did not answer within ${timeoutMs} ms.`, {
    hint: 'Send fewer requests at once, or raise the limit with: fovea endpoints deploy NAME --timeout-ms N',
  })

export const gone = (): FoveaError => new FoveaError('CANCELLED', 'Who asked went away before the answer.')

export function unknownVersion(name: string, version: string, served: readonly Slot[]): FoveaError {
  const known = served.map((slot) => slot.version.version).join(', ')
  return new FoveaError('MODEL_NOT_FOUND', `Endpoint ${name} does not serve version ${JSON.stringify(version)}.`, {
    hint: known === '' ? 'It serves nothing yet.' : `It serves ${known}.`,
  })
}
