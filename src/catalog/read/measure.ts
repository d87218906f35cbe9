import type { Scalar } from '#contract'
import { compileMeasure, type CompiledMeasure, type QuerySchema } from '#query'
import type { Reading } from '../database.ts'

/** One value a sample, of all samples in id order. */
export interface MeasuredValues {
  of: CompiledMeasure['of']
  type: CompiledMeasure['type']
  ids: number[]
  values: Scalar[]
}

/** What a measure of the query language (`objects`, `labels[area > 0.1]`, a field) is on every sample. Throws QUERY_INVALID. */
export async function readMeasure(db: Reading, schema: QuerySchema, text: string): Promise<MeasuredValues> {
  const { of, type, select } = compileMeasure(text, schema)
  const [ids, values] = await db.columns(select.text, select.values)
  return { of, type, ids: ids as number[], values: values as Scalar[] }
}
