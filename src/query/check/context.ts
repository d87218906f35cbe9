import { FoveaError } from '#base'
import { describeFault, queryLimits, refuse, toError, type FaultParts, type QueryFault, type Span } from '../problem.ts'
import type { QueryField, QuerySchema } from '../schema.ts'
import type { TypedQuery } from './typed.ts'

/** What checking carries along: the dataset's names, the faults found, and how much of the limits is used. */
export interface Context {
  schema: QuerySchema
  fields: ReadonlyMap<string, QueryField>
  classes: ReadonlyMap<string, number>
  tags: ReadonlyMap<string, number>
  layers: ReadonlyMap<string, number>
  /** Null when the default layer holds nothing yet. */
  defaultLayerId: number | null
  faults: QueryFault[]
  /** Slices being expanded, outermost first. */
  slicePath: readonly string[]
  /** Parses and checks the text of a slice; faults go into the context given. */
  expand: (context: Context, text: string) => TypedQuery
  used: { terms: number; values: number; lookups: number }
  /** How deep the term at hand stands, counted through slices. */
  level: number
}

export function createContext(schema: QuerySchema, expand: Context['expand']): Context {
  const layers = new Map(schema.layers.map(({ name, id }) => [name, id]))
  return {
    schema,
    fields: new Map(schema.fields.map((field) => [field.name, field])),
    classes: new Map(schema.classes.map(({ name, id }) => [name, id])),
    tags: new Map(schema.tags.map(({ name, id }) => [name, id])),
    layers,
    defaultLayerId: layers.get(schema.defaultLayer) ?? null,
    faults: [],
    slicePath: [],
    expand,
    used: { terms: 0, values: 0, lookups: 0 },
    level: 0,
  }
}

/** Enough to mend a query by; a limit passed once would be passed by every later term. */
const mostFaults = 50

/** Throws QUERY_INVALID in the one wording for faults. */
export function fail(parts: FaultParts): never {
  throw toError(describeFault(parts))
}

const whatIsCounted = {
  terms: 'terms, those of its slices included',
  values: 'values in lists, those of its slices included',
  lookups: 'terms about labels and tags, those of its slices included',
}
const most = { terms: queryLimits.terms, values: queryLimits.listValues, lookups: queryLimits.lookups }

/** Counts towards a limit of the whole query. Throws QUERY_INVALID beyond it. */
export function use(context: Context, what: keyof typeof most, span: Span, amount = 1): void {
  context.used[what] += amount
  if (context.used[what] <= most[what]) return
  const message = `A query has at most ${most[what]} ${whatIsCounted[what]}; this one passes that at character ${span.start + 1}.`
  throw toError(refuse(span, message, 'Use in (…) for alternatives, or tag the samples in steps and ask for the tag.'))
}

/** Runs `work`; a fault in it is noted and `instead` stands in. */
export function collect<T>(context: Context, work: () => T, instead: T): T {
  try {
    return work()
  } catch (caught) {
    if (!(caught instanceof FoveaError) || caught.code !== 'QUERY_INVALID') throw caught
    const { span, expected, candidates } = caught.details as Pick<QueryFault, 'span' | 'expected' | 'candidates'>
    if (context.faults.length >= mostFaults) return instead
    context.faults.push({ message: caught.message, hint: caught.hint ?? null, span, expected, candidates })
    return instead
  }
}
