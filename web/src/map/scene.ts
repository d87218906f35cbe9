import { boundsOf, fitCamera, lookOfPoints, panCamera, toMap, zoomCamera, type Camera, type Size } from './camera.ts'
import { adaptCapacity } from './capacity.ts'
import { isFound, isHidden, orderPoints, type DrawOrder } from './flags.ts'
import { indexPlaces, type GridIndex } from './grid-index.ts'
import { pointsInside } from './lasso.ts'
import { drawOverlay, type OverlayContent, type OverlayLook } from './overlay.ts'
import { create2dRenderer } from './renderer-2d.ts'
import { createGlRenderer } from './renderer-gl.ts'
import type { PointRenderer, Rgb } from './renderer.ts'

export interface Scene {
  kind: PointRenderer['kind']
  setPlaces(places: Float32Array): void
  setCodes(codes: Uint8Array): void
  setTable(table: Uint8Array): void
  setFlags(flags: Uint8Array): void
  setOverlay(change: Partial<OverlayContent>): void
  /** Reads the colours of the page again. */
  setTheme(): void
  resize(size: Size): void
  camera(): Camera
  /** Where a point lies. */
  placeOf(point: number): { x: number; y: number }
  pan(dxPx: number, dyPx: number): void
  /** About a place on the screen; about the middle when left out. */
  zoom(factor: number, at?: { x: number; y: number }): void
  fit(): void
  /** The nearest point of the query within some px; −1 for none. */
  pick(xPx: number, yPx: number, radiusPx?: number): number
  /** Points of the query inside a line on the screen, x, y after x, y. */
  pickInside(linePx: readonly number[]): Int32Array
  close(): void
}

const mostZoom = 4_000
const leastZoom = 0.2
/** After this long without moving, everything is drawn. */
const restMs = 120
/** The first picture goes before the index that hovering needs. */
const indexAfterMs = 400
/**
 * The map on two canvases: points below, lines and names above. Draws when something has changed, once a frame. Where the machine is
 * too slow to draw all points while moving, an evenly spread part of them stands for all until it rests. Undefined when the browser
 * has no such way to draw.
 */
