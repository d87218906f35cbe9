import type { Clock } from '#base'

/** A token bucket for each address: `perMinute` requests at once, refilled evenly. */
export function createRateLimit(deps: { clock: Clock; perMinute: number }): {
  /** Seconds to wait before the next request; 0 when this one may pass. */
  take(address: string): number
} {
  const buckets = new Map<string, { left: number; atMs: number }>()
  const perMs = deps.perMinute / 60_000
  return {
    take(address) {
      const atMs = deps.clock.monotonic()
      let bucket = buckets.get(address)
      if (bucket === undefined) {
        // Bound the memory an attacker with many addresses can take; the oldest entry goes first.
        if (buckets.size >= 10_000) buckets.delete(buckets.keys().next().value!)
        bucket = { left: deps.perMinute, atMs }
        buckets.set(address, bucket)
      }
      bucket.left = Math.min(deps.perMinute, bucket.left + (atMs - bucket.atMs) * perMs)
      bucket.atMs = atMs
      if (bucket.left < 1) return Math.max(1, Math.ceil((1 - bucket.left) / perMs / 1000))
      bucket.left -= 1
      return 0
    },
  }
}
