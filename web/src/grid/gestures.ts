import {
  clearSelection,
  getSelection,
  selectMany,
  selectOnly,
  selectRange,
  toggleSelected,
} from '../shell/selection.ts'
import { setView } from '../shell/view.ts'
import type { Board, BoardElements } from './board.ts'
import { stepItem } from './layout.ts'

const dragFromPx = 4
/** How near to an edge a drag scrolls, and how far a frame, px. */
const edgePx = 32
const edgeStepPx = 18

/** Selecting, opening, and zooming, by mouse and by keys. Returns what takes the listeners away. */
export function listenToGestures(
  board: Board,
  { scroller, content }: BoardElements,
  rubber: HTMLElement,
  onZoom: (factor: number, at: { x: number; y: number }) => void,
): () => void {
  const stop = new AbortController()
  const { signal } = stop
  const sampleOf = (item: number): number => board.items().ids[item]!

  const onClick = (event: MouseEvent): void => {
    const item = board.itemAt(event.target)
    if (item < 0 || event.altKey) return
    const sample = sampleOf(item)
    const isCheck = event.target instanceof Element && event.target.classList.contains('grid-check')
    if (event.shiftKey) selectRange(board.items().ids, sample)
    else if (event.ctrlKey || event.metaKey || isCheck) toggleSelected(sample)
    else selectOnly(sample)
    board.setActive(item)
  }

  const onKey = (event: KeyboardEvent): void => {
    const items = board.items()
    if (items.ids.length === 0) return
    const active = board.active()
    const isCommand = event.ctrlKey || event.metaKey
    if (isCommand && event.key.toLowerCase() === 'a') selectMany(items.ids, items.ids[0])
    else if (event.key === 'Escape') {
      if (getSelection().ids.size === 0) return
      clearSelection()
    } else if (event.key === ' ' && active >= 0) toggleSelected(sampleOf(active))
    else if (event.key === 'Enter' && active >= 0) setView({ sample: sampleOf(active) })
    else if (!event.altKey && /^(Arrow|Page|Home$|End$)/.test(event.key)) {
      const next = stepItem(board.layout(), active, event.key, board.pagePx())
      if (next !== null) {
        if (event.shiftKey) {
          if (getSelection().anchor === null && active >= 0) selectOnly(sampleOf(active))
          selectRange(items.ids, sampleOf(next))
        }
        board.setActive(next)
      }
    } else return
    event.preventDefault()
  }

  /** The same keys while nothing has the focus, so that a click into the page is not needed first. */
  const onPageKey = (event: KeyboardEvent): void => {
    if (event.defaultPrevented || event.target !== document.body) return
    if (document.querySelector('[role="dialog"], dialog[open]') !== null) return
    if (event.key === 'Enter' || event.key === ' ') return
    onKey(event)
    // Where a key has led has to be seen, and the next key goes on from there.
    if (event.defaultPrevented && board.active() >= 0) content.focus({ preventScroll: true })
  }

  const onDown = (event: PointerEvent): void => {
    if (event.button !== 0 || event.pointerType === 'touch') return
    if (event.target instanceof Element && event.target.closest('button') !== null) return
    const box = scroller.getBoundingClientRect()
    if (event.clientX - box.left >= scroller.clientWidth) return
    if (!event.altKey && board.itemAt(event.target) >= 0) return
    dragRubber(event)
  }

  const dragRubber = (down: PointerEvent): void => {
    const from = board.toLayout(down.clientX, down.clientY)
    const isAdding = down.ctrlKey || down.metaKey || down.shiftKey
    const before = [...(isAdding ? getSelection().ids : [])]
    let last: { clientX: number; clientY: number } = down
    let isDrawn = false
    let frame = 0
    const done = new AbortController()

    const draw = (): void => {
      const to = board.toLayout(last.clientX, last.clientY)
      const area = {
        x: Math.min(from.x, to.x),
        y: Math.min(from.y, to.y),
        w: Math.abs(from.x - to.x),
        h: Math.abs(from.y - to.y),
      }
      if (!isDrawn && Math.max(area.w, area.h) < dragFromPx) return
      isDrawn = true
      const box = scroller.getBoundingClientRect()
      const origin = board.toLayout(box.left, box.top)
      rubber.hidden = false
      rubber.style.left = `${area.x - origin.x}px`
      rubber.style.top = `${area.y - origin.y}px`
      rubber.style.width = `${area.w}px`
      rubber.style.height = `${area.h}px`
      selectMany([...before, ...board.itemsIn(area).map(sampleOf)])
    }
    const scrollAtEdge = (): void => {
      const box = scroller.getBoundingClientRect()
      const by = last.clientY < box.top + edgePx ? -edgeStepPx : last.clientY > box.bottom - edgePx ? edgeStepPx : 0
      if (isDrawn && by !== 0) {
        board.scrollBy(by)
        draw()
      }
      frame = requestAnimationFrame(scrollAtEdge)
    }
    const end = (): void => {
      done.abort()
      cancelAnimationFrame(frame)
      rubber.hidden = true
      // A click beside the tiles lets go of the selection.
      if (!isDrawn && !isAdding && !down.altKey) clearSelection()
    }
    frame = requestAnimationFrame(scrollAtEdge)
    const listening = { signal: done.signal }
    addEventListener(
      'pointermove',
      (event) => {
        last = event
        draw()
      },
      listening,
    )
    addEventListener('pointerup', end, listening)
    addEventListener('pointercancel', end, listening)
    signal.addEventListener('abort', end, listening)
    down.preventDefault()
    content.focus({ preventScroll: true })
  }

  scroller.addEventListener('click', onClick, { signal })
  scroller.addEventListener(
    'dblclick',
    (event) => {
      const item = board.itemAt(event.target)
      if (item >= 0 && !event.ctrlKey && !event.metaKey && !event.shiftKey) setView({ sample: sampleOf(item) })
    },
    { signal },
  )
  scroller.addEventListener('pointerdown', onDown, { signal })
  content.addEventListener('keydown', onKey, { signal })
  content.addEventListener(
    'focus',
    () => {
      if (board.active() >= 0 || board.items().ids.length === 0 || !content.matches(':focus-visible')) return
      const first = stepItem(board.layout(), -1, 'Home', 0)
      if (first !== null) board.setActive(first)
    },
    { signal },
  )
  addEventListener('keydown', onPageKey, { signal })
  scroller.addEventListener(
    'wheel',
    (event) => {
      if (!event.ctrlKey && !event.metaKey) return
      event.preventDefault()
      const unit = event.deltaMode === 0 ? 1 : 33
      onZoom(Math.exp(Math.max(-60, Math.min(60, -event.deltaY * unit)) * 0.004), {
        x: event.clientX,
        y: event.clientY,
      })
    },
    { signal, passive: false },
  )
  return () => stop.abort()
}
