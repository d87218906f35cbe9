import { maskPart, reduceSize, sampleMask, type MaskGeometry, type PlacedLabel } from './masks.ts'

export type { PlacedLabel } from './masks.ts'

export interface LabelLayer {
  layer: string
  labels: readonly PlacedLabel[]
}

/** Where the picture lies on the canvas: a pixel (px, py) of it is at (x + px·scale, y + py·scale). */
export interface PicturePlace {
  scale: number
  x: number
  y: number
}

export interface DrawOptions {
  /** Names of the layers that are drawn; null for all. */
  layers: readonly string[] | null
  /** Of filled areas, 0..1. */
  opacity: number
  /** Labels with a lower score are left out; those without a score are always drawn. */
  minScore: number
  colourOf: (name: string | null) => string
  /** Width of lines in units of the canvas. */
  lineWidth?: number
  /** Height of the class names in units of the canvas; left out, no names are written. */
  namesPx?: number
  /** Ids of labels that are drawn stronger, the others weaker. */
  stressed?: ReadonlySet<string> | null
}

/** Whether the options let a label be drawn. */
export function isDrawn(layer: string, label: PlacedLabel, options: Pick<DrawOptions, 'layers' | 'minScore'>): boolean {
  if (options.layers !== null && !options.layers.includes(layer)) return false
  return label.score === null || label.score >= options.minScore
}

/**
 * Draws the labels of one picture: areas first, then lines, then names, so that nothing hides a name. Truth is drawn with whole
 * lines, every other layer with broken ones.
 */
export function drawLabels(
  context: CanvasRenderingContext2D,
  layers: readonly LabelLayer[],
  place: PicturePlace,
  options: DrawOptions,
): void {
  const shown = layers.flatMap(({ layer, labels }) =>
    labels.flatMap((label) => (isDrawn(layer, label, options) ? [{ layer, label }] : [])),
  )
  const line = options.lineWidth ?? 1.5
  const alphaOf = (label: PlacedLabel): number =>
    options.stressed == null || options.stressed.size === 0 || options.stressed.has(label.id) ? 1 : 0.35
  context.save()
  context.lineJoin = 'round'
  for (const { label } of shown) {
    context.globalAlpha = options.opacity * alphaOf(label)
    fillArea(context, label, place, options.colourOf(label.class))
  }
  for (const { layer, label } of shown) {
    context.globalAlpha = alphaOf(label)
    context.lineWidth = options.stressed?.has(label.id) === true ? line * 2 : line
    context.setLineDash(layer === 'truth' ? [] : [line * 3, line * 2])
    strokeLabel(context, label, place, options.colourOf(label.class))
  }
  context.setLineDash([])
  if (options.namesPx !== undefined) writeNames(context, shown, place, options, options.namesPx, alphaOf)
  context.restore()
}

function fillArea(
  context: CanvasRenderingContext2D,
  { geometry, box }: PlacedLabel,
  place: PicturePlace,
  colour: string,
): void {
  if (geometry?.type === 'polygon') {
    context.fillStyle = colour
    for (const rings of geometry.parts) {
      context.beginPath()
      for (const ring of rings) tracePath(context, ring, place, true)
      context.fill('evenodd')
    }
  } else if (geometry?.type === 'mask') {
    const part = maskPart(geometry, box)
    const made = paintMask(geometry, box, colour, place.scale)
    context.imageSmoothingEnabled = place.scale < 1
    context.drawImage(
      made,
      place.x + part.x * place.scale,
      place.y + part.y * place.scale,
      part.w * place.scale,
      part.h * place.scale,
    )
  }
}

function strokeLabel(
  context: CanvasRenderingContext2D,
  { geometry, box, attributes }: PlacedLabel,
  place: PicturePlace,
  colour: string,
): void {
  context.strokeStyle = colour
  if (geometry === null) {
    if (box !== null) strokeBox(context, box, Number(attributes['rotation'] ?? 0), place)
    return
  }
  switch (geometry.type) {
    case 'polygon':
      context.beginPath()
      for (const rings of geometry.parts) for (const ring of rings) tracePath(context, ring, place, true)
      context.stroke()
      break
    case 'polyline':
      context.beginPath()
      for (const path of geometry.paths) tracePath(context, path, place, false)
      context.stroke()
      break
    case 'keypoints':
      drawPoints(context, geometry.points, place, colour)
      break
    case 'mask':
      break
  }
}

function strokeBox(
  context: CanvasRenderingContext2D,
  box: NonNullable<PlacedLabel['box']>,
  rotationDegrees: number,
  { scale, x, y }: PicturePlace,
): void {
  const [w, h] = [box.w * scale, box.h * scale]
  if (!Number.isFinite(rotationDegrees) || rotationDegrees === 0) {
    context.strokeRect(x + box.x * scale, y + box.y * scale, w, h)
    return
  }
  context.save()
  context.translate(x + (box.x + box.w / 2) * scale, y + (box.y + box.h / 2) * scale)
  context.rotate((rotationDegrees * Math.PI) / 180)
  context.strokeRect(-w / 2, -h / 2, w, h)
  context.restore()
}

