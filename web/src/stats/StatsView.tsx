import { useQuery } from '@tanstack/react-query'
import { useMemo, useState } from 'react'
import { fetchField, type ApiError, type FieldColumn, type Frame } from '../api/client.ts'
import { useClassColours } from '../labels/colours.ts'
import { useCall, useFrame } from '../shell/data.ts'
import { addCondition, getView, quoteName, quoteText, setView, useView } from '../shell/view.ts'
import { Plot } from './Plot.tsx'
import './stats.css'
import { binRange, crossNames, crossNumbers } from './tables.ts'

/** Plots over the samples of the query; every bar and cell is a click into it. */
export function StatsView() {
  const { dataset, query } = useView()
  const frame = useFrame(dataset, query)
  const fields = useCall('field.list', dataset === null ? {} : { dataset })
  const numbers = (fields.data?.fields ?? [])
    .filter(({ type }) => type === 'number' || type === 'integer')
    .map(({ name }) => name)
  const names = (fields.data?.fields ?? [])
    .filter(({ name, type }) => (type === 'string' || type === 'boolean') && !hidden.has(name))
    .map(({ name }) => name)
  if (frame.error !== null)
    return (
      <div className="empty" role="alert">
        <h1>There is nothing to draw</h1>
        <p className="problem">{frame.error.message}</p>
        <p>{frame.error.hint}</p>
      </div>
    )
  if (frame.data === undefined) return <div className="loading">Counting…</div>
  if (frame.data.ids.length === 0)
    return (
      <div className="empty">
        <h1>No sample matches</h1>
        <button type="button" onClick={() => setView({ query: '' })}>
          Show all
        </button>
      </div>
    )
  return (
    <div className="stats-view">
      <ClassBalance dataset={dataset ?? ''} query={query} />
      <Names frame={frame.data} dataset={dataset ?? ''} choices={['class', ...names]} />
      <Numbers
        frame={frame.data}
        dataset={dataset ?? ''}
        choices={numbers}
        first={['width', 'height']}
        title="Sizes of pictures"
      />
      <Numbers
        frame={frame.data}
        dataset={dataset ?? ''}
        choices={numbers}
        first={['brightness', 'sharpness']}
        title="Field against field"
      />
    </div>
  )
}

/** Texts that differ from sample to sample. */
const hidden: ReadonlySet<string> = new Set(['path', 'source', 'md5', 'sha256', 'phash', 'note'])

const add = (condition: string): void => setView({ query: addCondition(getView().query, condition) })

function ClassBalance({ dataset, query }: { dataset: string; query: string }) {
  const { data } = useCall('query.stats', { dataset, query, by: ['class'], top: 40 })
  const colourOf = useClassColours(dataset)
  const field = data?.fields[0]
  const values = field?.kind === 'counts' ? field.values : []
  const most = Math.max(1, ...values.map(({ count }) => count))
  const [rowPx, left, width] = [22, 170, 560]
  return (
    <Plot
      title="Class balance"
      rows={[['class', 'samples'], ...values.map(({ value, count }) => [String(value), count])]}
    >
      {values.length === 0 ? (
        <p className="hint">No sample of the query has a class.</p>
      ) : (
        <svg viewBox={`0 0 ${left + width + 70} ${values.length * rowPx + 4}`} role="group" aria-label="Class balance">
          {values.map(({ value, count }, i) => (
            <g key={String(value)}>
              <text x={left - 8} y={i * rowPx + 15} textAnchor="end" fill="var(--text)" fontSize={12}>
                {shorten(String(value))}
              </text>
              <rect
                x={left}
                y={i * rowPx + 3}
                width={Math.max(1, (width * count) / most)}
                height={rowPx - 6}
                fill={colourOf(String(value))}
                rx={2}
              />
              <text x={left + (width * count) / most + 6} y={i * rowPx + 15} fill="var(--quiet)" fontSize={12}>
                {count.toLocaleString('en')}
              </text>
              <rect
                className="stats-mark"
                role="button"
                tabIndex={0}
                aria-label={`${shorten(String(value))} ${count.toLocaleString('en')} samples: add to the query`}
                x={0}
                y={i * rowPx}
                width={left + width + 70}
                height={rowPx}
                fill="transparent"
                onClick={() => add(`class = ${quoteText(String(value))}`)}
                onKeyDown={(event) => event.key === 'Enter' && add(`class = ${quoteText(String(value))}`)}
              />
            </g>
          ))}
        </svg>
      )}
    </Plot>
  )
}

