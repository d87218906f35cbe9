import type { PlacedLabel } from '../labels/draw.ts'
import type { FoundLabel } from './hit.ts'
import type { Size } from './place.ts'
import { trimNumber } from './values.ts'

/** What is known of a label, beside the pointer. */
export function LabelTip({ found, x, y, picture }: { found: FoundLabel; x: number; y: number; picture: Size }) {
  const { layer, label } = found
  const attributes = Object.entries(label.attributes).slice(0, 12)
  return (
    <div className="sample-tip" style={{ left: x + 14, top: y + 14 }} aria-hidden="true">
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
