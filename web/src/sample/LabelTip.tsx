import type { PlacedLabel } from '../labels/draw.ts'
import type { FoundLabel } from './hit.ts'
import type { Size } from './place.ts'
import { trimNumber } from './values.ts'

interface LabelTipProps {
  found: FoundLabel
  /** The pointer on the stage. */
  x: number
  y: number
  stage: Size
  picture: Size
}

const awayPx = 14

/** What is known of a label, beside the pointer, on the side where there is room. */
export function LabelTip({ found, x, y, stage, picture }: LabelTipProps) {
  const { layer, label } = found
  const attributes = Object.entries(label.attributes).slice(0, 12)
  const place = {
    ...(x > stage.w * 0.6 ? { right: stage.w - x + awayPx } : { left: x + awayPx }),
    ...(y > stage.h * 0.6 ? { bottom: stage.h - y + awayPx } : { top: y + awayPx }),
  }
  return (
    <div className="sample-tip" style={place} aria-hidden="true">
      <strong>{label.class}</strong>
      <div>
        {layer} · {label.kind}
        {label.score !== null && ` · score ${label.score.toFixed(3)}`}
      </div>
      <div>{describeArea(label, picture)}</div>
      {attributes.map(([name, value]) => (
        <div key={name}>
          {name}: {String(value)}
        </div>
      ))}
    </div>
  )
}

/** "12 × 30 px · 1.2 % of the picture". */
export function describeArea({ box, area }: PlacedLabel, { w, h }: Size): string {
  if (box === null) return 'the whole picture'
  const share = area === null ? '' : ` · ${trimNumber((area / (w * h)) * 100, 3)} % of the picture`
  return `${trimNumber(box.w)} × ${trimNumber(box.h)} px${share}`
}
