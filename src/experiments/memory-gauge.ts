/** The most memory that was seen. */
export interface MemoryGauge {
  read(): void
  /** What is held outside of the process from now on, bytes; counts with what is read. */
  add(bytes: number): void
  /** null before anything was read. */
  peak(): number | null
  close(): void
}

const everyMs = 500

/** Reads now and twice a second until it is closed; without something to read from it keeps what was known. */
export function createMemoryGauge(read: (() => number) | undefined, known: number | null): MemoryGauge {
  let peak = known
  let outside = 0
  const take = (): void => {
    if (read !== undefined) peak = Math.max(peak ?? 0, read() + outside)
  }
  take()
  const timer = read === undefined ? undefined : setInterval(take, everyMs).unref()
  const add = (bytes: number): void => {
    outside = bytes
    take()
  }
  return { read: take, add, peak: () => peak, close: () => clearInterval(timer) }
}
