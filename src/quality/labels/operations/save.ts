import type { FieldType, Scalar } from '#contract'
import { FoveaError, formatSampleId } from '#base'
import type { Catalog, DatasetRef } from '#catalog'

/** Rows that are written in one step. */
const batchRows = 20_000

export interface Verdicts {
  ids: readonly number[]
  /** One value of each sample, by field. */
  fields: Record<string, { type: FieldType; values: ArrayLike<Scalar> }>
  /** The tag of what was found: samples in `tagged` get it, the others of `ids` lose it. */
  tag: string
  tagged: readonly number[]
}

/**
 * Writes fields and a tag as one change that can be undone. Answers its id; null when nothing is different. Throws FIELD_TYPE when a
 * field is there already and holds something else.
 */
export async function saveVerdicts(
  catalog: Catalog,
  meta: { dataset: DatasetRef; actor: string; operation: string; summary: string },
  { ids, fields, tag, tagged }: Verdicts,
): Promise<string | null> {
  const types = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]))
  const known = new Map((await catalog.schemaOf(meta.dataset)).fields.map((field) => [field.name, field.type]))
  for (const [name, type] of Object.entries(types)) {
    const there = known.get(name)
    if (there !== undefined && there !== type)
      throw new FoveaError('FIELD_TYPE', `The field ${name} is there already and holds ${there}, not ${type}.`, {
        hint: `Remove it first, if nobody needs it: fovea field remove ${name}`,
      })
  }
  const change = catalog.openChange(meta)
  for (let from = 0; from < ids.length; from += batchRows) {
    const rows = ids.slice(from, from + batchRows).map((id, i) => ({
      id,
      values: Object.fromEntries(Object.entries(fields).map(([name, { values }]) => [name, values[from + i] ?? null])),
    }))
    await change.step((step) => step.setValues(types, rows))
  }
  const marked = new Set(tagged)
  await change.step(async (step) => {
    await step.removeTags({ ids: ids.filter((id) => !marked.has(id)) }, [tag])
    if (tagged.length > 0) await step.addTags({ ids: tagged }, [tag])
  })
  await change.close(meta.summary)
  return change.id
}

/** Id and path of samples, by id. */
export async function nameSamples(
  catalog: Catalog,
  dataset: DatasetRef,
  ids: readonly number[],
): Promise<Map<number, { sample: string; path: string }>> {
  const rows = ids.length === 0 ? [] : await catalog.mediaOf(dataset, ids)
  return new Map(rows.map(({ id, path }) => [id, { sample: formatSampleId(id), path }]))
}

/** Six digits are more than a score means, and less to store. */
export const roundScore = (score: number): number => Math.round(score * 1e6) / 1e6
