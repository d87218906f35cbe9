import type { Output } from '../api/client.ts'

/** A label as the server tells it: pixels of the picture, origin top left. */
export type PlacedLabel = Output<'sample.labels'>['samples'][number]['layers'][number]['labels'][number]
type Geometry = NonNullable<PlacedLabel['geometry']>
export type MaskGeometry = Extract<Geometry, { type: 'mask' }>

/** Part of a mask, whole pixels. */
export interface MaskPart {
  x: number
  y: number
  w: number
  h: number
}

/**
 * Pixels of a part of a mask, 1 = foreground, row by row, taken at `width` × `height` evenly spread places, so that a small
 * drawing of a large mask costs what the drawing is large. The runs are COCO's: column by column, background first.
 */
export function sampleMask({ size, counts }: MaskGeometry, part: MaskPart, width: number, height: number): Uint8Array {
  const [rows, columns] = size
  const out = new Uint8Array(width * height)
  let run = 0
  let end = counts[0] ?? 0
  let before = -1
  for (let i = 0; i < width; i++) {
    const x = Math.floor(part.x + ((i + 0.5) * part.w) / width)
    if (x < 0 || x >= columns) continue
    if (x === before) {
      for (let at = i; at < out.length; at += width) out[at] = out[at - 1]!
      continue
    }
    before = x
    for (let j = 0; j < height; j++) {
      const y = Math.floor(part.y + ((j + 0.5) * part.h) / height)
      if (y < 0 || y >= rows) continue
      const at = x * rows + y
      // Places are asked for in the order of the runs, so one walk over them is enough.
      while (at >= end && run + 1 < counts.length) end += counts[++run]!
      if (at < end && run % 2 === 1) out[j * width + i] = 1
    }
  }
  return out
}

/** The part of a mask inside its label's bounds, cut to the mask. */
export function maskPart({ size: [rows, columns] }: MaskGeometry, box: PlacedLabel['box']): MaskPart {
  if (box === null) return { x: 0, y: 0, w: columns, h: rows }
  const x = Math.max(0, Math.floor(box.x))
  const y = Math.max(0, Math.floor(box.y))
  return {
    x,
    y,
    w: Math.max(1, Math.min(columns, Math.ceil(box.x + box.w)) - x),
    h: Math.max(1, Math.min(rows, Math.ceil(box.y + box.h)) - y),
  }
}

/** Halves a size while what is left still covers what is drawn, so that zooming seldom decodes anew. */
export function reduceSize(size: number, drawnPx: number): number {
  let reduced = Math.max(1, Math.ceil(size))
  while (reduced > 1 && Math.ceil(reduced / 2) >= drawnPx) reduced = Math.ceil(reduced / 2)
  return reduced
}
