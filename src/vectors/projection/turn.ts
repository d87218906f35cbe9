import { setImmediate } from 'node:timers/promises'
import { throwIfAborted } from '#base'
import type { LongWork } from '../types.ts'

/** Lets others run between two pieces of work. Throws CANCELLED when told to stop. */
export async function giveTurn({ signal }: LongWork): Promise<void> {
  throwIfAborted(signal)
  await setImmediate()
}