export function createScene(
  points: HTMLCanvasElement,
  overlay: HTMLCanvasElement,
  kind: PointRenderer['kind'],
): Scene | undefined {
  const made = kind === 'webgl2' ? createGlRenderer(points) : create2dRenderer(points)
  if (made === undefined) return undefined
  const renderer = made
  let places: Float32Array = new Float32Array(0)
  let flags: Uint8Array = new Uint8Array(0)
  let order: DrawOrder = orderPoints(flags)
  let index: GridIndex | undefined
  let bounds = boundsOf(places)
  let size: Size = { width: 0, height: 0 }
  let camera = fitCamera(bounds, size)
  let isFitted = true
  let content: OverlayContent = { contours: [], names: [], groups: [], lasso: [], hovered: null, hasCrosshair: false }
  let look = readLook(overlay)

  let frame = 0
  let areStale = true
  let restTimer: ReturnType<typeof setTimeout> | undefined
  let indexTimer: ReturnType<typeof setTimeout> | undefined
  let isMoving = false
  let capacity = Infinity
  let tick = 0

  const draw = (): void => {
    frame = 0
    if (size.width === 0 || size.height === 0) return
    const ratio = Math.min(2, devicePixelRatio)
    const { sizePx, alpha } = lookOfPoints(order.outside + order.inside, bounds, camera)
    if (areStale) {
      const all = order.points.length
      const share = isMoving && all > capacity ? capacity / all : 1
      const began = performance.now()
      renderer.draw({ camera, size, ratio, sizePx, alpha, share, ink: look.ink, back: look.back })
      // Until the next frame can begin, the browser and the graphics are busy with this one.
      tick ||= requestAnimationFrame(() => {
        tick = 0
        capacity = adaptCapacity(capacity, Math.round(all * share), performance.now() - began)
      })
      areStale = false
    }
    drawOverlay(overlay, content, { camera, size, ratio, sizePx }, look.overlay)
    if (!isMoving) return
    clearTimeout(restTimer)
    restTimer = setTimeout(() => {
      isMoving = false
      if (order.points.length > capacity) request(true)
    }, restMs)
  }
  const request = (alsoPoints: boolean): void => {
    areStale ||= alsoPoints
    frame ||= requestAnimationFrame(draw)
  }
  const move = (next: Camera): void => {
    camera = next
    isFitted = false
    isMoving = true
    clearTimeout(restTimer)
    request(true)
  }
  const isPickable = (point: number): boolean => ((flags[point] ?? 0) & (isFound | isHidden)) === isFound
  const limits = (): { least: number; most: number } => {
    const fitted = fitCamera(bounds, size).scale
    return { least: fitted * leastZoom, most: fitted * mostZoom }
  }

  return {
    kind: renderer.kind,
    setPlaces(next) {
      places = next
      bounds = boundsOf(next)
      index = undefined
      clearTimeout(indexTimer)
      indexTimer = setTimeout(() => void (index ??= indexPlaces(places)), indexAfterMs)
      renderer.setPlaces(next)
      if (isFitted) camera = fitCamera(bounds, size)
      request(true)
    },
    setCodes(codes) {
      renderer.setCodes(codes)
      request(true)
    },
    setTable(table) {
      renderer.setTable(table)
      request(true)
    },
    setFlags(next) {
      flags = next
      order = orderPoints(next)
      renderer.setOrder(order)
      request(true)
    },
    setOverlay(change) {
      content = { ...content, ...change }
      request(false)
    },
    setTheme() {
      look = readLook(overlay)
      request(true)
    },
    resize(next) {
      size = next
      if (isFitted) camera = fitCamera(bounds, size)
      request(true)
    },
    camera: () => camera,
    placeOf: (point) => ({ x: places[2 * point]!, y: places[2 * point + 1]! }),
    pan: (dxPx, dyPx) => move(panCamera(camera, dxPx, dyPx)),
    zoom: (factor, at) =>
      move(zoomCamera(camera, size, factor, at ?? { x: size.width / 2, y: size.height / 2 }, limits())),
    fit() {
      move(fitCamera(bounds, size))
      isFitted = true
    },
    pick(xPx, yPx, radiusPx = 10) {
      index ??= indexPlaces(places)
      const at = toMap(camera, size, xPx, yPx)
      return index.nearest(at.x, at.y, radiusPx / camera.scale, isPickable)
    },
    pickInside(linePx) {
      const line = new Float32Array(linePx.length)
      for (let i = 0; i < linePx.length; i += 2) {
        const at = toMap(camera, size, linePx[i]!, linePx[i + 1]!)
        line[i] = at.x
        line[i + 1] = at.y
      }
      return pointsInside(places, line, isPickable)
    },
    close() {
      cancelAnimationFrame(frame)
      cancelAnimationFrame(tick)
      clearTimeout(restTimer)
      clearTimeout(indexTimer)
      renderer.close()
    },
  }
}

/** The page's colours, from what the style sheet gives the overlay: text, background (border) and accent (outline). */
function readLook(overlay: HTMLCanvasElement): { overlay: OverlayLook; ink: Rgb; back: Rgb } {
  const style = getComputedStyle(overlay)
  return {
    overlay: {
      text: style.color,
      back: style.borderTopColor,
      accent: style.outlineColor,
      font: `600 12px ${style.fontFamily}`,
    },
    ink: readRgb(style.color),
    back: readRgb(style.borderTopColor),
  }
}

function readRgb(colour: string): Rgb {
  const [r = 0, g = 0, b = 0] = (colour.match(/[\d.]+/g) ?? []).map((part) => Number(part) / 255)
  return [r, g, b]
}
