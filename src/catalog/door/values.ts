import { builtInFields, type FieldType, type Scalar } from '#contract'
import { FoveaError } from '#base'
import type { Writing } from '../database.ts'
import type { DatasetState } from '../state.ts'
import { quote, schemaName, sqlTypeOf } from '../tables.ts'

/** The type of a field of the dataset, built in or added; null when there is none. */
export function typeOfField(state: DatasetState, field: string): FieldType | null {
  return (
    builtInFields.find((known) => known.name === field)?.type ??
    state.fields.find((known) => known.name === field)?.type ??
    null
  )
}

export function isWritable(field: string): boolean {
  const known = builtInFields.find((candidate) => candidate.name === field)
  return known === undefined || ('writable' in known && known.writable)
}

/** A value as the text that DuckDB casts to the field's type. Throws FIELD_TYPE. */
export function toStored(field: string, type: FieldType, value: Scalar): string | null {
  if (value === null) return null
  if (field === 'phash') return BigInt(`0x${value}`).toString()
  const refuse = (): never => {
    throw new FoveaError(
      'FIELD_TYPE',
      `The field ${field} holds values of type ${type}, got ${JSON.stringify(value)}.`,
      {
        hint:
          type === 'datetime'
            ? 'Give an ISO 8601 time such as 2024-05-01T12:00:00Z.'
            : 'Give a value of that type, or use another field.',
      },
    )
  }
  switch (type) {
    case 'number':
    case 'integer': {
      const number = typeof value === 'string' && value.trim() !== '' ? Number(value) : value
      if (typeof number !== 'number' || !Number.isFinite(number)) return refuse()
      if (type === 'integer' && !Number.isSafeInteger(number)) return refuse()
      return String(number)
    }
    case 'boolean':
      if (value === true || value === 'true') return 'true'
      return value === false || value === 'false' ? 'false' : refuse()
    case 'datetime': {
      const time =
        typeof value === 'string'
          ? Date.parse(/\d$/.test(value) && value.includes('T') ? `${value}Z` : value)
          : Number.NaN
      return Number.isNaN(time) ? refuse() : new Date(time).toISOString()
    }
    case 'string':
      return String(value)
  }
}

/**
 * Writes the values waiting in the temporary table `incoming (sample_id, field, value)` for one field, journalling what
 * was there. Answers how many samples differ now.
 */
export async function applyIncoming(
  tx: Writing,
  change: number,
  datasetId: number,
  field: string,
  type: FieldType,
): Promise<number> {
  const d = schemaName(datasetId)
  const column = quote(field)
  const cast = (text: string): string => `CAST(${text} AS ${sqlTypeOf(field, type)})`
  const changed = await tx.run(
    `INSERT INTO ${d}.value_journal
     SELECT $1, s.id, $2, CAST(s.${column} AS VARCHAR), CAST(${cast('i.value')} AS VARCHAR)
     FROM temp.incoming i JOIN ${d}.samples s ON s.id = i.sample_id AND s.live
     WHERE i.field = $2 AND s.${column} IS DISTINCT FROM ${cast('i.value')}`,
    [change, field],
  )
  if (changed === 0) return 0
  await tx.run(
    `UPDATE ${d}.samples AS s SET ${column} = ${cast('i.value')} FROM temp.incoming i
     WHERE i.sample_id = s.id AND i.field = $1 AND s.live`,
    [field],
  )
  return changed
}

export async function clearIncoming(tx: Writing): Promise<void> {
  await tx.run('CREATE OR REPLACE TEMP TABLE incoming (sample_id BIGINT, field VARCHAR, value VARCHAR)')
}
