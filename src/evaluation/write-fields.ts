import type { FieldType, Scalar } from '#contract'
import { FoveaError } from '#base'
import type { DatasetRef, EvaluationPort } from '#catalog'

/** Writes one value a sample into fields, as one change. Answers its id; null when nothing is different. Throws FIELD_TYPE. */
export async function writeFields(
  catalog: EvaluationPort,
  meta: { dataset: DatasetRef; actor: string; operation: string; summary: string },
  types: Record<string, FieldType>,
  rows: readonly { id: number; values: Record<string, Scalar> }[],
): Promise<string | null> {
  const { dataset, actor, operation, summary } = meta
  for (const { name, type } of (await catalog.schemaOf(dataset)).fields)
    if (types[name] !== undefined && types[name] !== type)
      throw new FoveaError('FIELD_TYPE', `The field ${name} is there already and holds ${type}, not ${types[name]}.`, {
        hint: `Remove it first, if nobody needs it: fovea field remove ${name}`,
      })
  const change = catalog.openChange({ dataset, actor, operation })
  await change.step((step) => step.setValues(types, rows))
  await change.close(summary)
  return change.id
}
