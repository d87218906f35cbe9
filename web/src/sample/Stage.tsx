import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import { drawLabels, isDrawn, type DrawOptions, type LabelLayer } from '../labels/draw.ts'
import type { Camera, CameraState } from './camera.ts'
import { findLabelAt, type FoundLabel } from './hit.ts'
import { partInSight, toPicture, wheelFactor } from './place.ts'
import { LabelTip } from './LabelTip.tsx'

/** From this scale on, pixels of the picture are shown as squares. */
const crispFrom = 4
const reachPx = 5
const namesPx = 11

export interface StageProps {
  camera: Camera
  image: ImageBitmap | null
  /** The same at a smaller size, for when the picture is drawn small; null where it is small already. */
  reduced: ImageBitmap | null
  /** The image is a thumbnail that stands for the picture. */
  isThumb: boolean
  layers: readonly LabelLayer[]
  options: Omit<DrawOptions, 'colourOf' | 'stressed'>
  colourBy: 'class' | 'layer'
  colourOf: (layer: string, name: string | null) => string
  stressed: ReadonlySet<string>
  filter: string
  /** What the picture shows, for those who do not see it. */
  description: string
  onHover: (id: string | null) => void
  onPick: (id: string | null) => void
}

interface Pointed {
  x: number
  y: number
  px: number
  py: number
  found: FoundLabel | null
}

/** The picture with its labels: wheel zooms at the pointer, dragging moves, a click picks a label. */
export function Stage(props: StageProps) {
  const { camera, image, isThumb, filter, description, onHover, onPick } = props
  const box = useRef<HTMLDivElement>(null)
  const under = useRef<HTMLCanvasElement>(null)
  const over = useRef<HTMLCanvasElement>(null)
  const latest = useRef(props)
  const redraw = useRef<() => void>(() => {})
  const [pointed, setPointed] = useState<Pointed | null>(null)
  const [isDragging, setDragging] = useState(false)

  useLayoutEffect(() => {
    const measure = (): void => {
      const { clientWidth, clientHeight } = box.current!
      camera.setStage({ w: clientWidth, h: clientHeight })
    }
    measure()
    const observer = new ResizeObserver(measure)
    observer.observe(box.current!)
    return () => observer.disconnect()
  }, [camera])

  // Drawn before the browser paints, so going on to a picture that is ready takes one frame.
  useLayoutEffect(() => {
    latest.current = props
    redraw.current()
  })
  useLayoutEffect(() => {
    let frame = 0
    const draw = (): void => {
      frame = 0
      const state = camera.store.get()
      drawPicture(under.current!, state, latest.current)
      drawOver(over.current!, state, latest.current)
    }
    redraw.current = draw
    draw()
    const stop = camera.store.subscribe(() => {
      if (frame === 0) frame = requestAnimationFrame(draw)
    })
    return () => {
      stop()
      cancelAnimationFrame(frame)
      redraw.current = () => {}
    }
  }, [camera])

  // React listens to wheels passively, and then the page cannot be kept from scrolling.
  useEffect(() => {
    const element = box.current!
    const onWheel = (event: WheelEvent): void => {
      event.preventDefault()
      const { left, top } = element.getBoundingClientRect()
      camera.zoomBy(wheelFactor(event), event.clientX - left, event.clientY - top)
    }
    element.addEventListener('wheel', onWheel, { passive: false })
    return () => element.removeEventListener('wheel', onWheel)
  }, [camera])

  const look = (event: React.PointerEvent): Pointed => {
    const { left, top } = box.current!.getBoundingClientRect()
    const [x, y] = [event.clientX - left, event.clientY - top]
    const { place } = camera.store.get()
    const at = toPicture(place, x, y)
    const found = findLabelAt(props.layers, at.x, at.y, reachPx / place.scale, props.options)
    return { x, y, px: Math.floor(at.x), py: Math.floor(at.y), found }
  }
  const point = (next: Pointed | null): void => {
    setPointed(next)
    if (pointed?.found?.label.id !== next?.found?.label.id) onHover(next?.found?.label.id ?? null)
  }
  const drag = useRef<{ x: number; y: number; moved: boolean } | null>(null)

  return (
    <div
      ref={box}
      className={`sample-stage${isDragging ? ' dragging' : pointed?.found == null ? '' : ' pointing'}`}
      onPointerDown={(event) => {
        if (event.button > 1) return
        event.currentTarget.setPointerCapture(event.pointerId)
        drag.current = { x: event.clientX, y: event.clientY, moved: false }
      }}
      onPointerMove={(event) => {
        const from = drag.current
        if (from === null) return point(look(event))
        const [dx, dy] = [event.clientX - from.x, event.clientY - from.y]
        if (!from.moved && Math.hypot(dx, dy) < 4) return
        drag.current = { x: event.clientX, y: event.clientY, moved: true }
        setDragging(true)
        point(null)
        camera.pan(dx, dy)
      }}
      onPointerUp={(event) => {
        const from = drag.current
        drag.current = null
        setDragging(false)
        if (from !== null && !from.moved && event.button === 0) onPick(look(event).found?.label.id ?? null)
      }}
      onPointerCancel={() => {
        drag.current = null
        setDragging(false)
      }}
      onPointerLeave={() => {
        if (drag.current === null) point(null)
      }}
      onDoubleClick={(event) => {
        const { left, top } = box.current!.getBoundingClientRect()
        if (camera.store.get().isFitted) camera.zoomBy(2.5, event.clientX - left, event.clientY - top)
        else camera.fit()
      }}
    >
      <canvas ref={under} className="sample-canvas" role="img" aria-label={description} style={{ filter }} />
      <canvas ref={over} className="sample-canvas" aria-hidden="true" />
      {pointed?.found != null && <LabelTip found={pointed.found} x={pointed.x} y={pointed.y} {...camera.store.get()} />}
      {pointed !== null && image !== null && (
        <Coordinates {...pointed} image={image} isThumb={isThumb} camera={camera} />
      )}
    </div>
  )
}

