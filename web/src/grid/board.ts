import { isHurried } from '../shell/haste.ts'
import { getSelection } from '../shell/selection.ts'
import { createHeadings } from './headings.ts'
import { indexIds } from './id-index.ts'
import type { Items } from './items.ts'
import type { LabelCache } from './label-cache.ts'
import { itemsIn, layOut, nearestOfRow, placeOf, rowAt, rowOfItem, type Layout, type Place } from './layout.ts'
import { findAgain, leavePlace, recallPlace, type Anchor } from './places.ts'
import { createOverlays, type OverlayLook } from './overlays.ts'
import { scaleScroll } from './scroll-scale.ts'
import { createTiles } from './tiles.ts'

/** The elements a board draws into: what scrolls, what is as high as the content, and a layer each for tiles and headings. */
export interface BoardElements {
  scroller: HTMLElement
  content: HTMLElement
  tiles: HTMLElement
  headings: HTMLElement
}

export interface Board {
  /** Shows other items. What is first on the screen keeps its place when `key` is as before, or as when it was shown last. */
  setItems(items: Items, key: string): void
  setShape(shape: { zoomPx: number; mode: 'justified' | 'square'; collapsed: ReadonlySet<string> }): void
  /** Keeps what is under a point of the screen in its place for the next changes of shape, until the user scrolls. */
  holdAt(point: { x: number; y: number }): void
  setOverlays(look: OverlayLook, cache: LabelCache | null): void
  labelsArrived(ids: readonly number[]): void
  /** Asks for the labels of what is visible, where they are missing or old. */
  refreshLabels(): void
  showSelection(): void
  items(): Items
  layout(): Layout
  active(): number
  /** Moves the focus ring, and scrolls it into sight. */
  setActive(item: number): void
  /** From the screen to the layout. */
  toLayout(clientX: number, clientY: number): { x: number; y: number }
  itemAt(target: EventTarget | null): number
  itemsIn(area: Place): number[]
  scrollBy(px: number): void
  focus(): void
  pagePx(): number
  close(): void
}

const gapPx = 4
const padPx = 8
const headingPx = 34
/** Rest after which labels and large pictures are asked for. */
const settleMs = 120
/** Scrolling faster than this, in screens between two frames, shows tiles without pictures until it slows down. */
const fastScreens = 0.8
/** A pointer that moved less is still where it was. */
const sameSpotPx = 12

const empty: Items = { ids: new Int32Array(0), aspects: new Float32Array(0), groups: null, objects: null }

