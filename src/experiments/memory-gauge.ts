/** The most memory that was seen. */
export interface MemoryGauge {
  read(): void
  /** null before anything was read. */
  peak(): number | null
  close(): void
}

const everyMs = 500

/** Reads now and twice a second until it is closed; without something to read from it keeps what was known. */
export function createMemoryGauge(read: (() => number) | undefined, known: number | null): MemoryGauge {
  let peak = known
  const take = (): void => {
    if (read !== undefined) peak = Math.max(peak ?? 0, read())
  }
  take()
  const timer = read === undefined ? undefined : setInterval(take, everyMs).unref()
  return { read: take, peak: () => peak, close: () => clearInterval(timer) }
}
