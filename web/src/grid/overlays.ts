import { isHurried } from '../shell/haste.ts'
import { drawLabels, type DrawOptions, type LabelLayer } from '../labels/draw.ts'
import type { LabelCache } from './label-cache.ts'
import { placePicture, type Tile } from './tiles.ts'

export interface OverlayLook extends Pick<DrawOptions, 'layers' | 'colourOf'> {
  isOn: boolean
}

export interface Overlays {
  setLook(look: OverlayLook): void
  /** Draws the labels of a tile soon; what is drawn on it vanishes at once when the tile shows another item. */
  request(tile: Tile): void
  clear(tile: Tile): void
  /** Whether what is drawn on a tile has the tile's size. */
  fits(tile: Tile): boolean
  close(): void
}

const budgetMs = 5
/** Between looks whether there is time again, ms. */
const hasteMs = 60
/** Names are written on tiles from this height, px. */
const namedFromPx = 110

/** Draws labels over tiles, some each frame, so that scrolling is not held up. */
export function createOverlays(labels: () => LabelCache | null): Overlays {
  const waiting = new Set<Tile>()
  let look: OverlayLook = { isOn: false, layers: null, colourOf: () => '#888888' }
  let frame = 0
  let timer: ReturnType<typeof setTimeout> | undefined

  const plan = (): void => {
    timer = undefined
    if (isHurried()) timer = setTimeout(plan, hasteMs)
    else frame = requestAnimationFrame(drawSome)
  }

  const drawSome = (now: number): void => {
    frame = 0
    for (const tile of waiting) {
      waiting.delete(tile)
      if (tile.item >= 0) draw(tile)
      if (performance.now() - now > budgetMs) break
    }
    if (waiting.size > 0) plan()
  }

  const draw = (tile: Tile): void => {
    const shown = look.isOn ? layersOf(tile) : null
    if (shown === null || shown.layers.every(({ labels: all }) => all.length === 0)) return erase(tile)
    const { w, h } = tile.place
    const ratio = devicePixelRatio
    const canvas = (tile.canvas ??= addCanvas(tile))
    const [width, height] = [Math.round(w * ratio), Math.round(h * ratio)]
    const context = canvas.getContext('2d')
    if (context === null) return
    if (canvas.width === width && canvas.height === height) context.clearRect(0, 0, width, height)
    else {
      canvas.width = width
      canvas.height = height
    }
    drawLabels(
      context,
      shown.layers,
      { scale: shown.scale * ratio, x: shown.x * ratio, y: shown.y * ratio },
      {
        layers: look.layers,
        colourOf: look.colourOf,
        opacity: 0.4,
        minScore: 0,
        lineWidth: (h < 80 ? 1 : 1.75) * ratio,
        ...(h >= namedFromPx && tile.object === null ? { namesPx: 10 * ratio } : {}),
      },
    )
    canvas.hidden = false
  }

  const layersOf = (tile: Tile): { layers: readonly LabelLayer[]; scale: number; x: number; y: number } | null => {
    if (tile.object !== null) {
      const { layer, label } = tile.object
      return { layers: [{ layer, labels: [label] }], ...placePicture(tile) }
    }
    const found = labels()?.get(tile.sample) ?? null
    if (found === null) return null
    // As the style sheet does with `object-fit: contain`.
    const { w, h } = tile.place
    const scale = Math.min(w / found.width, h / found.height)
    return { layers: found.layers, scale, x: (w - found.width * scale) / 2, y: (h - found.height * scale) / 2 }
  }

  return {
    setLook(next) {
      look = next
    },
    request(tile) {
      waiting.add(tile)
      if (frame === 0 && timer === undefined) plan()
    },
    clear: erase,
    fits: ({ canvas, place }) =>
      canvas === null ||
      canvas.hidden !== false ||
      (canvas.width === Math.round(place.w * devicePixelRatio) &&
        canvas.height === Math.round(place.h * devicePixelRatio)),
    close() {
      cancelAnimationFrame(frame)
      clearTimeout(timer)
      waiting.clear()
    },
  }
}

function addCanvas({ picture }: Tile): HTMLCanvasElement {
  const canvas = document.createElement('canvas')
  canvas.className = 'grid-labels'
  picture.after(canvas)
  return canvas
}

function erase({ canvas }: Tile): void {
  if (canvas !== null) canvas.hidden = true
}
