import { clearCanvas } from '../labels/clear.ts'
import { toScreen, type Camera, type Size } from './camera.ts'
import { chooseNames, type Group } from './names.ts'

/** What is drawn over the points, in units of the map; the lasso in px of the screen. */
export interface OverlayContent {
  /** Lines of each height, from the outermost inwards. */
  contours: readonly Path2D[]
  names: readonly string[]
  /** Where names stand; `code` counts in `names`. */
  groups: readonly Group[]
  lasso: readonly number[]
  /** Place of the point under the pointer. */
  hovered: { x: number; y: number } | null
  hasCrosshair: boolean
}

export interface OverlayLook {
  text: string
  back: string
  accent: string
  font: string
}

const longestName = 30
const linePx = 17

/** Lines of a contour as one path in units of the map, to be scaled when it is drawn. */
export function makePath(pieces: Float32Array): Path2D {
  const path = new Path2D()
  for (let i = 0; i < pieces.length; i += 4) {
    path.moveTo(pieces[i]!, pieces[i + 1]!)
    path.lineTo(pieces[i + 2]!, pieces[i + 3]!)
  }
  return path
}

/** Draws contours, names of groups, the lasso and the ring around what is hovered. */
export function drawOverlay(
  canvas: HTMLCanvasElement,
  content: OverlayContent,
  view: { camera: Camera; size: Size; ratio: number; sizePx: number },
  look: OverlayLook,
): void {
  const { camera, size, ratio } = view
  const [width, height] = [Math.round(size.width * ratio), Math.round(size.height * ratio)]
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext('2d')
  if (context === null) return
  context.setTransform(ratio, 0, 0, ratio, 0, 0)
  clearCanvas(context, size.width, size.height)
  context.lineJoin = 'round'
  context.lineCap = 'round'
  drawContours(context, content.contours, camera, size, look)
  drawNames(context, content, camera, size, look)
  if (content.hovered !== null) {
    const at = toScreen(camera, size, content.hovered.x, content.hovered.y)
    for (const [line, colour] of [
      [4, look.back],
      [2, look.accent],
    ] as const) {
      context.beginPath()
      context.arc(at.x, at.y, view.sizePx / 2 + 4, 0, 2 * Math.PI)
      context.lineWidth = line
      context.strokeStyle = colour
      context.stroke()
    }
  }
  if (content.hasCrosshair) drawCrosshair(context, size, look)
  if (content.lasso.length >= 4) drawLasso(context, content.lasso, look)
}

function drawContours(
  context: CanvasRenderingContext2D,
  contours: readonly Path2D[],
  camera: Camera,
  size: Size,
  look: OverlayLook,
): void {
  const toPx = new DOMMatrix([
    camera.scale,
    0,
    0,
    -camera.scale,
    size.width / 2 - camera.x * camera.scale,
    size.height / 2 + camera.y * camera.scale,
  ])
  context.strokeStyle = look.text
  contours.forEach((contour, i) => {
    // The path is scaled instead of the canvas, so that lines keep their width.
    const path = new Path2D()
    path.addPath(contour, toPx)
    context.globalAlpha = 0.25 + (0.45 * (i + 1)) / contours.length
    context.lineWidth = 1
    context.stroke(path)
  })
  context.globalAlpha = 1
}

function drawNames(
  context: CanvasRenderingContext2D,
  { names, groups }: OverlayContent,
  camera: Camera,
  size: Size,
  look: OverlayLook,
): void {
  if (groups.length === 0) return
  context.font = look.font
  context.textAlign = 'center'
  context.textBaseline = 'middle'
  const texts = groups.map(({ code }) => shorten(names[code] ?? ''))
  const placed = groups.map((group, i) => ({
    ...toScreen(camera, size, group.x, group.y),
    width: context.measureText(texts[i]!).width,
    height: linePx,
  }))
  for (const i of chooseNames(placed, size)) {
    const { x, y } = placed[i]!
    context.lineWidth = 4
    context.strokeStyle = look.back
    context.strokeText(texts[i]!, x, y)
    context.fillStyle = look.text
    context.fillText(texts[i]!, x, y)
  }
}

const shorten = (name: string): string => (name.length <= longestName ? name : `${name.slice(0, longestName - 1)}…`)

function drawCrosshair(context: CanvasRenderingContext2D, size: Size, look: OverlayLook): void {
  const [x, y] = [Math.round(size.width / 2), Math.round(size.height / 2)]
  context.beginPath()
  for (const [dx, dy] of [
    [1, 0],
    [-1, 0],
    [0, 1],
    [0, -1],
  ] as const) {
    context.moveTo(x + dx * 5, y + dy * 5)
    context.lineTo(x + dx * 13, y + dy * 13)
  }
  context.lineWidth = 1.5
  context.strokeStyle = look.accent
  context.stroke()
}

function drawLasso(context: CanvasRenderingContext2D, lasso: readonly number[], look: OverlayLook): void {
  context.beginPath()
  context.moveTo(lasso[0]!, lasso[1]!)
  for (let i = 2; i < lasso.length; i += 2) context.lineTo(lasso[i]!, lasso[i + 1]!)
  context.closePath()
  context.globalAlpha = 0.12
  context.fillStyle = look.accent
  context.fill('evenodd')
  context.globalAlpha = 1
  context.lineWidth = 1.5
  context.strokeStyle = look.accent
  context.stroke()
}
