import { builtInFields, type FieldType, type Scalar } from '#contract'
import { FoveaError } from '#base'
import type { Change, ChangeMeta, DatasetRef } from '../types.ts'
import type { QuerySchema } from '#query'

/** Rows that are written in one step. */
const batchRows = 50_000

/**
 * Writes fields of samples, and what `more` adds to them, as one change that can be undone. Answers its id; null when nothing is
 * different. Throws FIELD_TYPE, FIELD_READ_ONLY.
 */
export async function writeFields(
  catalog: { schemaOf(dataset: DatasetRef): Promise<QuerySchema>; openChange(meta: ChangeMeta): Change },
  meta: { dataset: DatasetRef; actor: string; operation: string; summary: string },
  fields: Record<string, { type: FieldType; values: ArrayLike<Scalar> }>,
  ids: ArrayLike<number>,
  more?: (change: Change) => Promise<void>,
): Promise<string | null> {
  const { dataset, actor, operation, summary } = meta
  const types = Object.fromEntries(Object.entries(fields).map(([name, { type }]) => [name, type]))
  await refuseFields(catalog, dataset, types)
  const change = catalog.openChange({ dataset, actor, operation })
  const names = Object.keys(fields)
  try {
    for (let from = 0; from < ids.length; from += batchRows) {
      const to = Math.min(ids.length, from + batchRows)
      const rows = Array.from({ length: to - from }, (_, i) => ({
        id: ids[from + i]!,
        values: Object.fromEntries(names.map((name) => [name, fields[name]!.values[from + i] ?? null])),
      }))
      await change.step((step) => step.setValues(types, rows))
    }
    await more?.(change)
  } finally {
    await change.close(summary)
  }
  return change.id
}

/** Throws FIELD_READ_ONLY, FIELD_TYPE for fields that cannot be written with these types. */
export async function refuseFields(
  catalog: { schemaOf(dataset: DatasetRef): Promise<QuerySchema> },
  dataset: DatasetRef,
  types: Readonly<Record<string, FieldType>>,
): Promise<void> {
  const known = new Map((await catalog.schemaOf(dataset)).fields.map((field) => [field.name, field.type]))
  for (const [name, type] of Object.entries(types)) refuseField(name, type, known.get(name))
}

function refuseField(name: string, type: FieldType, known: FieldType | undefined): void {
  const builtIn = builtInFields.find((field) => field.name === name)
  if (builtIn !== undefined && !('writable' in builtIn))
    throw new FoveaError('FIELD_READ_ONLY', `The field ${name} is measured by fovea and cannot be written over.`, {
      hint: 'Choose another name with --field.',
    })
  if (known !== undefined && known !== type)
    throw new FoveaError('FIELD_TYPE', `The field ${name} is there already and holds ${known}, not ${type}.`, {
      hint: `Remove it first, if nobody needs it: fovea field remove ${name}`,
    })
}
