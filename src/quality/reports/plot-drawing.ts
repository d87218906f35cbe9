// Where the parts of a check's plot lie. The page in the browser draws the same, so this imports nothing.

/** What is drawn; see checkPlot in the contract. */
export interface PlotInput {
  kind: 'histogram' | 'bars'
  unit: string
  /** Histogram: bounds of the bins, ascending, one more than counts. */
  edges: readonly number[]
  /** Bars: one name a count. */
  names: readonly string[]
  counts: readonly number[]
  reference: readonly number[] | null
  marks: readonly { at: number; label: string }[]
}

export interface PlotRect {
  x: number
  y: number
  width: number
  height: number
  /** What it stands for, for a tooltip. */
  says: string
}

export interface PlotText {
  x: number
  y: number
  anchor: 'start' | 'middle' | 'end'
  text: string
}

/** Shapes in user units of an SVG of `width` × `height`. */
export interface PlotDrawing {
  width: number
  height: number
  bars: PlotRect[]
  /** Path of the reference's outline (histogram) or of its ticks (bars); null without a reference. */
  reference: string | null
  /** Path of the axes. */
  axis: string
  /** Names and figures at the axes. */
  texts: PlotText[]
  marks: { path: string; label: PlotText }[]
  /** True when heights are shares of a whole, which two sets of different sizes need. */
  isShare: boolean
}

const width = 600
const mostBars = 24

