import { dirname } from 'node:path'
import type { Severity, Stage } from '#contract'
import { FoveaError, type Clock } from '#base'
import type { Catalog, DatasetRef } from '#catalog'
import { suiteError, type Place, type SuiteProblem } from '../suites/source.ts'
import type { Located, Suite, SuiteCheck } from '../suites/types.ts'
import type { CheckContext } from '../types.ts'
import { resolveReference } from './reference.ts'
import { checkPlainQuery, joinQueries } from './scope.ts'

/** A check with the samples it will look at. */
export interface PreparedCheck {
  check: SuiteCheck
  severity: Severity
  context: CheckContext
}

export interface Request {
  dataset: DatasetRef
  scope: string
  against?: string | undefined
  stage?: Stage | undefined
  signal: AbortSignal
  clock: Clock
  owner?: boolean | undefined
}

/**
 * Fits a suite to the data: scopes are read and must match something, references found, expectations read.
 * Throws SUITE_INVALID with all that is wrong in the file; QUERY_INVALID for the caller's own scope.
 */
export async function prepareChecks(
  deps: { catalog: Catalog },
  file: string,
  suite: Suite,
  request: Request,
): Promise<{ checks: PreparedCheck[]; scope: string; samples: number; against: string | null }> {
  const { catalog } = deps
  const { dataset, signal, clock } = request
  const schema = await catalog.schemaOf(dataset)
  const problems: SuiteProblem[] = []
  const note = (at: Place, message: string, hint: string | null): void => {
    problems.push({ line: at.line, column: at.column, message, hint })
  }
  const wrong = (located: Located, caught: unknown): void => {
    if (!(caught instanceof FoveaError) || caught.code === 'INTERNAL') throw caught
    const start = (caught.details as { span?: { start?: number } } | undefined)?.span?.start ?? 0
    note(located.at(start), caught.message, caught.hint ?? null)
  }
  const counts = new Map<string, number>()
  const count = async (query: string): Promise<number> => {
    const known = counts.get(query) ?? (await catalog.count(dataset, { query }))
    counts.set(query, known)
    return known
  }
  /** Whether a scope can be read, and matches something together with those around it. */
  const fits = async (scope: Located | null, around: readonly string[]): Promise<boolean> => {
    if (scope === null || scope.text.trim() === '') return true
    try {
      checkPlainQuery(scope.text, schema)
      const outside = joinQueries(around)
      if ((await count(outside)) === 0 || (await count(joinQueries([...around, scope.text]))) > 0) return true
      const hint =
        outside === ''
          ? 'Mend it, or leave it out to look at all.'
          : `Together with ${outside} nothing is left. Mend one of them.`
      note(scope.at(0), `The scope ${JSON.stringify(scope.text)} matches no sample.`, hint)
    } catch (caught) {
      wrong(scope, caught)
    }
    return false
  }
  const reference = async (located: Located): Promise<CheckContext['reference']> => {
    try {
      return await resolveReference(catalog, dataset, located.text)
    } catch (caught) {
      wrong(located, caught)
      return undefined
    }
  }

  checkPlainQuery(request.scope, schema)
  const given = request.against === undefined ? undefined : await resolveReference(catalog, dataset, request.against)
  await refuseEmptyScope(request.scope, await count(request.scope), dataset)
  const whole = await fits(suite.scope, [request.scope])
  const shared = given ?? (suite.against === null ? undefined : await reference(suite.against))
  const around = [request.scope, suite.scope?.text ?? '']
  const checks: PreparedCheck[] = []
  for (const check of suite.checks) {
    const stage = check.stage ?? suite.stage
    if (request.stage !== undefined && stage !== null && stage !== request.stage) continue
    if (!whole || !(await fits(check.scope, around))) continue
    const context: CheckContext = {
      dataset,
      scope: joinQueries([...around, check.scope?.text]),
      reference: given ?? (check.against === null ? shared : await reference(check.against)),
      signal,
      clock,
      folder: dirname(file),
      owner: request.owner ?? false,
    }
    for (const fault of (await check.kind.verify?.(context, check.parameters)) ?? [])
      note(check.placeOf(fault.parameter, fault.offset), fault.message, fault.hint)
    checks.push({ check, severity: check.severity ?? suite.severity ?? check.kind.severity, context })
  }
  if (problems.length === 0 && checks.length === 0) {
    const why = request.stage === undefined ? 'has no checks' : `has no checks for the stage ${request.stage}`
    note(suite.at, `The suite ${suite.name} ${why}.`, 'A suite that checks nothing lets everything pass.')
  }
  if (problems.length > 0) throw suiteError(file, problems)
  const scope = joinQueries(around)
  return { checks, scope, samples: await count(scope), against: request.against ?? suite.against?.text ?? null }
}

async function refuseEmptyScope(scope: string, samples: number, dataset: DatasetRef): Promise<void> {
  if (samples > 0 || scope.trim() === '') return
  throw new FoveaError('QUERY_INVALID', `The scope ${JSON.stringify(scope)} matches no sample of ${dataset.name}.`, {
    hint: 'Nothing was checked. Widen it, or leave it out to look at all samples.',
  })
}