const shorten = (text: string): string => (text.length > 24 ? `${text.slice(0, 23)}…` : text)

/** The columns asked for, kept as long as the data stays. */
function useColumns(
  dataset: string,
  a: string,
  b: string,
): { columns: [FieldColumn, FieldColumn] | null; error: ApiError | null } {
  const one = (field: string) => ({
    queryKey: ['field', dataset, field],
    queryFn: ({ signal }: { signal: AbortSignal }) => fetchField(dataset, field, signal),
  })
  const left = useQuery<FieldColumn, ApiError>(one(a))
  const right = useQuery<FieldColumn, ApiError>(one(b))
  const columns = useMemo<[FieldColumn, FieldColumn] | null>(
    () => (left.data === undefined || right.data === undefined ? null : [left.data, right.data]),
    [left.data, right.data],
  )
  return { columns, error: left.error ?? right.error }
}

function Choice(props: {
  label: string
  value: string
  choices: readonly string[]
  onChange: (value: string) => void
}) {
  return (
    <label>
      {props.label}{' '}
      <select value={props.value} onChange={(event) => props.onChange(event.target.value)}>
        {[...new Set([props.value, ...props.choices])].map((choice) => (
          <option key={choice}>{choice}</option>
        ))}
      </select>
    </label>
  )
}

/** Shade of a count against the highest; square root, so that small ones are seen. */
const shade = (count: number, most: number): number => (count === 0 ? 0 : 0.12 + 0.88 * Math.sqrt(count / most))

function Names({ frame, dataset, choices }: { frame: Frame; dataset: string; choices: readonly string[] }) {
  const [a, setA] = useState('class')
  const [b, setB] = useState('split')
  const { columns, error } = useColumns(dataset, a, b)
  const table = useMemo(() => (columns === null ? null : crossNames(frame, ...columns)), [frame, columns])
  if (error !== null || table === null) return <p className="hint">{error?.message ?? 'Counting…'}</p>
  const [rows, names] = [table.rows.slice(0, 30), table.columns.slice(0, 12)]
  const most = Math.max(1, ...table.counts.flat())
  const [left, cell, rowPx] = [170, 80, 24]
  const conditionOf = (field: string, value: string): string =>
    value === '(none)' ? `${quoteName(field)} is missing` : `${quoteName(field)} = ${quoteText(value)}`
  return (
    <Plot
      title={`${a} × ${b}`}
      rows={[['', ...table.columns], ...table.rows.map((row, i) => [row, ...table.counts[i]!])]}
    >
      <div className="stats-choices">
        <Choice label="Rows" value={a} choices={choices} onChange={setA} />
        <Choice label="Columns" value={b} choices={choices} onChange={setB} />
      </div>
      <svg
        viewBox={`0 0 ${left + names.length * cell + 8} ${(rows.length + 1) * rowPx + 4}`}
        role="group"
        aria-label={`${a} by ${b}`}
      >
        {names.map((name, j) => (
          <text key={name} x={left + j * cell + cell / 2} y={16} textAnchor="middle" fill="var(--quiet)" fontSize={12}>
            {name.length > 11 ? `${name.slice(0, 10)}…` : name}
          </text>
        ))}
        {rows.map((row, i) => (
          <g key={row}>
            <text x={left - 8} y={(i + 1) * rowPx + 16} textAnchor="end" fill="var(--text)" fontSize={12}>
              {shorten(row)}
            </text>
            {names.map((name, j) => {
              const count = table.counts[i]![j]!
              const choose = (): void => add(`${conditionOf(a, row)} and ${conditionOf(b, name)}`)
              return (
                <g key={name}>
                  <rect
                    x={left + j * cell + 1}
                    y={(i + 1) * rowPx + 1}
                    width={cell - 2}
                    height={rowPx - 2}
                    fill="var(--raised)"
                    rx={2}
                  />
                  <rect
                    x={left + j * cell + 1}
                    y={(i + 1) * rowPx + 1}
                    width={4}
                    height={rowPx - 2}
                    fill="var(--accent)"
                    fillOpacity={shade(count, most)}
                  />
                  <text
                    x={left + j * cell + cell / 2}
                    y={(i + 1) * rowPx + 16}
                    textAnchor="middle"
                    fill="var(--text)"
                    fontSize={12}
                  >
                    {count.toLocaleString('en')}
                  </text>
                  <rect
                    className="stats-mark"
                    role="button"
                    tabIndex={0}
                    aria-label={`${count.toLocaleString('en')} samples of ${row}, ${name}: add to the query`}
                    x={left + j * cell + 1}
                    y={(i + 1) * rowPx + 1}
                    width={cell - 2}
                    height={rowPx - 2}
                    fill="transparent"
                    onClick={choose}
                    onKeyDown={(event) => event.key === 'Enter' && choose()}
                  />
                </g>
              )
            })}
          </g>
        ))}
      </svg>
    </Plot>
  )
}