function Coordinates({
  px,
  py,
  image,
  isThumb,
  camera,
}: Pick<Pointed, 'px' | 'py'> & { image: ImageBitmap; isThumb: boolean; camera: Camera }) {
  const { w, h } = camera.store.get().picture
  if (px < 0 || py < 0 || px >= w || py >= h) return null
  const colour = isThumb ? null : readPixel(image, px, py)
  return (
    <div className="sample-coordinates mono" aria-hidden="true">
      {px}, {py}
      {colour !== null && ` · ${colour.join(' ')}`}
    </div>
  )
}

let probe: CanvasRenderingContext2D | null = null
/** Red, green and blue of one pixel, 0..255; null where the browser does not tell. */
function readPixel(image: ImageBitmap, x: number, y: number): number[] | null {
  probe ??= Object.assign(document.createElement('canvas'), { width: 1, height: 1 }).getContext('2d', {
    willReadFrequently: true,
  })
  if (probe === null || image.width === 0) return null
  probe.clearRect(0, 0, 1, 1)
  probe.drawImage(image, x, y, 1, 1, 0, 0, 1, 1)
  return [...probe.getImageData(0, 0, 1, 1).data.subarray(0, 3)]
}

/** Fits a canvas to the stage in the screen's own pixels and empties it. */
function prepareCanvas(canvas: HTMLCanvasElement, { stage }: CameraState): CanvasRenderingContext2D | null {
  const ratio = devicePixelRatio
  const [width, height] = [Math.round(stage.w * ratio), Math.round(stage.h * ratio)]
  if (canvas.width !== width) canvas.width = width
  if (canvas.height !== height) canvas.height = height
  const context = canvas.getContext('2d')
  context?.setTransform(ratio, 0, 0, ratio, 0, 0)
  context?.clearRect(0, 0, stage.w, stage.h)
  return context
}

function drawPicture(canvas: HTMLCanvasElement, state: CameraState, props: StageProps): void {
  const { isThumb } = props
  const context = prepareCanvas(canvas, state)
  const { place, stage, picture } = state
  const isSmall = props.reduced !== null && place.scale * devicePixelRatio * picture.w <= props.reduced.width
  const image = isSmall ? props.reduced : props.image
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
  { layers, options, colourBy, colourOf, stressed }: StageProps,
): void {
  const context = prepareCanvas(canvas, state)
  if (context === null || layers.length === 0) return
  const shown = layers.reduce(
    (sum, { layer, labels }) => sum + labels.filter((one) => isDrawn(layer, one, options)).length,
    0,
  )
  const names = options.namesPx !== undefined && shown <= 200 ? { namesPx } : {}
  const { namesPx: _, ...plain } = options
  // All at once where a class has one colour, so that no line of one layer hides a name of another.
  for (const some of colourBy === 'class' ? [layers] : layers.map((layer) => [layer]))
    drawLabels(context, some, state.place, {
      ...plain,
      ...names,
      stressed,
      colourOf: (name) => colourOf(some[0]!.layer, name),
    })
}