/** Lays out a plot. Undefined when there is nothing in it that can be drawn. */
export function arrangePlot(plot: PlotInput): PlotDrawing | undefined {
  if (plot.counts.length === 0 || !plot.counts.every((count) => Number.isFinite(count) && count >= 0)) return undefined
  const fits = plot.reference?.length === plot.counts.length && plot.reference.every((count) => count >= 0)
  const reference = fits ? plot.reference : null
  if (plot.kind === 'bars') return plot.names.length === plot.counts.length ? arrangeBars(plot, reference) : undefined
  const isAscending =
    plot.edges.length === plot.counts.length + 1 &&
    plot.edges.every((edge, i) => Number.isFinite(edge) && (i === 0 || edge >= plot.edges[i - 1]!))
  return isAscending ? arrangeHistogram(plot, reference) : undefined
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

function toShares(counts: readonly number[]): number[] {
  const total = sum(counts)
  return counts.map((count) => (total === 0 ? 0 : count / total))
}

function arrangeHistogram(plot: PlotInput, given: readonly number[] | null): PlotDrawing {
  const [left, right, top, height, foot] = [52, 12, 34, 220, 40]
  const isShare = given !== null
  const heights = isShare ? toShares(plot.counts) : [...plot.counts]
  const reference = given === null ? null : toShares(given)
  const most = Math.max(...heights, ...(reference ?? []), Number.MIN_VALUE)
  const { low, high } = spanOf(plot)
  const bottom = height - foot
  const x = (value: number): number =>
    round(left + ((width - left - right) * (clamp(value, low, high) - low)) / (high - low || 1))
  const y = (value: number): number => round(bottom - ((bottom - top) * value) / most)
  const bars = heights.map((value, i) => ({
    x: x(plot.edges[i]!),
    y: y(value),
    width: Math.max(0.5, round(x(plot.edges[i + 1]!) - x(plot.edges[i]!) - 0.6)),
    height: round(bottom - y(value)),
    says: `${format(plot.edges[i]!)} to ${format(plot.edges[i + 1]!)}: ${describe(plot.counts[i]!, heights[i]!, isShare)}`,
  }))
  const steps = reference?.map((value, i) => `H${x(plot.edges[i]!)}V${y(value)}H${x(plot.edges[i + 1]!)}`).join('')
  const ticks = [low, (low + high) / 2, high]
  const texts: PlotText[] = ticks.map((tick, i) => ({
    x: x(tick),
    y: bottom + 15,
    anchor: (['start', 'middle', 'end'] as const)[i]!,
    text: format(tick),
  }))
  if (plot.unit !== '')
    texts.push({ x: left + (width - left - right) / 2, y: bottom + 32, anchor: 'middle', text: plot.unit })
  texts.push({ x: left - 6, y: top + 4, anchor: 'end', text: isShare ? percent(most) : format(most) })
  texts.push({ x: left - 6, y: bottom, anchor: 'end', text: '0' })
  return {
    width,
    height,
    bars,
    reference: steps === undefined ? null : `M${x(plot.edges[0]!)} ${bottom}${steps}V${bottom}`,
    axis: `M${left} ${top}V${bottom}H${width - right}`,
    texts,
    marks: plot.marks
      .filter(({ at }) => Number.isFinite(at))
      .map((mark, i) => {
        const outside = mark.at > high ? ' →' : mark.at < low ? ' ←' : ''
        const at = x(mark.at)
        const isLeft = at > width / 2
        return {
          path: `M${at} ${top - 4}V${bottom}`,
          label: {
            x: isLeft ? at - 4 : at + 4,
            y: 12 + (i % 2) * 13,
            anchor: isLeft ? 'end' : 'start',
            text: `${mark.label}${outside}`,
          } satisfies PlotText,
        }
      }),
    isShare,
  }
}

/** The bins, widened to marks that are not far off. */
function spanOf({ edges, marks }: PlotInput): { low: number; high: number } {
  let [low, high] = [edges[0]!, edges.at(-1)!]
  const reach = 3 * (high - low || Math.abs(high) || 1)
  for (const { at } of marks) {
    if (at < low && at > low - reach) low = at
    if (at > high && at < high + reach) high = at
  }
  return high > low ? { low, high } : { low: low - 0.5, high: high + 0.5 }
}

function arrangeBars(plot: PlotInput, given: readonly number[] | null): PlotDrawing {
  const [left, right, top, rowPx] = [180, 70, plot.marks.length === 0 ? 6 : 22, 22]
  // A threshold is a figure of the counts themselves.
  const isShare = given !== null && plot.marks.length === 0
  const values = isShare ? toShares(plot.counts) : [...plot.counts]
  const reference = given === null ? null : isShare ? toShares(given) : [...given]
  const shown = Math.min(values.length, mostBars)
  const marks = plot.marks.filter(({ at }) => Number.isFinite(at) && at >= 0)
  const mostCount = Math.max(...values, ...(reference ?? []), 0)
  // A threshold that is far off would leave nothing of the bars.
  const isNear = ({ at }: { at: number }): boolean => mostCount === 0 || at <= 4 * mostCount
  const most = Math.max(mostCount, ...marks.filter(isNear).map(({ at }) => at), Number.MIN_VALUE)
  const bottom = top + shown * rowPx
  const x = (value: number): number => round(left + (width - left - right) * Math.min(1, value / most))
  const rows = [...values.keys()].slice(0, shown)
  const texts: PlotText[] = rows.flatMap((i) => [
    { x: left - 8, y: top + i * rowPx + 15, anchor: 'end' as const, text: shorten(plot.names[i]!) },
    {
      x: Math.max(x(values[i]!), reference === null ? 0 : x(reference[i]!)) + 6,
      y: top + i * rowPx + 15,
      anchor: 'start' as const,
      text: isShare ? percent(values[i]!) : format(values[i]!),
    },
  ])
  const isCut = shown < values.length
  if (isCut)
    texts.push({ x: left - 8, y: bottom + 15, anchor: 'end', text: `and ${format(values.length - shown)} more` })
  if (plot.unit !== '') texts.push({ x: left, y: bottom + 15, anchor: 'start', text: plot.unit })
  return {
    width,
    height: bottom + (isCut || plot.unit !== '' ? 24 : 6),
    bars: rows.map((i) => ({
      x: left,
      y: top + i * rowPx + 4,
      width: Math.max(1, round(x(values[i]!) - left)),
      height: rowPx - 7,
      says: `${plot.names[i]!}: ${describe(plot.counts[i]!, values[i]!, isShare)}`,
    })),
    reference:
      reference === null ? null : rows.map((i) => `M${x(reference[i]!)} ${top + i * rowPx + 2}v${rowPx - 3}`).join(''),
    axis: `M${left} ${top}V${bottom}`,
    texts,
    marks: marks.map(({ at, label }) => {
      const text = at > most ? `${label} →` : label
      const isLeft = x(at) > width / 2
      return {
        path: `M${x(at)} ${top - 4}V${bottom}`,
        label: { x: isLeft ? x(at) - 4 : x(at) + 4, y: 12, anchor: isLeft ? 'end' : 'start', text },
      }
    }),
    isShare,
  }
}

/** Points of a line through the figures of earlier reports and this one, oldest first; gaps where there was no figure. */
export interface TrendDrawing {
  width: number
  height: number
  /** Path of the line. */
  path: string
  points: { x: number; y: number; index: number }[]
}

/** Lays out a small line of figures. Undefined for fewer than two figures: one point is no trend. */
export function arrangeTrend(values: readonly (number | null)[]): TrendDrawing | undefined {
  const [trendWidth, height, pad] = [120, 28, 4]
  const known = values.flatMap((value) => (value === null || !Number.isFinite(value) ? [] : [value]))
  if (known.length < 2) return undefined
  const [low, high] = [Math.min(...known), Math.max(...known)]
  const points = values.flatMap((value, index) => {
    if (value === null || !Number.isFinite(value)) return []
    const x = round(pad + ((trendWidth - 2 * pad) * index) / (values.length - 1))
    const share = high === low ? 0.5 : (value - low) / (high - low)
    return [{ x, y: round(height - pad - (height - 2 * pad) * share), index }]
  })
  const path = points.map(({ x, y, index }, i) => `${points[i - 1]?.index === index - 1 ? 'L' : 'M'}${x} ${y}`).join('')
  return { width: trendWidth, height, path, points }
}

const clamp = (value: number, low: number, high: number): number => Math.min(high, Math.max(low, value))
const round = (value: number): number => Math.round(value * 100) / 100
const shorten = (text: string): string => (text.length > 26 ? `${text.slice(0, 25)}…` : text)
const percent = (share: number): string => `${Number((share * 100).toPrecision(3))} %`
const describe = (count: number, share: number, isShare: boolean): string =>
  isShare ? `${format(count)} (${percent(share)})` : format(count)

function format(value: number): string {
  if (Number.isInteger(value)) return value.toLocaleString('en')
  return Math.abs(value) < 1e-4 ? value.toExponential(1) : String(Number(value.toPrecision(3)))
}
