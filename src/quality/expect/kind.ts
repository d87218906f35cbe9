import { z } from 'zod'
import { FoveaError, formatSampleId } from '#base'
import type { Catalog } from '#catalog'
import type { Finding } from '#contract'
import { defineCheck } from '../checks/define.ts'
import { joinQueries } from '../run/scope.ts'
import type { CheckContext, CheckKind, Looked, ParameterFault } from '../types.ts'
import { isAbove, measurePlan, type Measured } from './measure.ts'
import { describeBound, meetsBound, parseExpectation, type Expectation } from './parse.ts'
import { planExpectation } from './plan.ts'

const parameters = z.object({
  that: z
    .string()
    .min(1)
    .max(20_000)
    .describe('Such as count(labels[area <= 0]) = 0, share(tag:blurry) < 0.02 or mean(brightness) between 0.2 and 0.8'),
})

const mostFindings = 24

/** `expect: …`, any query with a bound. */
export function createExpectKind({ catalog }: { catalog: Catalog }): CheckKind {
  return defineCheck({
    name: 'expect',
    title: 'Expectation',
    group: 'expectations',
    about:
      'Holds a figure against a bound: count and share of a query or of labels[…]; distinct, mean, median, quantile, min, max and sum of a field or a measure of labels.',
    severity: 'fail',
    shorthand: 'that',
    needs: [],
    parameters,
    async verify({ dataset }, { that }): Promise<ParameterFault[]> {
      const parsed = parseExpectation(that)
      if (!parsed.ok) return [{ ...parsed.fault, parameter: 'that' }]
      try {
        planExpectation(parsed.expectation, await catalog.schemaOf(dataset))
        return []
      } catch (caught) {
        if (!(caught instanceof FoveaError) || caught.code !== 'QUERY_INVALID') throw caught
        const start = (caught.details as { span?: { start?: number } } | undefined)?.span?.start ?? 0
        const offset = parsed.expectation.argumentAt + start
        return [{ message: caught.message, hint: caught.hint ?? null, parameter: 'that', offset }]
      }
    },
    async look(context, { that }): Promise<Looked> {
      const parsed = parseExpectation(that)
      if (!parsed.ok) throw new FoveaError('QUERY_INVALID', parsed.fault.message)
      const { expectation } = parsed
      const { bound } = expectation
      const plan = planExpectation(expectation, await catalog.schemaOf(context.dataset))
      const measured = await measurePlan(catalog, context, expectation, plan)
      const { value } = measured
      const broken = value === null || !meetsBound(bound, value)
      const query = broken && measured.objects !== null ? joinQueries([context.scope, measured.objects]) : null
      const listed =
        query === null ? { found: 0, findings: [] } : await listObjects(catalog, context, expectation, measured, query)
      return {
        unit: measured.unit,
        looked: measured.looked,
        found: broken ? (measured.found ?? listed.found) : 0,
        value,
        bound: describeBound(bound),
        broken,
        message: `${nameOf(expectation)} is ${format(value)}; expected ${describeBound(bound)}.`,
        query: query ?? (context.scope === '' ? null : context.scope),
        findings: listed.findings,
        ...(broken ? { hint: adviseOn(expectation, value) } : {}),
      }
    },
  })
}

async function listObjects(
  catalog: Catalog,
  { dataset }: CheckContext,
  { bound, argument }: Expectation,
  { scores, value }: Measured,
  query: string,
): Promise<{ found: number; findings: Finding[] }> {
  const ids = await catalog.idsOf(dataset, { query })
  const scoreOf = (id: number): number => scores?.get(id) ?? 0
  const sign = isAbove(bound, value) ? -1 : 1
  const worst = (scores === null ? ids : ids.toSorted((a, b) => sign * (scoreOf(a) - scoreOf(b)))).slice(
    0,
    mostFindings,
  )
  const rows = await catalog.page(dataset, { selection: { ids: worst }, fields: [], limit: mostFindings, offset: 0 })
  const paths = new Map(rows.map((row) => [row.id, row.path]))
  return {
    found: ids.length,
    findings: worst.map(formatSampleId).map((sample, i) => {
      const score = scores === null ? null : scoreOf(worst[i]!)
      const what = score === null ? `Counts: ${query}.` : `${argument} is ${format(score)}.`
      return { sample, path: paths.get(sample) ?? null, label: null, other: null, score, what }
    }),
  }
}

const format = (value: number | null): string =>
  value === null ? 'missing' : Number.isInteger(value) ? String(value) : String(Number(value.toPrecision(4)))

const titles: Record<Expectation['aggregate'], string> = {
  count: 'The number',
  share: 'The share',
  distinct: 'The number of different values',
  mean: 'The mean',
  median: 'The median',
  quantile: 'The quantile',
  min: 'The smallest',
  max: 'The largest',
  sum: 'The sum',
}

function nameOf({ aggregate, argument, quantile }: Expectation): string {
  const of = argument === '' ? 'all samples' : argument
  return `${titles[aggregate]}${quantile === null ? '' : ` at ${quantile}`} of ${of}`
}

function adviseOn({ bound }: Expectation, value: number | null): string {
  if (value === null) return 'No sample of the scope has a value for it.'
  return isAbove(bound, value)
    ? 'Open the query to mend or leave out what it finds, or move the bound if the data are right.'
    : 'There is less of it than expected: see what imports left out (fovea problems), or move the bound if the data are right.'
}
