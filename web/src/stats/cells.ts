import { pickTicks, type Axis } from './axis.ts'
import {
  fitText,
  sceneWidth,
  showCount,
  showNumber,
  type Mark,
  type Pick,
  type Scene,
  type SceneText,
} from './scene.ts'

interface CellsInput {
  title: string
  x: Axis
  y: Axis
  /** Row by row of `y`. */
  counts: ArrayLike<number>
  /** What a cell asks for, in place of the conditions of its parts. */
  pickOf?: (column: number, row: number) => Pick | null
  /** Whether the first row is on top, as in a picture and a table; else at the foot, as in a diagram. */
  isDown: boolean
  /** Least height of a row, px. */
  rowPx?: number
}

const tickPx = 11

/** Counts of pairs as a table of cells, the fuller the darker (by square root, so that rare pairs are seen). */
export function drawCells({ title, x, y, counts, pickOf, isDown, rowPx = 20 }: CellsInput): Scene {
  const left = y.edges === null ? 110 : 62
  const room = sceneWidth - left - 8
  const cellWidth = room / x.count
  const cellHeight = Math.max(y.edges === null ? rowPx : 0, y.edges === null ? rowPx : 288 / y.count)
  const plotHeight = cellHeight * y.count
  const isNarrow = x.edges === null && cellWidth < 64
  const longest = isNarrow ? Math.max(...Array.from({ length: x.count }, (_, part) => x.nameOf(part).length)) : 0
  const labelsPx = isNarrow ? Math.min(88, 12 + 7 * longest) : 18
  const isCounted = x.edges === null && y.edges === null && cellWidth >= 30
  const top = 4
  let most = 1
  for (let i = 0; i < counts.length; i++) most = Math.max(most, counts[i]!)

  const marks: Mark[] = [frame(left, top, room, plotHeight)]
  const texts: SceneText[] = []
  for (let row = 0; row < y.count; row++) {
    const yPx = top + (isDown ? row : y.count - 1 - row) * cellHeight
    for (let column = 0; column < x.count; column++) {
      const count = counts[row * x.count + column]!
      if (count === 0) continue
      const place = { x: left + column * cellWidth, y: yPx, width: cellWidth, height: cellHeight }
      const opacity = 0.08 + 0.92 * Math.sqrt(count / most)
      marks.push({
        ...place,
        colour: null,
        opacity,
        title: `${x.title} ${x.nameOf(column)}, ${y.title} ${y.nameOf(row)}: ${showCount(count)}`,
        pick: pickOf === undefined ? join(x.conditionOf(column), y.conditionOf(row)) : pickOf(column, row),
      })
      if (isCounted)
        texts.push({
          x: place.x + cellWidth / 2,
          y: yPx + cellHeight / 2 + 4,
          text: fitText(showCount(count), cellWidth),
          anchor: 'middle',
          tone: opacity > 0.5 ? 'back' : 'text',
        })
    }
    if (y.edges === null)
      texts.push({
        x: left - 6,
        y: yPx + cellHeight / 2 + 4,
        text: fitText(y.nameOf(row), left - 10),
        anchor: 'end',
        tone: 'text',
      })
  }
  if (y.edges !== null) {
    for (const i of pickTicks(y.edges, 7)) {
      const yPx = top + (isDown ? i : y.count - i) * cellHeight
      texts.push({
        x: left - 5,
        y: clamp(yPx + 4, 10, top + plotHeight),
        text: showNumber(y.edges[i]!),
        anchor: 'end',
        tone: 'quiet',
      })
    }
  }
  const foot = top + plotHeight
  if (x.edges === null) {
    for (let column = 0; column < x.count; column++) {
      const at = left + (column + 0.5) * cellWidth
      texts.push(
        isNarrow
          ? {
              x: at + 4,
              y: foot + 6,
              text: fitText(x.nameOf(column), 80),
              anchor: 'end',
              tone: 'text',
              isTurned: true,
            }
          : { x: at, y: foot + 14, text: fitText(x.nameOf(column), cellWidth), anchor: 'middle', tone: 'text' },
      )
    }
  } else {
    for (const i of pickTicks(x.edges, 7)) {
      const anchor = i === 0 ? 'start' : i === x.count ? 'end' : 'middle'
      texts.push({ x: left + i * cellWidth, y: foot + 14, text: showNumber(x.edges[i]!), anchor, tone: 'quiet' })
    }
  }
  texts.push({ x: left + room / 2, y: foot + labelsPx + tickPx, text: `${x.title} →`, anchor: 'middle', tone: 'quiet' })
  texts.push({
    x: tickPx,
    y: top,
    text: isDown ? `← ${y.title}` : `${y.title} →`,
    anchor: 'end',
    tone: 'quiet',
    isTurned: true,
  })
  return { title, height: foot + labelsPx + tickPx + 6, marks, texts, table: listPairs(x, y, counts) }
}

const frame = (x: number, y: number, width: number, height: number): Mark => ({
  x,
  y,
  width,
  height,
  colour: '#808080',
  opacity: 0.08,
  title: '',
  pick: null,
})

function join(a: string | null, b: string | null): Pick | null {
  return a === null || b === null ? null : { condition: a === b ? a : `${a} and ${b}` }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))

/** One row a pair that comes up. */
function listPairs(x: Axis, y: Axis, counts: ArrayLike<number>): Scene['table'] {
  const rows: (string | number)[][] = [[x.title, y.title, 'count']]
  for (let row = 0; row < y.count; row++)
    for (let column = 0; column < x.count; column++) {
      const count = counts[row * x.count + column]!
      if (count > 0) rows.push([x.nameOf(column), y.nameOf(row), count])
    }
  return rows
}
