import { useEffect, useState } from 'react'
import { thumbUrl } from '../api/client.ts'
import { useCall } from '../shell/data.ts'

export interface Hover {
  id: number
  /** Place on the map, px. */
  x: number
  y: number
}

const cardPx = { width: 220, height: 246 }
const gapPx = 16
const delayMs = 60

/** The sample under the pointer, once it rests for a moment. */
export function PreviewCard({
  dataset,
  hover,
  size,
  valueOf,
}: {
  dataset: string
  hover: Hover | null
  size: { width: number; height: number }
  /** What colours the sample, in words; null when that says nothing new. */
  valueOf: string | null
}) {
  const [shown, setShown] = useState<Hover | null>(null)
  useEffect(() => {
    const timer = setTimeout(() => setShown(hover), hover === null ? 0 : delayMs)
    return () => clearTimeout(timer)
  }, [hover])
  const isShown = shown !== null && hover !== null && shown.id === hover.id
  const { data, isPlaceholderData } = useCall(
    'query.run',
    { dataset, query: `id in (s_${shown?.id ?? 0})`, fields: [], limit: 1 },
    { enabled: isShown },
  )
  if (!isShown) return null
  const row = isPlaceholderData ? undefined : data?.rows[0]
  const isLeft = hover.x + gapPx + cardPx.width > size.width
  const top = Math.max(4, Math.min(hover.y - 40, size.height - cardPx.height - 4))
  return (
    <div
      className="map-card"
      role="status"
      style={{ left: isLeft ? Math.max(4, hover.x - gapPx - cardPx.width) : hover.x + gapPx, top }}
    >
      <img key={shown.id} src={thumbUrl(shown.id)} alt="" />
      <div className="map-card-path" title={row?.path}>
        {row?.path ?? `s_${shown.id}`}
      </div>
      <div className="map-card-facts">
        {row === undefined ? ' ' : row.classes.length === 0 ? 'no class' : row.classes.slice(0, 4).join(', ')}
        {row !== undefined && row.classes.length > 4 && ` and ${row.classes.length - 4} more`}
        {row?.split != null && ` · ${row.split}`}
      </div>
      {valueOf !== null && <div className="map-card-facts map-quiet">{valueOf}</div>}
    </div>
  )
}
