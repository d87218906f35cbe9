import { mkdir, readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { report as reportSchema, type Report, type ReportSummary } from '#contract'
import { FoveaError, writeFileAtomic } from '#base'

/** Reports of the past, one file each: `r_<n>.json`. */
export interface ReportStore {
  /** Gives the report the next id and writes it whole or not at all; then the oldest beyond those that are kept are removed. */
  add(report: Omit<Report, 'id'>): Promise<Report>
  /** Throws REPORT_NOT_FOUND. The newest when left out. */
  read(id: string | undefined): Promise<Report>
  /** Newest first. Files that are no reports are passed over. */
  list(): Promise<ReportSummary[]>
}

/** `keep`: reports that are kept, the newest. */
export function createReportStore({ folder, keep }: { folder: string; keep: number }): ReportStore {
  const summaries = new Map<number, ReportSummary>()
  let last: Promise<unknown> = Promise.resolve()

  const numbers = async (): Promise<number[]> => {
    const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return names
      .flatMap((name) => Number(/^r_(\d{1,12})\.json$/.exec(name)?.[1] ?? NaN) || [])
      .toSorted((a, b) => b - a)
  }
  const load = async (n: number): Promise<Report | undefined> => {
    try {
      const parsed = reportSchema.safeParse(JSON.parse(await readFile(join(folder, `r_${n}.json`), 'utf8')))
      return parsed.success ? parsed.data : undefined
    } catch {
      return undefined
    }
  }
  const summaryOf = async (n: number): Promise<ReportSummary | undefined> => {
    const known = summaries.get(n)
    if (known !== undefined) return known
    const report = await load(n)
    if (report === undefined) return undefined
    const { checks: _, ...summary } = report
    summaries.set(n, summary)
    return summary
  }

  /** What cannot be removed stays: the report that was just written is none the worse for it. */
  const prune = async (): Promise<void> => {
    for (const n of (await numbers()).slice(keep)) {
      await rm(join(folder, `r_${n}.json`), { force: true }).catch(() => {})
      summaries.delete(n)
    }
  }

  return {
    add(report) {
      const turn = last.then(async () => {
        await mkdir(folder, { recursive: true })
        const whole: Report = { ...report, id: `r_${((await numbers())[0] ?? 0) + 1}` }
        await writeFileAtomic(join(folder, `${whole.id}.json`), `${JSON.stringify(whole)}\n`)
        await prune()
        return whole
      })
      last = turn.catch(() => {})
      return turn
    },
    async read(id) {
      const all = await numbers()
      const wanted = id === undefined ? all : all.filter((n) => `r_${n}` === id)
      for (const n of wanted) {
        const report = await load(n)
        if (report !== undefined) return report
      }
      throw new FoveaError(
        'REPORT_NOT_FOUND',
        id === undefined ? 'There is no report yet.' : `There is no report ${JSON.stringify(id)}.`,
        { hint: all.length === 0 ? 'Make one with: fovea check' : 'See: fovea check history' },
      )
    },
    async list() {
      const found: ReportSummary[] = []
      for (const n of await numbers()) {
        const summary = await summaryOf(n)
        if (summary !== undefined) found.push(summary)
      }
      return found
    },
  }
}
