import { clearCanvas } from '../labels/clear.ts'
import { drawLabels, isDrawn, type DrawOptions, type LabelLayer, type PlacedLabel } from '../labels/draw.ts'
import type { Camera, CameraState } from './camera.ts'
import { partInSight, type PicturePlace } from './place.ts'

/** What a stage shows. */
export interface Painting {
  image: ImageBitmap | null
  /** The same at a smaller size, for when the picture is drawn small; null where it is small already. */
  reduced: ImageBitmap | null
  /** The image is a thumbnail that stands for the picture. */
  isThumb: boolean
  layers: readonly LabelLayer[]
  options: Omit<DrawOptions, 'colourOf' | 'stressed'>
  colourBy: 'class' | 'layer'
  colourOf: (layer: string, name: string | null) => string
  /** Ids of the labels that stand out. */
  stressed: ReadonlySet<string>
}

export interface Painter {
  paintPicture(): void
  paintLabels(): void
  paintStressed(): void
  close(): void
}

/** From this scale on, pixels of the picture are shown as squares. */
const crispFrom = 4
/** More names than this hide the picture. */
const namedAtMost = 200
/** Labels that take longer to draw are moved as they are and drawn anew when the picture rests. */
const slowMs = 10
const restMs = 90
const weak = '0.45'

/**
 * Paints picture, labels and the labels that stand out on a canvas each, and again whenever the camera moves; so pointing at a label
 * draws that label only.
 */
export function createPainter(
  under: HTMLCanvasElement,
  over: HTMLCanvasElement,
  top: HTMLCanvasElement,
  camera: Camera,
  painting: () => Painting,
): Painter {
  let frame = 0
  let rest: ReturnType<typeof setTimeout> | undefined
  let costMs = 0
  let drawn: CameraState | null = null

  const paintPicture = (): void => drawPicture(under, camera.store.get(), painting())
  const paintLabels = (): void => {
    clearTimeout(rest)
    const began = performance.now()
    drawn = camera.store.get()
    drawOver(over, drawn, painting())
    over.style.transform = ''
    costMs = performance.now() - began
  }
  const paintStressed = (): void => {
    const { stressed, layers } = painting()
    const some = stressed.size === 0 ? [] : keepLabels(layers, ({ id }) => stressed.has(id))
    const isAny = some.some(({ labels }) => labels.length > 0)
    over.style.opacity = isAny ? weak : ''
    drawOver(top, camera.store.get(), { ...painting(), layers: isAny ? some : [] }, stressed)
  }
  const follow = (): void => {
    frame = 0
    const now = camera.store.get()
    paintPicture()
    paintStressed()
    if (costMs < slowMs || drawn === null || now.stage !== drawn.stage || now.picture !== drawn.picture) {
      paintLabels()
      return
    }
    over.style.transform = moveDrawing(drawn.place, now.place)
    clearTimeout(rest)
    rest = setTimeout(paintLabels, restMs)
  }
  const stop = camera.store.subscribe(() => {
    if (frame === 0) frame = requestAnimationFrame(follow)
  })
  return {
    paintPicture,
    paintLabels,
    paintStressed,
    close() {
      stop()
      clearTimeout(rest)
      cancelAnimationFrame(frame)
    },
  }
}

/** Where a drawing made for one place lies in another, as CSS. */
function moveDrawing(from: PicturePlace, to: PicturePlace): string {
  const scale = to.scale / from.scale
  return `translate(${to.x - from.x * scale}px, ${to.y - from.y * scale}px) scale(${scale})`
}

function keepLabels(layers: readonly LabelLayer[], keeps: (label: PlacedLabel) => boolean): LabelLayer[] {
  return layers.map(({ layer, labels }) => ({ layer, labels: labels.filter(keeps) }))
}

/** Fits a canvas to the stage in the screen's own pixels and empties it. */
function prepareCanvas(canvas: HTMLCanvasElement, { stage }: CameraState): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio
  const [width, height] = [Math.round(stage.w * ratio), Math.round(stage.h * ratio)]
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  if (context != null) clearCanvas(context, stage.w, stage.h)
  return context
}

function drawPicture(
  canvas: HTMLCanvasElement,
  state: CameraState,
  { image: whole, reduced, isThumb }: Painting,
): void {
  const context = prepareCanvas(canvas, state)
  const { place, stage, picture } = state
  const isSmall = reduced !== null && place.scale * devicePixelRatio * picture.w <= reduced.width
  const image = isSmall ? reduced : whole
  // A bitmap that was let go has no size.
  if (context === null || image === null || image.width === 0) return
  const part = partInSight(place, stage, picture)
  if (part === null) return
  const [rx, ry] = [image.width / picture.w, image.height / picture.h]
  context.imageSmoothingEnabled = isThumb || place.scale < crispFrom
  context.imageSmoothingQuality = place.scale < 1 ? 'high' : 'medium'
  context.drawImage(
    image,
    part.x * rx,
    part.y * ry,
    part.w * rx,
    part.h * ry,
    place.x + part.x * place.scale,
    place.y + part.y * place.scale,
    part.w * place.scale,
    part.h * place.scale,
  )
}

function drawOver(
  canvas: HTMLCanvasElement,
  state: CameraState,
  { layers, options, colourBy, colourOf }: Painting,
  stressed: ReadonlySet<string> | null = null,
): void {
  const context = prepareCanvas(canvas, state)
  const seen = partInSight(state.place, state.stage, state.picture)
  if (context === null || seen === null || layers.length === 0) return
  const inSight = layers.map(({ layer, labels }) => ({
    layer,
    labels: labels.filter((label) => isDrawn(layer, label, options) && isInSight(label, seen)),
  }))
  const { namesPx, ...plain } = options
  const count = inSight.reduce((sum, { labels }) => sum + labels.length, 0)
  const names = namesPx !== undefined && count <= namedAtMost ? { namesPx } : {}
  // All at once where a class has one colour, so that no line of one layer hides a name of another.
  for (const some of colourBy === 'class' ? [inSight] : inSight.map((layer) => [layer]))
    drawLabels(context, some, state.place, {
      ...plain,
      ...names,
      stressed,
      colourOf: (name) => colourOf(some[0]!.layer, name),
    })
}

/** Whether any of a label may be in sight; turned boxes reach further than they say. */
function isInSight({ box, attributes }: PlacedLabel, seen: { x: number; y: number; w: number; h: number }): boolean {
  if (box === null) return true
  const more = attributes['rotation'] === undefined ? 0 : Math.max(box.w, box.h)
  return (
    box.x - more <= seen.x + seen.w &&
    box.y - more <= seen.y + seen.h &&
    box.x + box.w + more >= seen.x &&
    box.y + box.h + more >= seen.y
  )
}
