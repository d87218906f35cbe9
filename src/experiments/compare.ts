import type { z } from 'zod'
import { compareCodePoints } from '#base'
import type { compareRuns as spec } from '#contract'
import type { Run } from './types.ts'

type Compared = z.output<typeof spec.output>
type Row = Compared['params'][number]
type Value = Row['values'][number]

/** Metrics that are better the smaller they are, by a word of their name. */
const lowerWords =
  /(^|[^a-z])(loss|error|err|mae|mse|rmse|nll|ece|brier|perplexity|latency|seconds|duration|ms|bytes|memory|distance|deviation|missed|wrong)([^a-z]|$)/

/** Whether less of a metric is better, by its name: `val_loss`, `calibrationError` and `latency.p50` are, `dice` is not. */
export function isLowerBetter(name: string): boolean {
  return lowerWords.test(name.replaceAll(/([a-z\d])([A-Z])/g, '$1_$2').toLowerCase())
}

/** Parameters, facts and metrics of runs side by side. */
export function compareRuns(
  runs: readonly Run[],
  { all, lower }: { all: boolean; lower: readonly string[] },
): Pick<Compared, 'params' | 'facts' | 'metrics'> {
  const keep = (row: Row): boolean => all || row.differs
  return {
    params: namesOf(runs.map((run) => run.params))
      .map((name) =>
        toRow(
          name,
          runs.map((run) => run.params[name] ?? null),
        ),
      )
      .filter(keep),
    facts: Object.entries(facts)
      .map(([name, read]) => toRow(name, runs.map(read)))
      .filter(({ values }) => values.some((value) => value !== null))
      .filter(keep),
    metrics: namesOf(runs.map((run) => run.metrics)).map((name) => {
      const values = runs.map((run) => run.metrics[name] ?? null)
      const better = lower.includes(name) || isLowerBetter(name) ? 'lower' : 'higher'
      const known = values.filter((value) => value !== null)
      const best = better === 'lower' ? Math.min(...known) : Math.max(...known)
      return { name, values, better, best: values.flatMap((value, i) => (value === best ? [i] : [])) }
    }),
  }
}

const facts: Readonly<Record<string, (run: Run) => Value>> = {
  kind: (run) => run.kind,
  state: (run) => run.state,
  dataset: (run) => run.data?.dataset ?? null,
  query: (run) => run.data?.query || null,
  layer: (run) => run.data?.layer ?? null,
  samples: (run) => run.data?.samples ?? null,
  validation: (run) => run.data?.validation ?? null,
  data: (run) => run.data?.digest ?? null,
  model: (run) => run.model,
  seconds: (run) => Math.round(run.durationMs / 100) / 10,
  memory: (run) => run.peakMemoryBytes,
  fovea: (run) => run.environment.fovea,
  node: (run) => run.environment.node,
  platform: (run) => run.environment.platform,
  cpus: (run) => run.environment.cpus,
  revision: (run) => run.environment.revision,
}

function namesOf(records: readonly Readonly<Record<string, unknown>>[]): string[] {
  return [...new Set(records.flatMap((record) => Object.keys(record)))].toSorted(compareCodePoints)
}

function toRow(name: string, values: Value[]): Row {
  return { name, values, differs: values.some((value) => value !== values[0]) }
}
