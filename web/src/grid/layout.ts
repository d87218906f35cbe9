/** Part of the items under a heading of its own. */
export interface Section {
  /** Place of its first item among all items. */
  start: number
  count: number
  collapsed: boolean
}

export interface LayoutOptions {
  widthPx: number
  /** Height that rows of pictures aim at, or side of a square. */
  zoomPx: number
  mode: 'justified' | 'square'
  gapPx: number
  headingPx: number
}

/** Where every item is, held in arrays: a million items take a few megabytes and one pass. */
export interface Layout {
  widthPx: number
  gapPx: number
  /** Rows, headings included. */
  rows: number
  /** First item of each row and the one behind its last; equal for headings. */
  starts: Int32Array
  ends: Int32Array
  /** Upper edge of each row, px, and the end of all as one more. */
  tops: Float64Array
  /** Height of each row without the gap below, px. */
  heights: Float32Array
  /** Section that a heading opens; −1 for rows of items. */
  sections: Int32Array
  /** width / height of an item as it is drawn. */
  aspectOf: (item: number) => number
  heightPx: number
}

export interface Place {
  x: number
  y: number
  w: number
  h: number
}

/** Panoramas and needles are cut, so that neither hides its row. */
const flattest = 4
const narrowest = 0.3

export function clampAspect(aspect: number): number {
  return aspect > 0 && Number.isFinite(aspect) ? Math.min(flattest, Math.max(narrowest, aspect)) : 1
}

/**
 * Lays out items in rows over the whole width. `justified` keeps aspects and breaks a row where its height comes nearest to the
 * zoom, the last of a section keeps the zoom; `square` has equal tiles. Without sections there are no headings. One pass, O(items).
 */
export function layOut(aspects: Float32Array, sections: readonly Section[] | null, options: LayoutOptions): Layout {
  const { widthPx, zoomPx, mode, gapPx, headingPx } = options
  const columns = Math.max(1, Math.floor((widthPx + gapPx) / (zoomPx + gapPx)))
  const squarePx = Math.max(1, (widthPx - gapPx * (columns - 1)) / columns)
  let capacity = 256
  let starts = new Int32Array(capacity)
  let ends = new Int32Array(capacity)
  let tops = new Float64Array(capacity)
  let heights = new Float32Array(capacity)
  let headings = new Int32Array(capacity)
  let rows = 0
  let y = 0

  const push = (start: number, end: number, height: number, section: number): void => {
    if (rows + 1 >= capacity) {
      capacity *= 2
      starts = grow(starts, new Int32Array(capacity))
      ends = grow(ends, new Int32Array(capacity))
      tops = grow(tops, new Float64Array(capacity))
      heights = grow(heights, new Float32Array(capacity))
      headings = grow(headings, new Int32Array(capacity))
    }
    starts[rows] = start
    ends[rows] = end
    tops[rows] = y
    heights[rows] = height
    headings[rows] = section
    rows++
    y += height + gapPx
  }

  const layJustified = (from: number, to: number): void => {
    let start = from
    let sum = 0
    for (let i = from; i < to; i++) {
      const aspect = clampAspect(aspects[i]!)
      const n = i - start
      // Height the row has without this item, and with it.
      const before = n === 0 ? Infinity : (widthPx - gapPx * (n - 1)) / sum
      const after = (widthPx - gapPx * n) / (sum + aspect)
      if (after > zoomPx) sum += aspect
      else if (n > 0 && before - zoomPx < zoomPx - after) {
        push(start, i, before, -1)
        start = i
        sum = aspect
        const alone = widthPx / aspect
        if (alone <= zoomPx) {
          push(i, i + 1, alone, -1)
          start = i + 1
          sum = 0
        }
      } else {
        push(start, i + 1, Math.max(1, after), -1)
        start = i + 1
        sum = 0
      }
    }
    if (start < to) push(start, to, Math.min(zoomPx, (widthPx - gapPx * (to - start - 1)) / sum), -1)
  }
  const laySquare = (from: number, to: number): void => {
    for (let i = from; i < to; i += columns) push(i, Math.min(to, i + columns), squarePx, -1)
  }
  const lay = mode === 'square' ? laySquare : layJustified

  if (sections === null) lay(0, aspects.length)
  else
    sections.forEach(({ start, count, collapsed }, section) => {
      push(start, start, headingPx, section)
      if (!collapsed) lay(start, start + count)
    })
  tops[rows] = y
  return {
    widthPx,
    gapPx,
    rows,
    starts: starts.subarray(0, rows),
    ends: ends.subarray(0, rows),
    tops: tops.subarray(0, rows + 1),
    heights: heights.subarray(0, rows),
    sections: headings.subarray(0, rows),
    aspectOf: mode === 'square' ? () => 1 : (item) => clampAspect(aspects[item] ?? 1),
    heightPx: y,
  }
}

