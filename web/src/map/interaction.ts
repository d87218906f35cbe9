import type { Scene } from './scene.ts'

export type Tool = 'move' | 'lasso'

export interface MapEvents {
  tool: () => Tool
  /** The point under the pointer, or in the middle while moving by keys; −1 for none. */
  onHover: (point: number, at: { x: number; y: number }) => void
  /** A click on a point, −1 beside all of them. */
  onPick: (point: number, how: { toggle: boolean }) => void
  onOpen: (point: number) => void
  /** Points inside a lasso. */
  onLasso: (points: Int32Array, how: { add: boolean }) => void
}

/** A press that moves less than this is a click. */
const clickPx = 4
const lassoStepPx = 3
const wheelSpeed = 0.0016
const arrowPx = 60
const middleRadiusPx = 60
const arrows: Readonly<Record<string, readonly [number, number]>> = {
  ArrowLeft: [1, 0],
  ArrowRight: [-1, 0],
  ArrowUp: [0, 1],
  ArrowDown: [0, -1],
}

/**
 * Pointer, wheel and keys on the map. Drag moves it, or draws a lasso with that tool, when the space bar or the middle or right button
 * moves it; arrows move it too, Enter opens and X selects what is nearest to the middle. Answers how to stop.
 */
export function listenOnMap(element: HTMLElement, scene: Scene, events: MapEvents): () => void {
  const stop = new AbortController()
  let drag: { id: number; kind: Tool; isPick: boolean; x: number; y: number; distance: number } | null = null
  let lasso: number[] = []
  let isSpaceDown = false
  /** Point in the middle that the keys act on; −1 for none. */
  let aimed = -1

  const placeOf = (event: MouseEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect()
    return { x: event.clientX - box.left, y: event.clientY - box.top }
  }
  const setAim = (on: boolean): void => {
    scene.setOverlay({ hasCrosshair: on })
    if (!on) aimed = -1
  }
  const aim = (): void => {
    const middle = { x: element.clientWidth / 2, y: element.clientHeight / 2 }
    setAim(true)
    aimed = scene.pick(middle.x, middle.y, middleRadiusPx)
    events.onHover(aimed, middle)
  }
  const endDrag = (): void => {
    drag = null
    lasso = []
    scene.setOverlay({ lasso })
    delete element.dataset['dragging']
  }

  const on = <Kind extends keyof HTMLElementEventMap>(
    kind: Kind,
    listener: (event: HTMLElementEventMap[Kind]) => void,
    options: AddEventListenerOptions = {},
  ): void => element.addEventListener(kind, listener, { ...options, signal: stop.signal })

  on('pointerdown', (event) => {
    if (drag !== null || event.button > 2) return
    element.focus({ preventScroll: true })
    element.setPointerCapture(event.pointerId)
    const at = placeOf(event)
    const kind = event.button === 0 && !isSpaceDown ? events.tool() : 'move'
    drag = { id: event.pointerId, kind, isPick: event.button === 0, ...at, distance: 0 }
    element.dataset['dragging'] = kind
    setAim(false)
    events.onHover(-1, at)
    if (kind === 'lasso') lasso = [at.x, at.y]
    if (event.button === 1) event.preventDefault()
  })
  on('pointermove', (event) => {
    const at = placeOf(event)
    if (drag === null) {
      setAim(false)
      events.onHover(scene.pick(at.x, at.y), at)
      return
    }
    if (event.pointerId !== drag.id) return
    const [dx, dy] = [at.x - drag.x, at.y - drag.y]
    drag.distance += Math.hypot(dx, dy)
    if (drag.kind === 'lasso') {
      if (Math.hypot(at.x - lasso.at(-2)!, at.y - lasso.at(-1)!) < lassoStepPx) return
      lasso.push(at.x, at.y)
      scene.setOverlay({ lasso })
    } else if (drag.distance > clickPx) {
      scene.pan(dx, dy)
    }
    drag.x = at.x
    drag.y = at.y
  })
  on('pointerup', (event) => {
    if (drag === null || event.pointerId !== drag.id) return
    const at = placeOf(event)
    const { kind, isPick, distance } = drag
    const line = lasso
    endDrag()
    if (distance <= clickPx) {
      if (isPick) events.onPick(scene.pick(at.x, at.y), { toggle: event.ctrlKey || event.metaKey || event.shiftKey })
    } else if (kind === 'lasso') events.onLasso(scene.pickInside(line), { add: event.shiftKey })
  })
  on('pointercancel', endDrag)
  on('pointerleave', (event) => {
    if (drag === null) events.onHover(-1, placeOf(event))
  })
  on('contextmenu', (event) => event.preventDefault())
  on('dblclick', (event) => {
    const at = placeOf(event)
    const point = scene.pick(at.x, at.y)
    if (point >= 0) events.onOpen(point)
  })
  on(
    'wheel',
    (event) => {
      event.preventDefault()
      const unit = event.deltaMode === 1 ? 30 : event.deltaMode === 2 ? 400 : 1
      // Pinching a touch pad arrives as small turns with ctrl.
      const speed = event.ctrlKey ? wheelSpeed * 5 : wheelSpeed
      scene.zoom(Math.exp(-Math.max(-600, Math.min(600, event.deltaY * unit)) * speed), placeOf(event))
      events.onHover(-1, placeOf(event))
    },
    { passive: false },
  )
  on('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return
    const arrow = arrows[event.key]
    if (arrow !== undefined) {
      const far = event.shiftKey ? 4 : 1
      scene.pan(arrow[0] * arrowPx * far, arrow[1] * arrowPx * far)
      aim()
    } else if (event.key === ' ') isSpaceDown = true
    else if (event.key === 'Escape' && drag !== null) endDrag()
    else if (event.key === 'Escape') events.onPick(-1, { toggle: false })
    else if (event.key === 'Enter' && aimed >= 0) events.onOpen(aimed)
    else if (event.key === 'x' && aimed >= 0) events.onPick(aimed, { toggle: true })
    else return
    event.preventDefault()
  })
  on('keyup', (event) => {
    if (event.key === ' ') isSpaceDown = false
  })
  on('blur', () => {
    isSpaceDown = false
    setAim(false)
    events.onHover(-1, { x: 0, y: 0 })
  })
  return () => stop.abort()
}
