import { FoveaError } from '#base'
import type { PictureSource, Prediction } from '#models'
import { measureAgreement } from './agreement.ts'
import type { Slot } from './slot.ts'

/** Pictures that wait for the shadow; beyond them the oldest are left out. */
const mostWaiting = 64

/** Shows a version the pictures that another has answered. */
export interface Shadow {
  /** Takes a picture with its answer. Costs the one who asked nothing: the answer is on its way already. */
  offer(picture: PictureSource, answered: Prediction, othersWaiting: () => number): void
  close(): Promise<void>
}

/** One picture at a time, and only while nobody waits for an answer: the shadow never takes its turn before a request. */
export function createShadow(deps: { slot: Slot }): Shadow {
  const { slot } = deps
  const queue: { picture: PictureSource; answered: Prediction }[] = []
  const stop = new AbortController()
  let working: Promise<void> | undefined
  let othersWaiting = (): number => 0

  const work = async (): Promise<void> => {
    while (queue.length > 0 && othersWaiting() === 0 && !stop.signal.aborted) {
      const { picture, answered } = queue.shift()!
      try {
        const { prediction } = await slot.predict(picture, stop.signal)
        slot.statistics.compared(measureAgreement(answered, prediction))
      } catch {
        // Counted among the failures of the slot.
      }
    }
  }

  return {
    offer(picture, answered, waiting) {
      othersWaiting = waiting
      if (stop.signal.aborted) return
      queue.push({ picture, answered })
      if (queue.length > mostWaiting) {
        queue.shift()
        slot.statistics.dropped()
      }
      working ??= work().finally(() => (working = undefined))
    },
    async close() {
      stop.abort(new FoveaError('CANCELLED', 'The endpoint was closed.'))
      queue.length = 0
      await working
    },
  }
}
