import { isDrawn, type DrawOptions, type LabelLayer, type PlacedLabel } from '../labels/draw.ts'

export interface FoundLabel {
  layer: string
  label: PlacedLabel
}

/**
 * The label under a point of the picture: of those that hold it or whose line is within `reach` px of it, the smallest, so that what
 * lies inside of something larger can be reached.
 */
export function findLabelAt(
  layers: readonly LabelLayer[],
  x: number,
  y: number,
  reach: number,
  options: Pick<DrawOptions, 'layers' | 'minScore'>,
): FoundLabel | null {
  let best: FoundLabel | null = null
  let bestSize = Infinity
  for (const { layer, labels } of layers)
    for (const label of labels) {
      if (label.box === null || !isDrawn(layer, label, options) || !isAt(label, x, y, reach)) continue
      const size = label.box.w * label.box.h
      if (size < bestSize) {
        best = { layer, label }
        bestSize = size
      }
    }
  return best
}

function isAt({ box, geometry, attributes }: PlacedLabel, px: number, py: number, reach: number): boolean {
  const [x, y] = geometry === null ? turnBack(box!, Number(attributes['rotation'] ?? 0), px, py) : [px, py]
  const { x: left, y: top, w, h } = box!
  if (x < left - reach || y < top - reach || x > left + w + reach || y > top + h + reach) return false
  switch (geometry?.type) {
    case undefined:
      return true
    case 'polygon':
      return geometry.parts.some((rings) => isInsideRings(rings, x, y) || isNearPaths(rings, x, y, reach, true))
    case 'polyline':
      return isNearPaths(geometry.paths, x, y, reach, false)
    case 'keypoints':
      return geometry.points.some(([kx, ky, v]) => v > 0 && Math.hypot(kx - x, ky - y) <= reach * 1.5)
    case 'mask':
      return isMaskAt(geometry.size, geometry.counts, x, y)
  }
}

/** The point as an upright box sees it, for a box turned by degrees clockwise about its centre. */
function turnBack(
  box: NonNullable<PlacedLabel['box']>,
  degrees: number,
  x: number,
  y: number,
): readonly [number, number] {
  if (!Number.isFinite(degrees) || degrees === 0) return [x, y]
  const [cx, cy] = [box.x + box.w / 2, box.y + box.h / 2]
  const turn = (-degrees * Math.PI) / 180
  const [dx, dy] = [x - cx, y - cy]
  return [cx + dx * Math.cos(turn) - dy * Math.sin(turn), cy + dx * Math.sin(turn) + dy * Math.cos(turn)]
}

/** Even-odd rule over all rings, so holes are outside. */
function isInsideRings(rings: readonly (readonly number[])[], x: number, y: number): boolean {
  let inside = false
  for (const ring of rings)
    for (let i = 0, j = ring.length - 2; i + 1 < ring.length; j = i, i += 2) {
      const [xi, yi, xj, yj] = [ring[i]!, ring[i + 1]!, ring[j]!, ring[j + 1]!]
      if (yi > y !== yj > y && x < ((xj - xi) * (y - yi)) / (yj - yi) + xi) inside = !inside
    }
  return inside
}

function isNearPaths(
  paths: readonly (readonly number[])[],
  x: number,
  y: number,
  reach: number,
  closed: boolean,
): boolean {
  return paths.some((path) => {
    for (let i = closed ? 0 : 2; i + 1 < path.length; i += 2) {
      const j = i === 0 ? path.length - 2 : i - 2
      if (distanceToSegment(x, y, path[j]!, path[j + 1]!, path[i]!, path[i + 1]!) <= reach) return true
    }
    return false
  })
}

function distanceToSegment(x: number, y: number, ax: number, ay: number, bx: number, by: number): number {
  const [dx, dy] = [bx - ax, by - ay]
  const length = dx * dx + dy * dy
  const t = length === 0 ? 0 : Math.min(1, Math.max(0, ((x - ax) * dx + (y - ay) * dy) / length))
  return Math.hypot(x - ax - t * dx, y - ay - t * dy)
}

/** Whether a pixel of a mask is foreground; runs go column by column, background first (COCO). */
function isMaskAt(
  [rows, columns]: readonly [number, number],
  counts: readonly number[],
  x: number,
  y: number,
): boolean {
  const [column, row] = [Math.floor(x), Math.floor(y)]
  if (column < 0 || row < 0 || column >= columns || row >= rows) return false
  const at = column * rows + row
  let end = 0
  for (let run = 0; run < counts.length; run++) {
    end += counts[run]!
    if (at < end) return run % 2 === 1
  }
  return false
}
