// What a bench file is. A file benches/<name>.bench.ts exports `name` and `run`; benches/run.ts does the rest.

/** One figure, measured in this run. */
export interface BenchResult {
  /** What was measured and how, for example "fovea --help, median of 10". */
  what: string
  value: number
  /** Unit of `value` and of the bounds, for example "ms" or "images/s". */
  unit: string
  /** The figure passes when it is not above this. */
  atMost?: number
  /** The figure passes when it is not below this. */
  atLeast?: number
}

/** The exports of a bench file. */
export interface BenchModule {
  name: string
  /** Bound on the peak resident memory of the bench's own process, in MB (10⁶ bytes). */
  peakMemoryAtMostMb?: number
  /** Measures. Runs alone in a process of its own; makes its data below the temporary folder and removes it. */
  run(): Promise<BenchResult[]>
}

/** Middle value; the mean of the two middle ones for an even count. NaN for an empty list. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  const high = sorted[Math.floor(sorted.length / 2)] ?? Number.NaN
  return sorted.length % 2 === 1 ? high : ((sorted[sorted.length / 2 - 1] ?? Number.NaN) + high) / 2
}

/** Wall time of a call in milliseconds, with what it returned. */
export async function measureMs<T>(work: () => Promise<T> | T): Promise<{ ms: number; value: T }> {
  const start = performance.now()
  const value = await work()
  return { ms: performance.now() - start, value }
}
