import type { CheckResult, Report, Stage } from '#contract'
import { throwIfAborted, toFoveaError, type Clock, type Progress } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import type { Suite } from '../suites/types.ts'
import type { Looked } from '../types.ts'
import { outcomeOf, summarise } from './outcome.ts'
import { prepareChecks, type PreparedCheck } from './prepare.ts'

export interface RunRequest {
  dataset: DatasetRef
  file: string
  suite: Suite
  scope: string
  against?: string | undefined
  environment?: string | undefined
  stage?: Stage | undefined
  /** Whether custom checks may run. */
  owner?: boolean | undefined
}

const mostFindings = 24

/**
 * Runs the checks of a suite one after the other. One that goes wrong is `error` and the others still run; being cancelled
 * ends it all. Throws SUITE_INVALID, QUERY_INVALID before anything runs, CANCELLED.
 */
export async function runSuite(
  deps: { catalog: Catalog; clock: Clock },
  request: RunRequest,
  work: { signal: AbortSignal; progress: Progress },
): Promise<Omit<Report, 'id'>> {
  const { clock } = deps
  const { suite, dataset } = request
  const { signal, progress } = work
  const at = new Date(clock.now()).toISOString()
  const began = clock.monotonic()
  progress.report({ stage: 'reading the suite', done: 0, unit: 'checks' })
  const prepared = await prepareChecks(deps, request.file, suite, { ...request, signal, clock })
  const results: CheckResult[] = []
  for (const one of prepared.checks) {
    throwIfAborted(signal)
    progress.report({ stage: one.check.id, done: results.length, total: prepared.checks.length, unit: 'checks' })
    results.push(await runCheck(one, clock))
    throwIfAborted(signal)
  }
  progress.report({ stage: 'done', done: results.length, total: results.length, unit: 'checks' })
  return {
    suite: suite.name,
    dataset: dataset.name,
    scope: prepared.scope,
    against: prepared.against,
    stage: request.stage ?? suite.stage,
    environment: request.environment ?? null,
    at,
    ms: Math.round(clock.monotonic() - began),
    samples: prepared.samples,
    ...summarise(results),
    checks: results,
  }
}

async function runCheck({ check, severity, context }: PreparedCheck, clock: Clock): Promise<CheckResult> {
  const { kind } = check
  const began = clock.monotonic()
  const head = { id: check.id, check: kind.name, title: titleOf(check), severity }
  const ms = (): number => Math.round(clock.monotonic() - began)
  if (kind.needs.includes('against') && context.reference === undefined) {
    const message = 'There is nothing to compare with.'
    const hint =
      'Name it: fovea check --against VERSION (or a slice, dataset:NAME, a query), or "against:" in the suite.'
    return { ...head, ...nothingSeen, outcome: 'empty', message, hint, ms: ms() }
  }
  try {
    return { ...head, ...tell(await kind.look(context, check.parameters), severity), ms: ms() }
  } catch (caught) {
    const error = toFoveaError(caught)
    if (error.code === 'CANCELLED') throw error
    const message = 'The check could not be done.'
    return {
      ...head,
      ...nothingSeen,
      outcome: 'error',
      message,
      error: error.message,
      hint: error.hint ?? null,
      ms: ms(),
    }
  }
}

/** Checks of which a suite has many are told apart by what they say. */
function titleOf({ title, kind, parameters }: PreparedCheck['check']): string {
  return title ?? (kind.shorthand === undefined ? kind.title : String(parameters[kind.shorthand]))
}

const nothingSeen = {
  value: null,
  bound: null,
  unit: 'samples',
  looked: 0,
  found: 0,
  query: null,
  findings: [],
  plot: null,
  hint: null,
  error: null,
}

function tell(
  looked: Looked,
  severity: PreparedCheck['severity'],
): Omit<CheckResult, 'id' | 'check' | 'title' | 'severity' | 'ms'> {
  const { unit, value, bound, message, query, queryNames, findings, plot, hint } = looked
  return {
    outcome: outcomeOf(looked, severity),
    message,
    value: value !== null && Number.isFinite(value) ? value : null,
    bound,
    unit,
    looked: looked.looked,
    found: looked.found,
    query,
    ...(queryNames === undefined ? {} : { queryNames }),
    findings: findings.slice(0, mostFindings),
    plot: plot ?? null,
    hint: hint ?? null,
    error: null,
  }
}
