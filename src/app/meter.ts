import type { Job } from '#contract'
import type { Clock, ProgressEvent } from '#base'

type JobProgress = NonNullable<Job['progress']>

/** Turns raw observations into progress with a rate and seconds left, from a window that slides over the newest `windowMs`. */
export function createMeter(deps: { clock: Clock; windowMs?: number }): { observe(event: ProgressEvent): JobProgress } {
  const windowMs = deps.windowMs ?? 10_000
  let stage: string | undefined
  let seen: { atMs: number; done: number }[] = []
  return {
    observe(event) {
      const atMs = deps.clock.monotonic()
      if (event.stage !== stage || event.done < (seen.at(-1)?.done ?? 0)) {
        stage = event.stage
        seen = []
      }
      // One observation in 50 ms is enough; the newest is always used below.
      if (seen.length === 0 || atMs - seen.at(-1)!.atMs >= 50) seen.push({ atMs, done: event.done })
      while (seen.length > 2 && atMs - seen[1]!.atMs > windowMs) seen.shift()
      const first = seen[0]!
      const elapsedMs = atMs - first.atMs
      const rate = elapsedMs >= 200 && event.done > first.done ? ((event.done - first.done) / elapsedMs) * 1000 : null
      const total = event.total ?? null
      const secondsLeft = rate === null || total === null ? null : Math.max(0, (total - event.done) / rate)
      return { stage: event.stage, done: event.done, total, unit: event.unit, rate, secondsLeft }
    },
  }
}
