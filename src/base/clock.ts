/** Time as a dependency, so that tests can hold it still. */
export interface Clock {
  /** Milliseconds since the Unix epoch. */
  now(): number
  /** Milliseconds on a clock that never goes back; only differences mean something. */
  monotonic(): number
}

export const systemClock: Clock = { now: () => Date.now(), monotonic: () => performance.now() }

/** A clock that moves `stepMs` at each reading of `now`. */
export function createFixedClock(startMs = Date.UTC(2026, 0, 1), stepMs = 0): Clock {
  let at = startMs - stepMs
  return { now: () => (at += stepMs), monotonic: () => (at += stepMs) }
}