const bins = 32

interface NumbersProps {
  frame: Frame
  dataset: string
  choices: readonly string[]
  first: readonly [string, string]
  title: string
}

function Numbers({ frame, dataset, choices, first, title }: NumbersProps) {
  const [a, setA] = useState(first[0])
  const [b, setB] = useState(first[1])
  const { columns, error } = useColumns(dataset, a, b)
  const grid = useMemo(() => (columns === null ? null : crossNumbers(frame, ...columns, bins)), [frame, columns])
  if (error !== null || grid === null) return <p className="hint">{error?.message ?? 'Counting…'}</p>
  const most = Math.max(1, ...grid.counts)
  const [left, side] = [70, 420]
  const cell = side / bins
  const filled = [...grid.counts.keys()].filter((i) => grid.counts[i]! > 0)
  const rangeOf = (i: number): { x: [number, number]; y: [number, number] } => ({
    x: binRange(grid.x, bins, i % bins),
    y: binRange(grid.y, bins, Math.floor(i / bins)),
  })
  const choose = (i: number): void => {
    const { x, y } = rangeOf(i)
    add(
      `${quoteName(a)} >= ${x[0]} and ${quoteName(a)} <= ${x[1]} and ${quoteName(b)} >= ${y[0]} and ${quoteName(b)} <= ${y[1]}`,
    )
  }
  const rows = filled.map((i) => {
    const { x, y } = rangeOf(i)
    return [...x, ...y, grid.counts[i]!]
  })
  return (
    <Plot title={title} rows={[[`${a} from`, `${a} to`, `${b} from`, `${b} to`, 'samples'], ...rows]}>
      <div className="stats-choices">
        <Choice label="Across" value={a} choices={choices} onChange={setA} />
        <Choice label="Up" value={b} choices={choices} onChange={setB} />
        <span className="hint">{`${grid.count.toLocaleString('en')} samples have both`}</span>
      </div>
      <svg viewBox={`0 0 ${left + side + 20} ${side + 44}`} role="group" aria-label={`${a} against ${b}`}>
        <rect x={left} y={4} width={side} height={side} fill="var(--raised)" stroke="var(--line)" />
        {filled.map((i) => {
          const { x, y } = rangeOf(i)
          return (
            <rect
              key={i}
              className="stats-mark"
              x={left + (i % bins) * cell}
              y={4 + side - (Math.floor(i / bins) + 1) * cell}
              width={cell}
              height={cell}
              fill="var(--accent)"
              fillOpacity={shade(grid.counts[i]!, most)}
              onClick={() => choose(i)}
            >
              <title>{`${a} ${x[0]} to ${x[1]}, ${b} ${y[0]} to ${y[1]}: ${grid.counts[i]} samples`}</title>
            </rect>
          )
        })}
        <text x={left} y={side + 22} fill="var(--quiet)" fontSize={12}>
          {format(grid.x.low)}
        </text>
        <text x={left + side} y={side + 22} textAnchor="end" fill="var(--quiet)" fontSize={12}>
          {format(grid.x.high)}
        </text>
        <text x={left + side / 2} y={side + 38} textAnchor="middle" fill="var(--text)" fontSize={12}>
          {a}
        </text>
        <text x={left - 6} y={side + 4} textAnchor="end" fill="var(--quiet)" fontSize={12}>
          {format(grid.y.low)}
        </text>
        <text x={left - 6} y={16} textAnchor="end" fill="var(--quiet)" fontSize={12}>
          {format(grid.y.high)}
        </text>
        <text x={left - 6} y={side / 2} textAnchor="end" fill="var(--text)" fontSize={12}>
          {b.length > 10 ? `${b.slice(0, 9)}…` : b}
        </text>
      </svg>
    </Plot>
  )
}

const format = (value: number): string => Number(value.toPrecision(4)).toLocaleString('en')
