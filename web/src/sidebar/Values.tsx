import { useMemo } from 'react'
import { quoteText } from '../shell/view.ts'
import { nameField, plainOf, readValues, toggleValue, wants } from './conditions.ts'
import { editQuery, rowOf } from './edit.ts'
import { Row } from './Row.tsx'
import { Rows } from './Rows.tsx'
import type { Numbers, ValueCounts } from './stats-batch.ts'

interface ValuesProps {
  field: string
  query: string
  whole: ValueCounts
  now: Numbers | undefined
}

type Value = ValueCounts['values'][number]['value']

/** Values of a field with their counts, the whole dataset's faintly behind. Several of one field are wanted together. */
export function Values({ field, query, whole, now }: ValuesProps) {
  const items = useMemo(() => listValues(whole, now), [whole, now])
  const wanted = readValues(query, field).map(plainOf)
  const highest = Math.max(1, ...items.map(({ total, count }) => total ?? count ?? 0))
  const more = whole.distinct - whole.values.length
  if (whole.count === 0) return <p className="sidebar-empty">No sample has a value.</p>
  return (
    <>
      <Rows
        items={items}
        render={({ value, count, total }) => {
          const written = writeScalar(value)
          const row = rowOf(query, wants(field, [written]))
          return (
            <Row
              key={written}
              label={value === '' ? '(empty)' : String(value)}
              count={count}
              total={total}
              bar={{ whole: (total ?? 0) / highest, part: (count ?? 0) / highest }}
              {...row}
              state={wanted.includes(plainOf(written)) ? 'in' : row.state}
              onInclude={() => editQuery((text) => toggleValue(text, field, written))}
            />
          )
        }}
      />
      {more > 0 && (
        <p className="sidebar-empty">
          and {more.toLocaleString('en')} more values; find one with <code>{nameField(field)} ~ "…"</code>
        </p>
      )}
    </>
  )
}

/** The most frequent values of the dataset in its order, then those the query brings up. */
function listValues(
  whole: ValueCounts,
  now: Numbers | undefined,
): { value: Value; count: number | undefined; total: number | undefined }[] {
  const stats = now?.stats.kind === 'counts' ? now.stats : undefined
  const found = new Map(stats?.values.map(({ value, count }) => [value, count]))
  // Of a value that is not among the listed ones the count is not known, unless all of them are listed.
  const isWhole = stats !== undefined && stats.values.length >= stats.distinct
  const known = whole.values.map(({ value, count: total }) => ({
    value,
    count: found.get(value) ?? (isWhole ? 0 : undefined),
    total,
  }))
  const listed = new Set(whole.values.map(({ value }) => value))
  const added = (stats?.values ?? [])
    .filter(({ value }) => !listed.has(value))
    .map((one) => ({ ...one, total: undefined }))
  const isOrdered = whole.type === 'integer' || whole.type === 'number'
  return isOrdered ? known.toSorted((a, b) => Number(a.value) - Number(b.value)) : [...known, ...added]
}

const writeScalar = (value: Value): string => (typeof value === 'string' ? quoteText(value) : String(value))
