import { showFigure } from '../runs/words.ts'
import type { Evaluation } from './version.ts'

/** Figures with their 95 % intervals, drawn where they lie between 0 and 1. */
export function FigureTable({ evaluation: { figures, main } }: { evaluation: Evaluation }) {
  return (
    <ul className="models-figures">
      {Object.entries(figures).map(([name, { value, low, high }]) => (
        <li key={name} className={name === main ? 'models-main' : undefined}>
          <span className="models-figure-name">{name}</span>
          <b>{showFigure(value)}</b>
          <Interval value={value} low={low} high={high} />
          <span className="hint">
            {low === null || high === null ? '' : `${showFigure(low)} to ${showFigure(high)}`}
          </span>
        </li>
      ))}
    </ul>
  )
}

/** Where 95 % of bootstrap samples lie, between 0 and 1; nothing for figures of another range. */
export function Interval({ value, low, high }: { value: number | null; low: number | null; high: number | null }) {
  if (value === null || low === null || high === null || low < 0 || high > 1) return <span />
  const at = (share: number): number => 2 + share * 136
  return (
    <svg className="models-interval" viewBox="0 0 140 12" aria-hidden>
      <path className="runs-axis" d="M2 6h136" />
      <path className="models-range" d={`M${at(low)} 6H${at(high)}`} />
      <circle cx={at(value)} cy={6} r={4} />
    </svg>
  )
}
