import { useEffect, useLayoutEffect, useRef, useState } from 'react'
import type { Camera } from './camera.ts'
import { findLabelAt, type FoundLabel } from './hit.ts'
import { createPainter, type Painter, type Painting } from './paint.ts'
import { toPicture, wheelFactor } from './place.ts'
import { LabelTip } from './LabelTip.tsx'

const reachPx = 5

interface StageProps extends Painting {
  camera: Camera
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
  const { camera, image, reduced, isThumb, layers, options, colourBy, colourOf, stressed } = props
  const { filter, description, onHover, onPick } = props
  const box = useRef<HTMLDivElement>(null)
  const under = useRef<HTMLCanvasElement>(null)
  const over = useRef<HTMLCanvasElement>(null)
  const marks = useRef<HTMLCanvasElement>(null)
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
  const latest = useRef(props)
  const painter = useRef<Painter | null>(null)
  useLayoutEffect(() => {
    latest.current = props
  })
  useLayoutEffect(() => {
    const made = createPainter(under.current!, over.current!, marks.current!, camera, () => latest.current)
    painter.current = made
    return () => {
      made.close()
      painter.current = null
    }
  }, [camera])
  useLayoutEffect(() => painter.current?.paintPicture(), [image, reduced, isThumb])
  useLayoutEffect(() => painter.current?.paintLabels(), [layers, options, colourBy, colourOf])
  useLayoutEffect(() => painter.current?.paintStressed(), [layers, options, colourBy, colourOf, stressed])

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
    const found = findLabelAt(layers, at.x, at.y, reachPx / place.scale, options)
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
      <canvas ref={marks} className="sample-canvas" aria-hidden="true" />
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
