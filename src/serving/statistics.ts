import type { ServedStatistics } from '#contract'
import type { VersionCounters } from './types.ts'

/** Upper bounds of the histogram in seconds, as Prometheus clients have them, with two finer ones. */
const boundsSeconds = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10] as const
const newest = 4096

interface Answered {
  latencyMs: number
  prepareMs: number
  queueMs: number
  computeMs: number
  pictures: number
}

/** Counts of one version since it was opened. */
export interface Statistics {
  answered(facts: Answered): void
  failed(code: string, latencyMs: number): void
  ran(rows: number): void
  compared(agreement: number | null): void
  dropped(): void
  read(about: { role: string; model: string; version: number; waiting: number; isShadow: boolean }): ServedStatistics
  counters(): Pick<VersionCounters, 'latency' | 'totals'>
}

export function createStatistics(): Statistics {
  const latency = createRing()
  const queue = createRing()
  const compute = createRing()
  const counts: number[] = boundsSeconds.map(() => 0)
  const failures = new Map<string, number>()
  const batches = new Map<number, number>()
  const totals = { queueMs: 0, computeMs: 0, prepareMs: 0, latencyMs: 0, failedMs: 0, answered: 0, failed: 0 }
  let [pictures, runs, compared, droppedCount, agreementSum, judged] = [0, 0, 0, 0, 0, 0]

  return {
    answered(facts) {
      totals.answered++
      pictures += facts.pictures
      totals.queueMs += facts.queueMs
      totals.computeMs += facts.computeMs
      totals.prepareMs += facts.prepareMs
      totals.latencyMs += facts.latencyMs
      latency.add(facts.latencyMs)
      queue.add(facts.queueMs)
      compute.add(facts.computeMs)
      boundsSeconds.forEach((bound, i) => {
        if (facts.latencyMs <= bound * 1000) counts[i]!++
      })
    },
    failed(code, latencyMs) {
      totals.failed++
      totals.failedMs += latencyMs
      failures.set(code, (failures.get(code) ?? 0) + 1)
    },
    ran(rows) {
      runs++
      batches.set(rows, (batches.get(rows) ?? 0) + 1)
    },
    compared(agreement) {
      compared++
      if (agreement === null) return
      judged++
      agreementSum += agreement
    },
    dropped() {
      droppedCount++
    },
    read: ({ role, model, version, waiting, isShadow }) => ({
      role,
      model,
      version,
      requests: totals.answered + totals.failed,
      pictures,
      failures: Object.fromEntries([...failures].toSorted(([a], [b]) => (a < b ? -1 : 1))),
      waiting,
      runs,
      batches: Object.fromEntries([...batches].toSorted(([a], [b]) => a - b).map(([rows, n]) => [String(rows), n])),
      latencyMs: latency.percentiles(),
      queueMs: queue.percentiles(),
      computeMs: compute.percentiles(),
      shadow: isShadow
        ? { compared, dropped: droppedCount, agreement: judged === 0 ? null : agreementSum / judged }
        : null,
    }),
    counters: () => ({
      latency: {
        bounds: boundsSeconds,
        counts: [...counts],
        sumSeconds: totals.latencyMs / 1000,
        count: totals.answered,
      },
      totals: { ...totals },
    }),
  }
}

/** The newest values, for percentiles that are exact over them. */
function createRing(): { add(value: number): void; percentiles(): { p50: number; p95: number; p99: number } | null } {
  const values = new Float64Array(newest)
  let count = 0
  return {
    add(value) {
      values[count++ % newest] = value
    },
    percentiles() {
      if (count === 0) return null
      const sorted = values.slice(0, Math.min(count, newest)).sort()
      // Nearest rank.
      const at = (share: number): number => sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)]!
      return { p50: at(0.5), p95: at(0.95), p99: at(0.99) }
    },
  }
}
