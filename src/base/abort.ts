import { FoveaError } from './errors.ts'

/** Throws CANCELLED when the signal has fired. Call between units of work. */
export function throwIfAborted(signal: AbortSignal | undefined): void {
  if (!signal?.aborted) return
  if (signal.reason instanceof FoveaError) throw signal.reason
  throw new FoveaError('CANCELLED', 'The work was cancelled before it ended.', {
    hint: 'What was finished is kept. Run the same command again to complete it.',
  })
}
