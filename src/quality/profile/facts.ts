import { builtInFields, type Scalar } from '#contract'
import type { Catalog, DatasetRef } from '#catalog'
import { quantileOf } from '../expect/quantile.ts'
import { roundDown, roundUp, type LearnedCheck } from './learn.ts'

/** Values of a field that are few enough to be listed. */
const mostValues = 20
/** Samples that a list of values needs to be more than chance. */
const leastForList = 20

/** What agreement on fields and classes the data keep now: sizes in range, fields that every sample has, the classes. */
export async function learnSchema(catalog: Catalog, dataset: DatasetRef): Promise<LearnedCheck> {
  const { fields, classes } = await catalog.schemaWithCounts(dataset)
  const builtIn = new Set<string>(builtInFields.map((field) => field.name))
  const own = fields.filter((field) => !builtIn.has(field.name) && field.name !== 'split')
  const names = own.map((field) => field.name)
  const { count, fields: stats } = await catalog.stats(dataset, {
    selection: { query: '' },
    by: names,
    bins: 1,
    top: mostValues,
  })
  const rules: Record<string, object> = { path: { required: true } }
  const why: string[] = []
  for (const side of ['width', 'height']) {
    const sides = await numbersOf(catalog, dataset, side)
    const [low, middle, high] = [0, 0.5, 1].map((p) => Math.round(quantileOf(sides, p)))
    rules[side] = { required: true, min: Math.max(1, Math.floor(low! / 2)), max: high! * 2 }
    why.push(`Seen: ${side} from ${low} to ${high} px, the median ${middle}; half and twice that are let in.`)
  }
  own.forEach((field, i) => {
    const facts = stats[i]!
    const complete = facts.count === count
    const listed =
      facts.kind === 'counts' && field.type === 'string' && facts.distinct <= mostValues && count >= leastForList
    rules[field.name] = {
      type: field.type,
      ...(complete ? { required: true } : {}),
      ...(listed && facts.count > 0 ? { one_of: facts.values.map(({ value }) => value) } : {}),
    }
    why.push(
      `Seen: ${field.name} on ${facts.count} of ${count} samples${facts.kind === 'counts' ? `, ${facts.distinct} values` : ''}.`,
    )
  })
  const used = classes.filter((known) => known.samples > 0).map((known) => known.name)
  const all = classes.map((known) => known.name)
  if (all.length > 0) why.push(`Seen: ${used.length} classes in use.`)
  return { name: 'schema', parameters: { fields: rules, ...(all.length > 0 ? { classes: all } : {}) }, why }
}

/** At least nine tenths of the samples there are now. */
export async function learnVolume(catalog: Catalog, dataset: DatasetRef): Promise<LearnedCheck> {
  const samples = await catalog.count(dataset, { query: '' })
  return {
    name: 'volume',
    parameters: { min_samples: Math.max(1, Math.floor(samples * 0.9)) },
    why: [`Seen: ${samples} samples; a tenth may go before it is told.`],
  }
}

/** Typical brightness, contrast and sharpness: the mean within one standard deviation (or a tenth) of where it is. */
export async function learnExpectations(catalog: Catalog, dataset: DatasetRef): Promise<LearnedCheck[]> {
  const checks: LearnedCheck[] = []
  for (const field of ['brightness', 'contrast', 'sharpness']) {
    const values = await numbersOf(catalog, dataset, field)
    if (values.length < leastForList) continue
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length
    const deviation = Math.sqrt(values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / (values.length - 1))
    const room = Math.max(deviation, mean / 10)
    const low = roundDown(Math.max(0, mean - room))
    checks.push({
      name: 'expect',
      parameters: { that: `mean(${field}) between ${low} and ${roundUp(mean + room)}` },
      severity: 'warn',
      why: [`Seen: mean ${shorten(mean)}, standard deviation ${shorten(deviation)} over ${values.length} samples.`],
    })
  }
  const { classes } = await catalog.schemaWithCounts(dataset)
  const used = classes.filter((known) => known.samples > 0).length
  if (used > 1)
    checks.push({
      name: 'expect',
      parameters: { that: `distinct(class) >= ${used}` },
      why: [`Seen: labels of ${used} classes; none may get lost.`],
    })
  return checks
}

async function numbersOf(catalog: Catalog, dataset: DatasetRef, field: string): Promise<number[]> {
  const { values } = await catalog.measure(dataset, field)
  return values.filter((value: Scalar): value is number => typeof value === 'number' && Number.isFinite(value))
}

const shorten = (value: number): string => String(Number(value.toPrecision(3)))
