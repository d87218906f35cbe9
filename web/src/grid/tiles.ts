import { mediaUrl, thumbUrl } from '../api/client.ts'
import type { Items, ObjectItem } from './items.ts'
import { eachOfRow, rowOfItem, type Layout, type Place } from './layout.ts'

/** An element that shows one item after another. */
export interface Tile {
  root: HTMLDivElement
  picture: HTMLImageElement
  canvas: HTMLCanvasElement | null
  item: number
  sample: number
  object: ObjectItem | null
  place: Place
}

export interface Tiles {
  /** Shows the items of some rows; `isMoved` places those again that were there. */
  show(options: { layout: Layout; items: Items; from: number; to: number; originPx: number; isMoved: boolean }): void
  /** Pictures are asked for at once, or only when the scrolling rests. */
  loadPictures(): void
  /** Replaces thumbnails that are drawn larger than they are by the pictures themselves. */
  sharpen(): void
  all(): Iterable<Tile>
  of(item: number): Tile | undefined
  /**
   * Gives the tiles their places among other items, so that what is shown on stays as it is; -1 from `find` frees a tile. Pictures
   * that failed are asked for again.
   */
  rebind(items: Items, find: (tile: Tile) => number): void
  close(): void
}

/** Longest side of the server's thumbnails, px. */
const thumbPx = 256
/** Pictures beyond this are not loaded into tiles, Mpx. */
const mostMegapixels = 16
const mostFailures = 20_000

/** Keeps a pool of tiles in `host`; elements are made only when more are visible than ever before. */
export function createTiles(
  host: HTMLElement,
  events: { onShow: (tile: Tile) => void; onFree: (tile: Tile) => void },
): Tiles {
  const live = new Map<number, Tile>()
  const free: Tile[] = []
  const failed = new Set<number>()
  let made = 0

  const make = (): Tile => {
    const root = document.createElement('div')
    root.className = 'grid-tile'
    root.id = `grid-tile-${made++}`
    root.setAttribute('role', 'option')
    const picture = document.createElement('img')
    picture.loading = 'eager'
    picture.decoding = 'async'
    picture.alt = ''
    picture.draggable = false
    const check = document.createElement('span')
    check.className = 'grid-check'
    root.append(picture, check)
    const tile: Tile = {
      root,
      picture,
      canvas: null,
      item: -1,
      sample: -1,
      object: null,
      place: { x: 0, y: 0, w: 0, h: 0 },
    }
    picture.addEventListener('load', () => root.classList.add('is-loaded'))
    picture.addEventListener('error', () => {
      if (tile.item < 0 || !picture.hasAttribute('src')) return
      if (failed.size >= mostFailures) failed.clear()
      failed.add(tile.sample)
      root.classList.add('is-failed')
      name(tile, Number(root.getAttribute('aria-setsize')))
    })
    return tile
  }

  const name = (tile: Tile, count: number): void => {
    const { root, sample, object, item } = tile
    const what = object === null ? `s_${sample}` : `${object.label.class}, s_${sample}`
    root.setAttribute('aria-label', root.classList.contains('is-failed') ? `${what}, picture cannot be shown` : what)
    root.title = what
    root.setAttribute('aria-posinset', String(item + 1))
    root.setAttribute('aria-setsize', String(count))
  }

  const release = (tile: Tile): void => {
    live.delete(tile.item)
    tile.item = -1
    tile.object = null
    // Without a source the browser drops the request.
    tile.picture.removeAttribute('src')
    tile.root.className = 'grid-tile'
    tile.root.hidden = true
    tile.root.removeAttribute('aria-selected')
    events.onFree(tile)
    free.push(tile)
  }

  const put = (tile: Tile, place: Place, originPx: number): void => {
    const { style } = tile.root
    tile.place = place
    style.left = `${place.x}px`
    style.top = `${place.y - originPx}px`
    style.width = `${place.w}px`
    style.height = `${place.h}px`
    tile.root.classList.toggle('is-small', place.h < 60 || place.w < 60)
    tile.root.classList.toggle('is-narrow', place.h < 60 || place.w < 90)
    if (tile.object !== null) {
      const at = placePicture(tile)
      const shown = tile.picture.style
      shown.left = `${at.x}px`
      shown.top = `${at.y}px`
      shown.width = `${tile.object.width * at.scale}px`
      shown.height = `${tile.object.height * at.scale}px`
    } else if (tile.picture.style.length > 0) tile.picture.removeAttribute('style')
  }

  return {
    show({ layout, items, from, to, originPx, isMoved }) {
      for (const tile of live.values()) {
        const row = rowOfItem(layout, tile.item)
        if (row < from || row >= to) release(tile)
      }
      for (let row = from; row < to; row++)
        eachOfRow(layout, row, (item, place) => {
          const old = live.get(item)
          if (old !== undefined) {
            if (isMoved) put(old, place, originPx)
            return
          }
          const tile = free.pop() ?? make()
          tile.item = item
          tile.sample = items.ids[item]!
          tile.object = items.objects?.[item] ?? null
          live.set(item, tile)
          tile.root.hidden = false
          tile.root.classList.toggle('is-failed', failed.has(tile.sample))
          name(tile, items.ids.length)
          put(tile, place, originPx)
          if (tile.root.parentNode === null) host.append(tile.root)
          events.onShow(tile)
        })
    },
    loadPictures() {
      for (const tile of live.values())
        if (!tile.picture.hasAttribute('src') && !failed.has(tile.sample)) tile.picture.src = thumbUrl(tile.sample)
    },
    sharpen() {
      for (const tile of live.values()) if (tile.root.classList.contains('is-loaded')) sharpenTile(tile)
    },
    all: () => live.values(),
    of: (item) => live.get(item),
    rebind(items, find) {
      failed.clear()
      const old = [...live.values()]
      const places = old.map((tile) => (tile.root.classList.contains('is-failed') ? -1 : find(tile)))
      for (const [i, tile] of old.entries()) if (places[i]! < 0) release(tile)
      live.clear()
      for (const [i, tile] of old.entries()) {
        const item = places[i]!
        if (item < 0) continue
        tile.item = item
        tile.object = items.objects?.[item] ?? null
        live.set(item, tile)
        name(tile, items.ids.length)
      }
    },
    close() {
      for (const tile of live.values()) tile.picture.removeAttribute('src')
      live.clear()
      host.replaceChildren()
    },
  }
}

/** Where the whole picture of an object's tile lies, so that its crop fills the tile. */
export function placePicture({ object, place }: Tile): { x: number; y: number; scale: number } {
  const crop = object!.crop
  const scale = Math.min(place.w / crop.w, place.h / crop.h)
  return {
    scale,
    x: place.w / 2 - (crop.x + crop.w / 2) * scale,
    y: place.h / 2 - (crop.y + crop.h / 2) * scale,
  }
}

function sharpenTile(tile: Tile): void {
  const { sample, object, place, picture } = tile
  const drawnPx =
    (object === null ? Math.max(place.w, place.h) : placePicture(tile).scale * Math.max(object.width, object.height)) *
    devicePixelRatio
  const large = mediaUrl(sample)
  const isLarge = object !== null && object.width * object.height > mostMegapixels * 1e6
  if (drawnPx < thumbPx * 1.6 || isLarge || picture.getAttribute('src') === large) return
  if (picture.dataset['refused'] === large) return
  const made = new Image()
  made.src = large
  // A picture that the browser cannot show stays a thumbnail.
  made.decode().then(
    () => {
      if (tile.sample === sample && picture.hasAttribute('src')) picture.src = large
    },
    () => void (picture.dataset['refused'] = large),
  )
}
