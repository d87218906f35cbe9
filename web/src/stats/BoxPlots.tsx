import { useMemo, useState } from 'react'
import { quoteText } from '../shell/view.ts'
import { edgeAxis, findEdges, type Axis } from './axis.ts'
import { useBoxes, type Boxes } from './boxes.ts'
import { drawCells } from './cells.ts'
import { Plot } from './Plot.tsx'
import { showCount, type Scene } from './scene.ts'

interface BoxPlotsProps {
  dataset: string
  query: string
  ids: Int32Array | undefined
}

const placeParts = 20

/** How large the boxes of labels are, and where their centres lie. */
export function BoxPlots({ dataset, query, ids }: BoxPlotsProps) {
  const { data, error, isPlaceholderData } = useBoxes(dataset, query, ids)
  const [name, setName] = useState('')
  const shown = useMemo(() => {
    if (data === undefined) return null
    const wanted = data.classes.indexOf(name)
    const all = Array.from(data.samples, (_, i) => i)
    const rows = wanted < 0 ? all : all.filter((i) => data.classAt[i] === wanted)
    return { sizes: drawSizes(data, rows, wanted < 0 ? null : name), places: drawPlaces(data, rows) }
  }, [data, name])
  const looked =
    data === undefined
      ? ''
      : `Looked at ${showCount(data.lookedLabels)} labels of ${showCount(data.lookedSamples)} samples${data.lookedSamples < data.total ? `, spread over the ${showCount(data.total)} the query finds` : ''}; truth layer.`
  const shared = {
    error,
    isStale: isPlaceholderData,
    note: looked,
    empty: `No label with a box. ${looked}`,
  }
  const classChoice = (data?.classes.length ?? 0) > 1 && (
    <label className="stats-choice">
      Class
      <select value={name} onChange={(event) => setName(event.target.value)}>
        <option value="">all</option>
        {data!.classes.toSorted().map((one) => (
          <option key={one} value={one}>
            {one}
          </option>
        ))}
      </select>
    </label>
  )
  return (
    <>
      <Plot title="Box sizes" scene={shown?.sizes ?? null} {...shared}>
        {classChoice}
      </Plot>
      <Plot title="Box centres" scene={shown?.places ?? null} {...shared}>
        {classChoice}
      </Plot>
    </>
  )
}

const emptyScene = (title: string): Scene => ({ title, height: 0, marks: [], texts: [], table: [['x', 'y', 'count']] })

function drawSizes({ width, height }: Boxes, rows: readonly number[], name: string | null): Scene {
  const title = 'Box sizes'
  if (rows.length === 0) return emptyScene(title)
  const axis = (label: string, values: Float32Array): Axis => {
    const edges = findEdges(
      Float32Array.from(rows, (i) => values[i]!),
      24,
    )
    return edgeAxis(label, edges, () => null)
  }
  const x = axis('width, share of the picture', width)
  const y = axis('height, share of the picture', height)
  const counts = new Float64Array(x.count * y.count)
  for (const i of rows) {
    const [column, row] = [x.partOf(width[i]!), y.partOf(height[i]!)]
    if (column >= 0 && row >= 0) counts[row * x.count + column]!++
  }
  const about = name === null ? '' : `class = ${quoteText(name)} and `
  const range = (property: string, axisOf: Axis, part: number): string =>
    `${property} >= ${axisOf.edges![part]!} and ${property} ${part === axisOf.count - 1 ? '<=' : '<'} ${axisOf.edges![part + 1]!}`
  return drawCells({
    title,
    x,
    y,
    counts,
    isDown: false,
    pickOf: (column, row) => ({
      condition: `labels[${about}${range('width', x, column)} and ${range('height', y, row)}]`,
    }),
  })
}

/** The query language knows no centres, so a cell asks for the samples that were seen in it. */
function drawPlaces({ samples, x: left, y: top, width, height }: Boxes, rows: readonly number[]): Scene {
  const title = 'Box centres'
  if (rows.length === 0) return emptyScene(title)
  const edges = Array.from({ length: placeParts + 1 }, (_, i) => i / placeParts)
  const x = edgeAxis('x, share of the picture', edges, () => null)
  const y = edgeAxis('y, share of the picture', edges, () => null)
  const seen = new Map<number, Set<number>>()
  const counts = new Float64Array(x.count * y.count)
  for (const i of rows) {
    const [column, row] = [x.partOf(left[i]! + width[i]! / 2), y.partOf(top[i]! + height[i]! / 2)]
    if (column < 0 || row < 0) continue
    const cell = row * x.count + column
    counts[cell]!++
    const found = seen.get(cell)
    if (found === undefined) seen.set(cell, new Set([samples[i]!]))
    else found.add(samples[i]!)
  }
  return drawCells({
    title,
    x,
    y,
    counts,
    isDown: true,
    pickOf: (column, row) => ({ samples: [...(seen.get(row * x.count + column) ?? [])] }),
  })
}
