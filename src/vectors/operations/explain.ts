import { explainQuery, type FieldType, type Scalar } from '#contract'
import { implement, parseSampleId, type Operation } from '#base'
import type { DatasetRef } from '#catalog'
import { quote } from '#query'
import type { VectorDeps } from '../deps.ts'
import type { ExplainColumn } from '../describe/conditions.ts'
import { explainSelection } from '../describe/explain.ts'

/** Fields that tell one sample from every other and so explain nothing. */
const tellingApart: ReadonlySet<string> = new Set([
  'id',
  'path',
  'source',
  'md5',
  'sha256',
  'phash',
  'note',
  'created_at',
  'updated_at',
  'duplicate_group',
])
/** Texts with more values than this are names, not categories. */
const mostCategories = 100

/** Handler of `query.explain`. */
export function createExplainOperation(deps: VectorDeps): Operation {
  const { catalog } = deps
  return implement(explainQuery, async ({ dataset: name, query, samples, limit }, context) => {
    const dataset = await catalog.resolveDataset(name)
    const selected = samples === undefined ? await catalog.idsOf(dataset, { query }) : samples.map(parseSampleId)
    const { ids, columns } = await readColumns(deps, dataset, query)
    const chosen = new Set(selected)
    const inside = Uint8Array.from(ids, (id) => (chosen.has(id) ? 1 : 0))
    const found = await explainSelection({ columns, inside, limit }, context)
    return {
      selected: inside.reduce((sum, one) => sum + one, 0),
      of: ids.length,
      explanations: found.map(({ query: text, precision, recall, count }) => ({
        query: text,
        precision,
        recall,
        count,
      })),
    }
  })
}

/** Everything of the samples that a query can ask for. Fields that the selecting query names itself are left out: they say nothing new. */
async function readColumns(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  query: string,
): Promise<{ ids: number[]; columns: ExplainColumn[] }> {
  const { fields } = await catalog.schemaOf(dataset)
  const words = new Set(query.toLowerCase().match(/[\p{L}\p{N}_.]+/gu) ?? [])
  const asked = fields.filter(({ name }) => !tellingApart.has(name) && !words.has(name.toLowerCase()))
  const read = await catalog.columnsOf(
    dataset,
    asked.map(({ name }) => name),
  )
  const columns = asked.flatMap(({ name, type }, i) => toColumn(name, type, read.columns[i]!))
  const rowOf = new Map(read.ids.map((id, row) => [id, row]))
  const flagsOf = (
    members: { samples: number[]; names: string[] },
    text: (name: string) => string,
  ): Extract<ExplainColumn, { kind: 'flags' }>['members'] => {
    const rows = new Map<string, number[]>()
    members.samples.forEach((id, i) => {
      const row = rowOf.get(id)
      if (row === undefined) return
      const own = rows.get(members.names[i]!)
      if (own === undefined) rows.set(members.names[i]!, [row])
      else own.push(row)
    })
    return [...rows].map(([name, own]) => ({ text: text(name), rows: Int32Array.from(own) }))
  }
  if (!words.has('tag'))
    columns.push({
      kind: 'flags',
      name: 'tag',
      members: flagsOf(await catalog.membersOf(dataset, 'tags'), (tag) => `tag:${quote(tag, '"')}`),
    })
  if (!words.has('class')) {
    const classes = await catalog.membersOf(dataset, { classesOf: 'truth' })
    columns.push({ kind: 'flags', name: 'class', members: flagsOf(classes, (name) => `class = ${quote(name, '"')}`) })
  }
  return { ids: read.ids, columns }
}

/** A field as the search reads it; none for what has too many values to be a category. */
function toColumn(name: string, type: FieldType, values: readonly Scalar[]): ExplainColumn[] {
  if (type === 'number' || type === 'integer')
    return [
      {
        kind: 'number',
        name,
        values: Float64Array.from(values, (value) => (value === null ? Number.NaN : Number(value))),
      },
    ]
  // Times are asked for by their own literals, which the search does not write.
  if (type === 'datetime') return []
  if (type === 'boolean') {
    const rows = values.flatMap((value, row) => (value === true ? [row] : []))
    return [{ kind: 'flags', name, members: [{ text: quoteField(name), rows: Int32Array.from(rows) }] }]
  }
  const names = [...new Set(values.filter((value) => value !== null).map(String))]
  if (names.length > mostCategories) return []
  const numberOf = new Map(names.map((text, i) => [text, i]))
  return [
    {
      kind: 'category',
      name,
      names,
      values: Int32Array.from(values, (value) => (value === null ? -1 : numberOf.get(String(value))!)),
    },
  ]
}

/** A field's name as a condition of its own. */
const quoteField = (name: string): string => `${quote(name, '`')} = true`