function grow<T extends Int32Array | Float32Array | Float64Array>(old: T, larger: T): T {
  larger.set(old)
  return larger
}

/** The last row that begins at or above a height; 0 for what lies above all. O(log rows). */
export function rowAt({ tops, rows }: Layout, y: number): number {
  return Math.max(0, lastAtMost(tops, rows, y))
}

/** The row an item is in; −1 where its section is collapsed. O(log rows). */
export function rowOfItem({ starts, ends, rows }: Layout, item: number): number {
  const row = lastAtMost(starts, rows, item)
  return row >= 0 && item < ends[row]! ? row : -1
}

/** The last place of a rising array whose value is at most the one given; −1 for none. */
function lastAtMost(values: Int32Array | Float64Array, count: number, value: number): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >> 1
    if (values[middle]! <= value) low = middle + 1
    else high = middle
  }
  return low - 1
}

/** Calls with the place of each item of a row, from left to right. */
export function eachOfRow(layout: Layout, row: number, visit: (item: number, place: Place) => void): void {
  const h = layout.heights[row]!
  const y = layout.tops[row]!
  let x = 0
  for (let item = layout.starts[row]!; item < layout.ends[row]!; item++) {
    const w = Math.min(layout.aspectOf(item) * h, layout.widthPx)
    visit(item, { x, y, w, h })
    x += w + layout.gapPx
  }
}

export function placeOf(layout: Layout, item: number): Place | null {
  const row = rowOfItem(layout, item)
  let found: Place | null = null
  if (row >= 0) eachOfRow(layout, row, (at, place) => void (at === item && (found = place)))
  return found
}

/** The item of a row whose middle is nearest to x; −1 for headings. */
export function nearestOfRow(layout: Layout, row: number, x: number): number {
  let best = -1
  let distance = Infinity
  eachOfRow(layout, row, (item, place) => {
    const away = Math.abs(place.x + place.w / 2 - x)
    if (away < distance) [best, distance] = [item, away]
  })
  return best
}

/** Items that a rectangle touches, in their order. */
export function itemsIn(layout: Layout, { x, y, w, h }: Place): number[] {
  const out: number[] = []
  for (let row = rowAt(layout, y); row < layout.rows && layout.tops[row]! <= y + h; row++) {
    if (layout.tops[row]! + layout.heights[row]! < y) continue
    eachOfRow(layout, row, (item, place) => {
      if (place.x <= x + w && place.x + place.w >= x) out.push(item)
    })
  }
  return out
}

/** The item that arrow keys lead to; null where there is none. */
export function stepItem(layout: Layout, item: number, key: string, pagePx: number): number | null {
  const row = rowOfItem(layout, item)
  const nextShown = (from: number, by: 1 | -1): number | null => {
    for (let r = from; r >= 0 && r < layout.rows; r += by) if (layout.ends[r]! > layout.starts[r]!) return r
    return null
  }
  const first = nextShown(0, 1)
  const last = nextShown(layout.rows - 1, -1)
  if (first === null || last === null) return null
  if (key === 'End') return layout.ends[last]! - 1
  if (row < 0 || key === 'Home') return layout.starts[first]!
  if (key === 'ArrowRight' || key === 'ArrowLeft') {
    const by = key === 'ArrowRight' ? 1 : -1
    if (rowOfItem(layout, item + by) === row) return item + by
    const other = nextShown(row + by, by)
    return other === null ? null : by === 1 ? layout.starts[other]! : layout.ends[other]! - 1
  }
  const down = key === 'ArrowDown' || key === 'PageDown'
  const isPage = key === 'PageDown' || key === 'PageUp'
  if (!isPage && key !== 'ArrowDown' && key !== 'ArrowUp') return null
  const place = placeOf(layout, item)!
  const far = isPage ? rowAt(layout, place.y + (down ? pagePx : -pagePx)) : row + (down ? 1 : -1)
  const from = far === row ? row + (down ? 1 : -1) : far
  const target = nextShown(from, down ? 1 : -1) ?? (down ? last : first)
  return nearestOfRow(layout, target, place.x + place.w / 2)
}