/** Virtual tiles over typed arrays: whatever the number of items, only what is on the screen has elements. */
export function createBoard(elements: BoardElements, events: { onToggleGroup: (key: string) => void }): Board {
  const { scroller, content } = elements
  let cache: LabelCache | null = null
  const overlays = createOverlays(() => cache)
  const tiles = createTiles(elements.tiles, {
    onShow: (tile) => {
      overlays.request(tile)
      mark(tile.root, tile.sample, tile.item)
    },
    onFree: (tile) => overlays.clear(tile),
  })
  const headings = createHeadings(elements.headings, events.onToggleGroup)

  let items = empty
  let key = ''
  let shape = { zoomPx: 140, mode: 'justified' as 'justified' | 'square', collapsed: new Set() as ReadonlySet<string> }
  let layout = layOut(empty.aspects, null, { widthPx: 0, gapPx, headingPx, ...shape })
  let viewportPx = 0
  let scale = scaleScroll(0, 0)
  let offset = 0
  /** Scroll offset that this board has set or seen; another one means that the user has scrolled. */
  let seenTop = 0
  /**
   * What keeps its place while the shape changes: what a zoom began at, else what is first. It stays until the user scrolls, so that
   * zooming or resizing back leads back.
   */
  let held: { at: { x: number; y: number } | null; anchor: Anchor | null } | null = null
  let active = -1
  let lastFast = 0
  let settleTimer: ReturnType<typeof setTimeout> | undefined

  const mark = (root: HTMLElement, sample: number, item: number): void => {
    const isSelected = getSelection().ids.has(sample)
    root.setAttribute('aria-selected', String(isSelected))
    root.classList.toggle('is-selected', isSelected)
    root.classList.toggle('is-active', item === active)
    if (item === active) content.setAttribute('aria-activedescendant', root.id)
  }

  const setOffset = (next: number): void => {
    offset = Math.min(Math.max(0, layout.heightPx + 2 * padPx - viewportPx), Math.max(0, next))
    scroller.scrollTop = scale.toElement(offset)
    seenTop = scroller.scrollTop
  }

  const render = (isMoved: boolean): void => {
    const overscanPx = Math.min(viewportPx / 2, shape.zoomPx * 4)
    const from = layout.rows === 0 ? 0 : rowAt(layout, offset - padPx - overscanPx)
    const bottom = offset - padPx + viewportPx + overscanPx
    let to = from
    while (to < layout.rows && layout.tops[to]! <= bottom) to++
    // Heights beyond what browsers can place are drawn near a row of the screen instead.
    const originPx = scale.isScaled ? Math.floor((layout.tops[from] ?? 0) / 100_000) * 100_000 : 0
    const shiftPx = scale.isScaled ? seenTop - offset + originPx + padPx : padPx
    elements.tiles.style.transform = `translateY(${shiftPx}px)`
    elements.headings.style.transform = `translateY(${shiftPx}px)`
    tiles.show({ layout, items, from, to, originPx, isMoved: isMoved || originPx !== lastOrigin })
    lastOrigin = originPx
    if (items.groups === null) headings.clear()
    else headings.show({ layout, groups: items.groups, collapsed: shape.collapsed, from, to, originPx })
    if (active < 0 || tiles.of(active) === undefined) content.removeAttribute('aria-activedescendant')
    if (!isHurried() && performance.now() - lastFast > settleMs) tiles.loadPictures()
    clearTimeout(settleTimer)
    settleTimer = setTimeout(settle, settleMs)
  }
  let lastOrigin = 0

  const settle = (): void => {
    if (isHurried()) {
      settleTimer = setTimeout(settle, settleMs)
      return
    }
    tiles.loadPictures()
    tiles.sharpen()
    // Meanwhile the style sheet has stretched what was drawn.
    for (const tile of tiles.all()) if (!overlays.fits(tile)) overlays.request(tile)
    remember()
    if (items.objects === null) askForLabels()
  }

  const askForLabels = (): void => {
    if (overlaysOn) cache?.want(Array.from(tiles.all(), ({ sample }) => sample))
  }
  let overlaysOn = false

  const onScroll = (): void => {
    const top = scroller.scrollTop
    if (Math.abs(top - seenTop) < 1) return
    const before = offset
    seenTop = top
    offset = scale.toContent(top)
    held = null
    if (Math.abs(offset - before) > viewportPx * fastScreens) lastFast = performance.now()
    render(false)
  }

  const onWheel = (event: WheelEvent): void => {
    // A scaled scroll bar would leap over screens with each turn of the wheel.
    if (event.ctrlKey || event.metaKey || event.shiftKey || !scale.isScaled || event.defaultPrevented) return
    event.preventDefault()
    const unit = event.deltaMode === 1 ? 40 : event.deltaMode === 2 ? viewportPx : 1
    held = null
    setOffset(offset + event.deltaY * unit)
    render(false)
  }

  const anchorAt = (x: number, viewportY: number): Anchor | null => {
    if (layout.rows === 0) return null
    const y = offset - padPx + viewportY
    let row = rowAt(layout, y)
    while (row < layout.rows && layout.starts[row] === layout.ends[row]) row++
    if (row >= layout.rows) return null
    const item = nearestOfRow(layout, row, x)
    const share = (y - layout.tops[row]!) / layout.heights[row]!
    return { sample: items.ids[item]!, item, share, viewportY }
  }

  /** Lays out anew and keeps an item where it was; the very start stays the start. */
  const relay = (anchor: Anchor | null, item: number): void => {
    const widthPx = Math.max(0, scroller.clientWidth - 2 * padPx)
    viewportPx = scroller.clientHeight
    const sections = items.groups?.map(({ start, count, key: name }) => ({
      start,
      count,
      collapsed: shape.collapsed.has(name),
    }))
    layout = layOut(items.aspects, sections ?? null, { widthPx, gapPx, headingPx, ...shape })
    const heightPx = layout.heightPx + 2 * padPx
    scale = scaleScroll(heightPx, viewportPx)
    content.style.height = `${Math.max(scale.elementPx, viewportPx)}px`
    const row = anchor === null ? -1 : rowOfItem(layout, item)
    if (anchor === null) setOffset(0)
    else if (row < 0) setOffset(offset)
    else setOffset(layout.tops[row]! + anchor.share * layout.heights[row]! + padPx - anchor.viewportY)
    render(true)
  }

  const holdAnchor = (): Anchor | null => {
    held ??= { at: null, anchor: offset < padPx + 1 ? null : anchorAt(0, 0) }
    return held.anchor
  }

  const remember = (): void => {
    if (key !== '') leavePlace(key, offset < padPx + 1 ? null : anchorAt(0, 0))
  }

  const resized = new ResizeObserver(() => {
    if (scroller.clientWidth === 0) return
    if (scroller.clientWidth - 2 * padPx === layout.widthPx && scroller.clientHeight === viewportPx) return
    const anchor = holdAnchor()
    relay(anchor, anchor?.item ?? -1)
  })
  resized.observe(scroller)
  scroller.addEventListener('scroll', onScroll, { passive: true })
  scroller.addEventListener('wheel', onWheel, { passive: false })

  const reveal = (item: number): void => {
    const place = placeOf(layout, item)
    if (place === null) return
    const top = place.y + padPx
    if (top - padPx < offset) setOffset(top - padPx)
    else if (top + place.h + padPx > offset + viewportPx) setOffset(top + place.h + padPx - viewportPx)
    else return
    held = null
    render(false)
  }

  return {
    setItems(next, nextKey) {
      const old = items
      const isSame = nextKey === key
      const anchor = isSame ? holdAnchor() : recallPlace(nextKey)
      const oldActive = active < 0 ? -1 : old.ids[active]!
      items = next
      key = nextKey
      held = null
      const find = indexIds(next.ids)
      // With labels as items a sample has several; while their list only grows, each keeps its number.
      const isGrown = isSame && anchor !== null && next.ids[anchor.item] === anchor.sample
      active = oldActive < 0 ? -1 : next.ids[active] === oldActive ? active : find(oldActive)
      const isAlike = isSame && (old.objects === null) === (next.objects === null)
      tiles.rebind(next, ({ sample, item }) => {
        if (!isAlike) return -1
        if (next.ids[item] === sample) return item
        return next.objects === null ? find(sample) : -1
      })
      for (const tile of tiles.all()) {
        overlays.request(tile)
        mark(tile.root, tile.sample, tile.item)
      }
      if (anchor === null) relay(null, -1)
      else {
        const item = isGrown ? anchor.item : findAgain(anchor, isSame ? old.ids : next.ids, { ids: next.ids, find })
        relay(anchor, item)
        if (next.ids[item] === anchor.sample) held = { at: null, anchor: { ...anchor, item } }
      }
    },
    setShape(next) {
      if (next.zoomPx === shape.zoomPx && next.mode === shape.mode && next.collapsed === shape.collapsed) return
      const anchor = next.collapsed === shape.collapsed ? holdAnchor() : null
      const keptOffset = offset
      shape = next
      relay(anchor, anchor?.item ?? -1)
      if (anchor === null && keptOffset > padPx) {
        setOffset(keptOffset)
        render(false)
      }
    },
    holdAt({ x, y }) {
      if (held?.at != null && Math.hypot(held.at.x - x, held.at.y - y) < sameSpotPx) return
      const box = scroller.getBoundingClientRect()
      held = { at: { x, y }, anchor: anchorAt(x - box.left - padPx, y - box.top) }
    },
    setOverlays(look, nextCache) {
      cache = nextCache
      overlaysOn = look.isOn
      overlays.setLook(look)
      for (const tile of tiles.all()) overlays.request(tile)
      if (items.objects === null) askForLabels()
    },
    labelsArrived(ids) {
      const arrived = new Set(ids)
      for (const tile of tiles.all()) if (arrived.has(tile.sample)) overlays.request(tile)
    },
    refreshLabels: () => {
      if (items.objects === null) askForLabels()
    },
    showSelection() {
      for (const { root, sample, item } of tiles.all()) mark(root, sample, item)
    },
    items: () => items,
    layout: () => layout,
    active: () => active,
    setActive(item) {
      active = item
      reveal(item)
      for (const { root, sample, item: other } of tiles.all()) mark(root, sample, other)
    },
    toLayout(clientX, clientY) {
      const box = scroller.getBoundingClientRect()
      return { x: clientX - box.left - padPx, y: clientY - box.top + offset - padPx }
    },
    itemAt(target) {
      const root = target instanceof Element ? target.closest('.grid-tile') : null
      if (root === null) return -1
      for (const tile of tiles.all()) if (tile.root === root) return tile.item
      return -1
    },
    itemsIn: (area) => itemsIn(layout, area),
    scrollBy(px) {
      held = null
      setOffset(offset + px)
      render(false)
    },
    focus: () => content.focus({ preventScroll: true }),
    pagePx: () => viewportPx,
    close() {
      remember()
      clearTimeout(settleTimer)
      resized.disconnect()
      scroller.removeEventListener('scroll', onScroll)
      scroller.removeEventListener('wheel', onWheel)
      overlays.close()
      tiles.close()
      headings.clear()
    },
  }
}
