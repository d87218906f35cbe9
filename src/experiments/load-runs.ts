import { readdir, readFile, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { writeFileAtomic } from '#base'
import { readMetricLog } from './metric-log.ts'
import type { Run } from './types.ts'

const runId = /^run_[0-9a-z]{12}$/
/** Files that are read side by side. */
const atOnce = 32

/** Where the parts of a run lie. */
export function runFiles(
  folder: string,
  id: string,
): { folder: string; record: string; metrics: string; artefacts: string } {
  const own = join(folder, id)
  return {
    folder: own,
    record: join(own, 'run.json'),
    metrics: join(own, 'metrics.jsonl'),
    artefacts: join(own, 'artefacts'),
  }
}

/** A run as it is written down. */
interface RunRecord extends Run {
  /** ms since 1970, since when it is worked on; only of a running one. */
  openedAt?: number
}

export function writeRecord(folder: string, record: RunRecord): Promise<void> {
  return writeFileAtomic(runFiles(folder, record.id).record, `${JSON.stringify(record, null, 1)}\n`)
}

/**
 * Every run of a folder. Those that are marked as running were left by a process that was killed: they become interrupted, with
 * the metrics that were written down. What a killed process left half made or half removed goes.
 */
export async function loadRuns(folder: string): Promise<Run[]> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  for (const name of names.filter((one) => one.startsWith('.removed-')))
    await rm(join(folder, name), { recursive: true, force: true })
  const ids = names.filter((name) => runId.test(name))
  const runs: Run[] = []
  for (let i = 0; i < ids.length; i += atOnce) {
    const some = await Promise.all(ids.slice(i, i + atOnce).map((id) => loadRun(folder, id)))
    for (const run of some) if (run !== undefined) runs.push(run)
  }
  return runs
}

async function loadRun(folder: string, id: string): Promise<Run | undefined> {
  const files = runFiles(folder, id)
  const text = await readFile(files.record, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (text === undefined) {
    await rm(files.folder, { recursive: true, force: true })
    return undefined
  }
  const { openedAt, ...run } = JSON.parse(text) as RunRecord
  if (run.state !== 'running') return run
  const curves = await readMetricLog(files.metrics)
  const opened = openedAt ?? Date.parse(run.startedAt)
  const lastSign = curves.reduce((latest, { times }) => Math.max(latest, times.at(-1)!), opened)
  const interrupted: Run = {
    ...run,
    state: 'interrupted',
    endedAt: new Date(lastSign).toISOString(),
    durationMs: run.durationMs + (lastSign - opened),
    metrics: Object.fromEntries(curves.map(({ key, values }) => [key, values.at(-1)!])),
  }
  await writeRecord(folder, interrupted)
  return interrupted
}
