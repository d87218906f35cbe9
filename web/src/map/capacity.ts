/** Frames that take longer are too slow for moving, those that take less leave room for more points. */
const slowMs = 36
const fastMs = 22
const wantedMs = 28
const least = 20_000

/**
 * How many points a frame may have while the map moves, from how long one with `drawn` points took until the next could begin. Learns
 * within one slow frame, and grows again by a quarter with each quick one that was full.
 */
export function adaptCapacity(capacity: number, drawn: number, spentMs: number): number {
  if (spentMs > slowMs) return Math.min(capacity, Math.max(least, (drawn * wantedMs) / spentMs))
  if (spentMs < fastMs && drawn >= capacity * 0.9) return capacity * 1.25
  return capacity
}
