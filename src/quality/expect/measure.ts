import type { Scalar } from '#contract'
import type { Catalog } from '#catalog'
import type { CheckContext } from '../types.ts'
import { meetsBound, type Bound, type Expectation } from './parse.ts'
import type { Plan } from './plan.ts'
import { quantileOf } from './quantile.ts'

export interface Measured {
  unit: 'samples' | 'labels' | 'values'
  looked: number
  /** Null when there was nothing to measure. */
  value: number | null
  /** Query of the samples that break the bound, where that can be said of single samples. */
  objects: string | null
  /** How many things those are; null to count the samples. */
  found: number | null
  /** What was measured on samples, to put the worst first. */
  scores: ReadonlyMap<number, number> | null
}

/** Reads what the plan asks for, within the scope. */
export async function measurePlan(
  catalog: Catalog,
  context: CheckContext,
  expectation: Expectation,
  plan: Plan,
): Promise<Measured> {
  const { dataset, scope } = context
  const { aggregate, bound } = expectation
  switch (plan.of) {
    case 'samples': {
      const samples = await catalog.count(dataset, { query: scope })
      const matched = await catalog.count(dataset, { query: scopedTo(scope, plan.query) })
      const value = aggregate === 'count' ? matched : samples === 0 ? null : matched / samples
      const without = plan.query === '' ? null : `not (${plan.query})`
      const objects = isAbove(bound, value)
        ? plan.query === ''
          ? null
          : plan.query
        : aggregate === 'share'
          ? without
          : null
      return { unit: 'samples', looked: samples, value, objects, found: null, scores: null }
    }
    case 'labels': {
      const within = await readScope(catalog, context)
      const [some, all] = await Promise.all(
        [plan.labels, plan.all].map((text) => readNumbers(catalog, context, text, within)),
      )
      const [matched, total] = [sum(some!), sum(all!)]
      const value = aggregate === 'count' ? matched : total === 0 ? null : matched / total
      // A bound that nothing cannot meet is asked of the samples: no labels at all break it.
      const unit = aggregate === 'count' && !meetsBound(bound, 0) ? 'samples' : 'labels'
      const above = isAbove(bound, value)
      return {
        unit,
        looked: unit === 'labels' ? total : some!.size,
        value,
        objects: above ? `${plan.labels} > 0` : null,
        found: above ? matched : null,
        scores: some!,
      }
    }
    case 'values': {
      const numbers = await readNumbers(catalog, context, plan.measure, await readScope(catalog, context))
      const value = aggregateOf(expectation, [...numbers.values()])
      const limit = bound.kind === 'between' ? (isAbove(bound, value) ? bound.high : bound.low) : bound.value
      const strict = bound.kind === 'compare' && (bound.comparator === '<' || bound.comparator === '>') ? '=' : ''
      const objects =
        aggregate === 'sum' || (bound.kind === 'compare' && bound.comparator === '!=')
          ? null
          : `${plan.measure} ${isAbove(bound, value) ? '>' : '<'}${strict} ${limit}`
      return { unit: 'samples', looked: numbers.size, value, objects, found: null, scores: numbers }
    }
    case 'distinct': {
      const { ids, values } = await catalog.measure(dataset, plan.measure)
      const within = await readScope(catalog, context)
      const present = values.filter((value, i) => value !== null && (within === null || within.has(ids[i]!)))
      return plainCount(present.length, new Set<Scalar>(present).size)
    }
    case 'distinct-joined': {
      const { fields } = await catalog.stats(dataset, { selection: { query: scope }, by: [plan.name], bins: 1, top: 1 })
      const [field] = fields
      return plainCount(field!.count, field!.kind === 'counts' ? field!.distinct : 0)
    }
  }
}

const plainCount = (looked: number, value: number): Measured => ({
  unit: 'samples',
  looked,
  value,
  objects: null,
  found: null,
  scores: null,
})

const scopedTo = (scope: string, query: string): string =>
  scope === '' ? query : query === '' ? scope : `(${scope}) and (${query})`

/** Ids in the scope; null for all. */
async function readScope(catalog: Catalog, { dataset, scope }: CheckContext): Promise<ReadonlySet<number> | null> {
  return scope === '' ? null : new Set(await catalog.idsOf(dataset, { query: scope }))
}

async function readNumbers(
  catalog: Catalog,
  { dataset }: CheckContext,
  text: string,
  within: ReadonlySet<number> | null,
): Promise<Map<number, number>> {
  const { ids, values } = await catalog.measure(dataset, text)
  const numbers = new Map<number, number>()
  values.forEach((value, i) => {
    if (typeof value === 'number' && Number.isFinite(value) && (within === null || within.has(ids[i]!)))
      numbers.set(ids[i]!, value)
  })
  return numbers
}

const sum = (numbers: ReadonlyMap<number, number>): number => {
  let total = 0
  for (const value of numbers.values()) total += value
  return total
}

function aggregateOf({ aggregate, quantile }: Expectation, values: number[]): number | null {
  if (values.length === 0) return aggregate === 'sum' ? 0 : null
  const total = (): number => values.reduce((a, b) => a + b, 0)
  switch (aggregate) {
    case 'mean':
      return total() / values.length
    case 'sum':
      return total()
    case 'min':
      return values.reduce((a, b) => Math.min(a, b))
    case 'max':
      return values.reduce((a, b) => Math.max(a, b))
    case 'median':
    case 'quantile':
      return quantileOf(values, quantile ?? 0.5)
    case 'count':
    case 'share':
    case 'distinct':
      return values.length
  }
}

/** Whether the value breaks the bound by being too large. */
export function isAbove(bound: Bound, value: number | null): boolean {
  if (value === null) return false
  if (bound.kind === 'between') return value > bound.high
  return (
    bound.comparator.startsWith('<') ||
    ((bound.comparator === '=' || bound.comparator === '!=') && value >= bound.value)
  )
}
