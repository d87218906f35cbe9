import { builtInFields } from '#contract'
import type { QueryField, QuerySchema } from '#query'
import type { Reading } from '../database.ts'
import type { DatasetState } from '../state.ts'

/** Text that no one searches for by words. */
const notFullText: ReadonlySet<string> = new Set(['source', 'md5', 'sha256', 'phash', 'format', 'mode'])

/** The dictionary a query is compiled against. Counts are zero: they are only needed for completion. */
export function toQuerySchema(tables: QuerySchema['tables'], state: DatasetState): QuerySchema {
  const builtIn: QueryField[] = builtInFields.map((field) => ({
    name: field.name,
    type: field.type,
    unit: 'unit' in field ? field.unit : null,
    fullText: field.type === 'string' && !notFullText.has(field.name),
  }))
  return {
    tables,
    fields: [
      ...builtIn,
      ...state.fields.map(({ name, type, unit }) => ({ name, type, unit, fullText: type === 'string' })),
    ],
    classes: state.classes.map(({ id, name }) => ({ id, name, samples: 0 })),
    layers: state.layers,
    tags: state.tags.map(({ id, name }) => ({ id, name, samples: 0 })),
    slices: state.slices.map(({ name, query }) => ({ name, query })),
    attributes: state.attributes,
    defaultLayer: 'truth',
  }
}

/** The same with counts of samples, for completion. */
export async function withCounts(db: Reading, schema: QuerySchema): Promise<QuerySchema> {
  const classes = await db.rows<{ id: number; n: number }>(
    `SELECT class_id AS id, count(DISTINCT sample_id) AS n FROM ${schema.tables.labels} GROUP BY class_id`,
  )
  const tags = await db.rows<{ id: number; n: number }>(
    `SELECT tag_id AS id, count(*) AS n FROM ${schema.tables.tags} GROUP BY tag_id`,
  )
  const countOf = (rows: readonly { id: number; n: number }[]): ((id: number) => number) => {
    const counts = new Map(rows.map((row) => [row.id, row.n]))
    return (id) => counts.get(id) ?? 0
  }
  const ofClass = countOf(classes)
  const ofTag = countOf(tags)
  return {
    ...schema,
    classes: schema.classes.map((known) => ({ ...known, samples: ofClass(known.id) })),
    tags: schema.tags.map((known) => ({ ...known, samples: ofTag(known.id) })).filter((tag) => tag.samples > 0),
  }
}
