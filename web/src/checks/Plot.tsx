import { arrangePlot, arrangeTrend, type PlotText } from '../../../src/quality/reports/plot-drawing.ts'
import { formatNumber, outcomeWords } from '../../../src/quality/reports/plain-words.ts'
import type { CheckResult, ReportSummary } from './report-data.ts'

const write = ({ x, y, anchor, text }: PlotText, key: number, className?: string) => (
  <text key={key} x={x} y={y} textAnchor={anchor} className={className}>
    {text}
  </text>
)

/** What a check measured, with the reference and the thresholds it was held against. */
export function Plot({ plot }: { plot: NonNullable<CheckResult['plot']> }) {
  const drawing = arrangePlot(plot)
  if (drawing === undefined) return null
  const limits = plot.marks.map(({ label }) => label).join(', ')
  return (
    <figure className="checks-plot">
      <figcaption>{drawing.isShare ? `${plot.title} (shares)` : plot.title}</figcaption>
      <svg
        viewBox={`0 0 ${drawing.width} ${drawing.height}`}
        role="img"
        aria-label={`${plot.title}: ${plot.counts.length} ${plot.kind === 'bars' ? 'values' : 'bins'}${limits === '' ? '' : `; thresholds: ${limits}`}`}
      >
        {drawing.bars.map(({ x, y, width, height, says }, i) => (
          <rect key={i} className="checks-bar" x={x} y={y} width={width} height={height}>
            <title>{says}</title>
          </rect>
        ))}
        <path className="checks-axis" d={drawing.axis} />
        {drawing.reference !== null && <path className="checks-reference" d={drawing.reference} />}
        {drawing.marks.map(({ path, label }, i) => (
          <g key={i}>
            <path className="checks-mark" d={path} />
            {write(label, i, 'checks-limit')}
          </g>
        ))}
        {drawing.texts.map((text, i) => write(text, i))}
      </svg>
      {drawing.reference !== null && (
        <div className="checks-key">
          <span>
            <svg viewBox="0 0 18 10" aria-hidden>
              <rect className="checks-bar" width="18" height="10" />
            </svg>
            this data
          </span>
          <span>
            <svg viewBox="0 0 18 10" aria-hidden>
              <path className="checks-reference" d="M0 5H18" />
            </svg>
            compared with
          </span>
        </div>
      )}
    </figure>
  )
}

/** A small line of a check's figures, oldest first. Nothing while there is but one. */
export function Trend({ values }: { values: ReportSummary['values'] }) {
  const drawing = arrangeTrend(values.map(({ value }) => value))
  if (drawing === undefined) return <span className="hint">–</span>
  const says = values.map(({ value }) => (value === null ? '–' : formatNumber(value))).join(', ')
  return (
    <svg
      className="checks-trend"
      width={drawing.width}
      height={drawing.height}
      viewBox={`0 0 ${drawing.width} ${drawing.height}`}
      role="img"
      aria-label={`Figures so far: ${says}`}
    >
      <path d={drawing.path} />
      {drawing.points.map(({ x, y, index }) => (
        <circle
          key={index}
          className={`checks-dot ${values[index]!.outcome}`}
          cx={x}
          cy={y}
          r={index === values.length - 1 ? 3.5 : 2.2}
        >
          <title>{`${formatNumber(values[index]!.value!)}, ${outcomeWords[values[index]!.outcome]}`}</title>
        </circle>
      ))}
    </svg>
  )
}
