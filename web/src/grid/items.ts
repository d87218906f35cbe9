import type { PlacedLabel } from '../labels/draw.ts'

/** One label with a place as a tile of its own. */
export interface ObjectItem {
  label: PlacedLabel
  layer: string
  /** Size of its picture, px. */
  width: number
  height: number
  /** What is shown of the picture, px of it: the bounds of the label and something around them. */
  crop: { x: number; y: number; w: number; h: number }
}

/** Items under one heading. */
export interface Group {
  /** Tells it apart from the others, and stays when the data change. */
  key: string
  title: string
  start: number
  count: number
}

/** What the grid shows, in its order. */
export interface Items {
  /** Sample of each item. */
  ids: Int32Array
  aspects: Float32Array
  groups: readonly Group[] | null
  objects: readonly ObjectItem[] | null
}

const contextShare = 0.15

/** A label's tile: its bounds with some of what is around them, inside of the picture. */
export function makeObjectItem(layer: string, label: PlacedLabel, width: number, height: number): ObjectItem | null {
  const { box } = label
  if (box === null || width <= 0 || height <= 0) return null
  const margin = Math.max(4, Math.max(box.w, box.h) * contextShare)
  const x = Math.min(width - 1, Math.max(0, box.x - margin))
  const y = Math.min(height - 1, Math.max(0, box.y - margin))
  const w = Math.max(1, Math.min(width, box.x + box.w + margin) - x)
  const h = Math.max(1, Math.min(height, box.y + box.h + margin) - y)
  return { label, layer, width, height, crop: { x, y, w, h } }
}
