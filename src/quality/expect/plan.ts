import { FoveaError } from '#base'
import { compileMeasure, type QuerySchema } from '#query'
import { checkPlainQuery } from '../run/scope.ts'
import type { Expectation } from './parse.ts'

/** What an expectation has to read. */
export type Plan =
  /** Samples that a query matches. */
  | { of: 'samples'; query: string }
  /** Labels: those measured, and all of their layer. */
  | { of: 'labels'; labels: string; all: string }
  /** One number a sample. */
  | { of: 'values'; measure: string }
  /** How many different values there are of a field, or of what a sample has several of. */
  | { of: 'distinct'; measure: string }
  | { of: 'distinct-joined'; name: string }

const layerHead = /^layer\(\s*("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*'|[\w-]+)\s*\)/
const joined = ['class', 'tag', 'layer', 'kind', 'folder']

/** Fits an expectation to the dictionary of a dataset. Throws QUERY_INVALID with `{ span }` within its argument. */
export function planExpectation({ aggregate, argument }: Expectation, schema: QuerySchema): Plan {
  if (aggregate === 'count' || aggregate === 'share') {
    const labels = countsLabels(argument, schema)
    if (labels !== undefined) return labels
    checkPlainQuery(argument, schema)
    return { of: 'samples', query: argument }
  }
  if (aggregate === 'distinct') {
    if (joined.includes(argument)) return { of: 'distinct-joined', name: argument }
    compileMeasure(argument, schema)
    return { of: 'distinct', measure: argument }
  }
  const { type } = compileMeasure(argument, schema)
  if (type === 'number' || type === 'integer') return { of: 'values', measure: argument }
  throw new FoveaError(
    'QUERY_INVALID',
    `Expected a number to take the ${aggregate} of, got ${argument}, which is ${type}.`,
    {
      hint: 'Use distinct(…), or count and share of a query.',
      details: { span: { start: 0, end: argument.length } },
    },
  )
}

/** `labels`, `labels[…]`, `objects`, each under `layer("…").` or not, count labels; every other text is a query for samples. */
function countsLabels(argument: string, schema: QuerySchema): Plan | undefined {
  if (!/^(labels|objects|annotations\.objects|layer\()/.test(argument)) return undefined
  try {
    if (compileMeasure(argument, schema).of !== 'labels') return undefined
  } catch (caught) {
    if (caught instanceof FoveaError && caught.code === 'QUERY_INVALID') return undefined
    throw caught
  }
  const head = layerHead.exec(argument)?.[0]
  return { of: 'labels', labels: argument, all: head === undefined ? 'labels' : `${head}.labels` }
}
