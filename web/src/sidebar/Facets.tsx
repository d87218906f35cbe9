import { useMemo } from 'react'
import type { Output } from '../api/client.ts'
import { useClassColours } from '../labels/colours.ts'
import { sliceCondition } from '../query/slice-condition.ts'
import { useCall } from '../shell/data.ts'
import { quoteText } from '../shell/view.ts'
import { plainOf, readValues, toggleValue } from './conditions.ts'
import { editQuery, rowOf } from './edit.ts'
import { Row } from './Row.tsx'
import { Rows } from './Rows.tsx'
import { useFacet } from './stats-batch.ts'

interface FacetProps {
  dataset: string
  query: string
  about: Output<'dataset.show'> | undefined
}

interface CountedProps extends FacetProps {
  /** Counts are asked for while in sight. */
  isSeen: boolean
}

interface Item {
  /** Null for samples without any. */
  name: string | null
  count: number | undefined
  total: number | undefined
}

/** Names of a facet with their counts, most frequent in the dataset first; samples without any last. */
function useItems(
  { dataset, query, isSeen }: CountedProps,
  facet: 'class' | 'tag' | 'split',
  names: readonly string[],
): Item[] {
  const whole = useFacet(dataset, '', facet, isSeen)
  const now = useFacet(dataset, query, facet, isSeen)
  return useMemo(() => {
    const all = [...new Set([...names, ...(whole?.counts.keys() ?? [])])]
    const items: Item[] = all
      .map((name) => ({
        name,
        count: now && (now.counts.get(name) ?? 0),
        total: whole && (whole.counts.get(name) ?? 0),
      }))
      .toSorted((a, b) => (b.total ?? 0) - (a.total ?? 0))
    const missing = { name: null, count: now?.missing, total: whole?.missing }
    return (whole?.missing ?? 0) > 0 ? [...items, missing] : items
  }, [names, whole, now])
}

const noNames: readonly string[] = []

export function Classes(props: CountedProps) {
  const names = useMemo(() => props.about?.classes.map(({ name }) => name) ?? noNames, [props.about])
  const items = useItems(props, 'class', names)
  const colourOf = useClassColours(props.dataset)
  if (names.length === 0) return <None isLoading={props.about === undefined}>No classes: nothing is labelled yet.</None>
  return (
    <Rows
      items={items}
      render={({ name, count, total }) => (
        <Row
          key={name ?? 'none'}
          label={name ?? 'no label'}
          colour={name === null ? undefined : colourOf(name)}
          count={count}
          total={total}
          {...rowOf(props.query, name === null ? 'class is missing' : `class = ${quoteText(name)}`)}
        />
      )}
    />
  )
}

export function Tags(props: CountedProps) {
  const names = useMemo(() => props.about?.tags.map(({ name }) => name) ?? noNames, [props.about])
  const items = useItems(props, 'tag', names)
  if (names.length === 0)
    return <None isLoading={props.about === undefined}>No tags yet. Select samples to tag them.</None>
  return (
    <Rows
      items={items}
      render={({ name, count, total }) => (
        <Row
          key={name ?? 'none'}
          label={name ?? 'untagged'}
          count={count}
          total={total}
          {...rowOf(props.query, name === null ? 'tag is missing' : `tag = ${quoteText(name)}`)}
        />
      )}
    />
  )
}

export function Splits(props: CountedProps) {
  const names = useMemo(() => props.about?.splits.flatMap(({ name }) => name ?? []) ?? noNames, [props.about])
  const items = useItems(props, 'split', names)
  const { query } = props
  const wanted = readValues(query, 'split').map(plainOf)
  if (names.length === 0)
    return <None isLoading={props.about === undefined}>No splits yet. Make them with: fovea split</None>
  return (
    <Rows
      items={items}
      render={({ name, count, total }) => {
        if (name === null) {
          const row = rowOf(query, 'split is missing')
          return <Row key="none" label="no split" count={count} total={total} {...row} />
        }
        const row = rowOf(query, `split = ${quoteText(name)}`)
        return (
          <Row
            key={name}
            label={name}
            count={count}
            total={total}
            {...row}
            state={wanted.includes(name) ? 'in' : row.state}
            onInclude={() => editQuery((now) => toggleValue(now, 'split', quoteText(name)))}
          />
        )
      }}
    />
  )
}

export function Slices({ dataset, query }: FacetProps) {
  const { data, error } = useCall('slice.list', { dataset })
  if (error !== null && data === undefined) return <p className="sidebar-empty problem">{error.message}</p>
  if (data === undefined || data.slices.length === 0)
    return <None isLoading={data === undefined}>No slices yet. Save a query in the menu beside it.</None>
  return (
    <Rows
      items={data.slices}
      render={({ name, query: saved, count }) => (
        <Row
          key={name}
          label={name}
          title={count === null ? `${saved}: this query no longer fits the dataset` : saved}
          count={count ?? undefined}
          total={undefined}
          {...rowOf(query, sliceCondition(name))}
        />
      )}
    />
  )
}

function None({ isLoading, children }: { isLoading: boolean; children: string }) {
  return <p className="sidebar-empty">{isLoading ? 'Loading…' : children}</p>
}
