import { useMemo, useState } from 'react'
import type { ApiError } from '../api/client.ts'
import { axisOfField, restrict, useColumn, type FieldInfo } from './columns.ts'
import { countPairs } from './axis.ts'
import { drawCells } from './cells.ts'
import { Plot } from './Plot.tsx'
import { showCount, type Scene } from './scene.ts'

interface FieldPlotsProps {
  dataset: string
  ids: Int32Array | undefined
  fields: readonly FieldInfo[]
}

/** Sizes of the pictures. */
export function PictureSizes({ dataset, ids, fields }: FieldPlotsProps) {
  const pair = usePair(dataset, ids, fields, 'width', 'height', 'Picture sizes')
  return <Plot title="Picture sizes" {...pair} />
}

/** One kind of text for each sample is no help in a diagram. */
const unfit = new Set(['id', 'path', 'source', 'md5', 'sha256', 'phash'])

/** Two fields of choice against each other. */
export function FieldPair({ dataset, ids, fields }: FieldPlotsProps) {
  const [x, setX] = useState('brightness')
  const [y, setY] = useState('contrast')
  const fit = fields.filter(({ name }) => !unfit.has(name))
  const pair = usePair(dataset, ids, fields, x, y, `${y} by ${x}`)
  const choice = (label: string, value: string, choose: (name: string) => void) => (
    <label className="stats-choice">
      {label}
      <select value={value} onChange={(event) => choose(event.target.value)}>
        {!fit.some(({ name }) => name === value) && <option value={value}>{value}</option>}
        {fit.map(({ name }) => (
          <option key={name} value={name}>
            {name}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <Plot title="Field against field" {...pair}>
      <div className="stats-choices">
        {choice('Across', x, setX)}
        {choice('Up', y, setY)}
      </div>
    </Plot>
  )
}

interface PairPlot {
  scene: Scene | null
  error: ApiError | null
  isStale: boolean
  note: string
}

function usePair(
  dataset: string,
  ids: Int32Array | undefined,
  fields: readonly FieldInfo[],
  xName: string,
  yName: string,
  title: string,
): PairPlot {
  const x = useColumn(dataset, xName)
  const y = useColumn(dataset, yName)
  const [xField, yField] = [xName, yName].map((name) => fields.find((field) => field.name === name))
  const made = useMemo(() => {
    if (ids === undefined || x.data === undefined || y.data === undefined) return null
    if (xField === undefined || yField === undefined) return null
    const [xs, ys] = [restrict(x.data, ids), restrict(y.data, ids)]
    const xAxis = axisOfField(xField, x.data.names, xs)
    const yAxis = axisOfField(yField, y.data.names, ys)
    const isEmpty = xAxis.count < 1 || yAxis.count < 1
    const counts = isEmpty ? new Float64Array(0) : countPairs(xAxis, yAxis, xs, ys)
    const scene: Scene = isEmpty
      ? { title, height: 0, marks: [], texts: [], table: [[xName, yName, 'count']] }
      : drawCells({ title, x: xAxis, y: yAxis, counts, isDown: false })
    return { scene, counted: counts.reduce((sum, count) => sum + count, 0) }
  }, [ids, x.data, y.data, xField, yField, xName, yName, title])
  return {
    scene: made?.scene ?? null,
    error: x.error ?? y.error,
    isStale: x.isPlaceholderData || y.isPlaceholderData,
    note:
      made === null || ids === undefined
        ? ''
        : made.counted === ids.length
          ? `${showCount(ids.length)} samples.`
          : `${showCount(made.counted)} of ${showCount(ids.length)} samples have both.`,
  }
}