/** Visible points are filled, hidden ones are rings, unlabelled ones are left out (COCO's v). */
function drawPoints(
  context: CanvasRenderingContext2D,
  points: readonly (readonly [number, number, number])[],
  { scale, x, y }: PicturePlace,
  colour: string,
): void {
  const radius = context.lineWidth * 1.75
  context.setLineDash([])
  context.fillStyle = colour
  for (const [px, py, v] of points) {
    if (v === 0) continue
    context.beginPath()
    context.arc(x + px * scale, y + py * scale, radius, 0, 2 * Math.PI)
    if (v === 1) context.stroke()
    else context.fill()
  }
}

function tracePath(
  context: CanvasRenderingContext2D,
  path: readonly number[],
  { scale, x, y }: PicturePlace,
  close: boolean,
): void {
  for (let i = 0; i + 1 < path.length; i += 2) {
    const [px, py] = [x + path[i]! * scale, y + path[i + 1]! * scale]
    if (i === 0) context.moveTo(px, py)
    else context.lineTo(px, py)
  }
  if (close) context.closePath()
}

/** On canvases lower or narrower than this many names, names would cover what they name. */
const roomyLines = 18

/**
 * Names over the upper left corner of what they name; those of whole pictures one under another in the picture's corner. Small
 * canvases have none, unless nothing else is drawn there.
 */
function writeNames(
  context: CanvasRenderingContext2D,
  shown: readonly { layer: string; label: PlacedLabel }[],
  place: PicturePlace,
  options: DrawOptions,
  heightPx: number,
  alphaOf: (label: PlacedLabel) => number,
): void {
  const { width, height } = context.canvas
  const isSmall = Math.min(width, height) < heightPx * roomyLines
  if (isSmall && shown.some(({ label }) => label.box !== null)) return
  context.font = `600 ${heightPx}px system-ui, sans-serif`
  context.textBaseline = 'middle'
  const high = heightPx * 1.4
  const taken: Span[] = []
  let corner = Math.max(0, place.y)
  for (const { label } of shown) {
    const colour = options.colourOf(label.class)
    const text = label.score === null ? label.class : `${label.class} ${label.score.toFixed(2)}`
    const wide = context.measureText(text).width + heightPx * 0.6
    let left = Math.max(0, place.x)
    let top = corner
    if (label.box === null) corner += high + 1
    else {
      left = place.x + label.box.x * place.scale
      top = Math.max(0, place.y + label.box.y * place.scale - high)
    }
    const span = findRoom({ left, top, right: left + wide, bottom: top + high }, taken)
    if (taken.length < mostApart) taken.push(span)
    context.globalAlpha = alphaOf(label)
    context.fillStyle = colour
    context.fillRect(span.left, span.top, wide, high)
    context.fillStyle = textColourOn(colour)
    context.fillText(text, span.left + heightPx * 0.3, span.top + high / 2)
  }
}

interface Span {
  left: number
  top: number
  right: number
  bottom: number
}
/** Names that others keep off; more than these are not read one by one anyway. */
const mostApart = 200

/** Where a name covers none that stands already: in its place, to the right of the one in its way, or in its place after all. */
function findRoom(wanted: Span, taken: readonly Span[]): Span {
  const { left: from, top, right, bottom } = wanted
  const wide = right - from
  let left = from
  for (let tries = 0; tries < 4; tries++) {
    const to = left + wide
    const inWay = taken.find((o) => o.left < to && o.right > left && o.top < bottom && o.bottom > top)
    if (inWay === undefined) return { left, top, right: to, bottom }
    left = inWay.right + 1
  }
  return wanted
}

/** Black or white, whichever contrasts more (WCAG 2.2, relative luminance). */
export function textColourOn(colour: string): '#000000' | '#ffffff' {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1]
  if (hex === undefined) return '#000000'
  const [r, g, b] = [0, 2, 4].map((at) => {
    const c = parseInt(hex.slice(at, at + 2), 16) / 255
    return c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4
  })
  const luminance = 0.2126 * r! + 0.7152 * g! + 0.0722 * b!
  return (luminance + 0.05) / 0.05 >= 1.05 / (luminance + 0.05) ? '#000000' : '#ffffff'
}

interface PaintedMask {
  width: number
  height: number
  colour: string
  canvas: HTMLCanvasElement
}
/** The last painting of each mask that is still held by somebody. */
const painted = new WeakMap<MaskGeometry, PaintedMask>()

/** A mask's part inside its bounds as a picture in one colour. */
function paintMask(mask: MaskGeometry, box: PlacedLabel['box'], colour: string, scale: number): HTMLCanvasElement {
  const part = maskPart(mask, box)
  const width = reduceSize(part.w, part.w * scale)
  const height = reduceSize(part.h, part.h * scale)
  const old = painted.get(mask)
  if (old !== undefined && old.width === width && old.height === height && old.colour === colour) return old.canvas
  const canvas = document.createElement('canvas')
  canvas.width = width
  canvas.height = height
  const context = canvas.getContext('2d')
  if (context !== null) {
    const pixels = sampleMask(mask, part, width, height)
    const image = context.createImageData(width, height)
    const alpha = image.data
    for (let i = 0; i < pixels.length; i++) alpha[i * 4 + 3] = pixels[i]! * 255
    context.putImageData(image, 0, 0)
    context.globalCompositeOperation = 'source-in'
    context.fillStyle = colour
    context.fillRect(0, 0, width, height)
  }
  painted.set(mask, { width, height, colour, canvas })
  return canvas
}
