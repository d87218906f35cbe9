import type { z } from 'zod'
import { FoveaError } from '#base'
import type { listRuns } from '#contract'
import type { Run } from './types.ts'

type Filter = z.output<typeof listRuns.input>

/**
 * The run a text means: an id, the beginning of exactly one, or `last` for the newest. `runs` are the newest first.
 * Throws RUN_NOT_FOUND.
 */
export function pickRun(runs: readonly Run[], text: string): Run | undefined {
  if (text === 'last') return runs[0]
  const exact = runs.find((run) => run.id === text)
  if (exact !== undefined) return exact
  const begin = text.startsWith('run_') ? text : `run_${text}`
  const several = begin.length < 'run_'.length + 3 ? [] : runs.filter((run) => run.id.startsWith(begin))
  if (several.length > 1)
    throw new FoveaError('RUN_NOT_FOUND', `${several.length} runs begin with ${JSON.stringify(text)}.`, {
      hint: `Give more of the id: ${several
        .slice(0, 5)
        .map((run) => run.id)
        .join(', ')}`,
    })
  return several[0]
}

/** Runs that fit every filter, in the order asked for; those without the metric that orders come last. */
export function selectRuns(runs: readonly Run[], filter: Filter): Run[] {
  const bounds = filter.where.map(parseBound)
  const part = filter.name?.toLowerCase()
  const fitting = runs.filter(
    (run) =>
      (filter.kind === undefined || run.kind === filter.kind) &&
      (filter.state === undefined || run.state === filter.state) &&
      (part === undefined || run.name.toLowerCase().includes(part)) &&
      (filter.experiment === undefined || run.experiment === filter.experiment) &&
      (filter.dataset === undefined || run.data?.dataset === filter.dataset) &&
      (filter.model === undefined ||
        run.model === filter.model ||
        run.model?.startsWith(`${filter.model}:`) === true) &&
      (filter.parent === undefined || run.parent === filter.parent) &&
      bounds.every((fits) => fits(run)),
  )
  return orderRuns(fitting, filter.order, filter.ascending)
}

function parseBound(text: string): (run: Run) => boolean {
  const [, metric, sign, number] = /^(.+?)\s*(<=|>=|<|>|=)\s*(\S+)$/.exec(text)!
  const bound = Number(number)
  return ({ metrics }) => {
    const value = metrics[metric!]
    if (value === undefined) return false
    if (sign === '<=') return value <= bound
    if (sign === '>=') return value >= bound
    if (sign === '<') return value < bound
    return sign === '>' ? value > bound : value === bound
  }
}

const keys: Readonly<Record<string, (run: Run) => number | string | null | undefined>> = {
  started: (run) => run.startedAt,
  duration: (run) => run.durationMs,
  memory: (run) => run.peakMemoryBytes,
  name: (run) => run.name,
}

function orderRuns(runs: readonly Run[], order: string, ascending: boolean): Run[] {
  const keyOf = keys[order] ?? ((run: Run) => run.metrics[order])
  // `runs` come with the newest first, and sorting keeps that among equals.
  return runs
    .map((run) => ({ run, key: keyOf(run) ?? null }))
    .sort((a, b) => {
      if (a.key === null || b.key === null) return Number(a.key === null) - Number(b.key === null)
      const rising = a.key < b.key ? -1 : a.key > b.key ? 1 : 0
      return ascending ? rising : -rising
    })
    .map(({ run }) => run)
}
