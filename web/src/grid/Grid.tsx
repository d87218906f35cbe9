import { useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useClassColours } from '../labels/colours.ts'
import { useFrame } from '../shell/data.ts'
import { useCommands, type Command } from '../shell/keys.ts'
import { selectMany, useSelection } from '../shell/selection.ts'
import { getView, setView, useView, type View } from '../shell/view.ts'
import { createBoard, type Board } from './board.ts'
import { listenToGestures } from './gestures.ts'
import './grid.css'
import { createLabelCache, type LabelCache } from './label-cache.ts'
import { GridMessage } from './GridMessage.tsx'
import { Toolbar } from './Toolbar.tsx'
import { useItems } from './use-items.ts'
import { useZoom } from './use-zoom.ts'

/** Pictures of every sample of the page's query, or of every label, however many there are. */
export function Grid() {
  const view = useView()
  const frame = useFrame(view.dataset, view.query)
  const { items, note, error } = useItems(view, frame.data)
  const [collapsed, setCollapsed] = useState<ReadonlySet<string>>(new Set())
  const { zoomPx, zoomBy, setZoom } = useZoom(view.zoom)
  const { ref, board } = useBoard(setCollapsed, zoomBy)
  const cache = useLabels(view.dataset, board)
  const colourOf = useClassColours(view.dataset)
  const selection = useSelection()

  useEffect(() => setCollapsed(new Set()), [view.dataset, view.group])
  useLayoutEffect(
    () => board?.setShape({ zoomPx, mode: view.layout, collapsed }),
    [board, zoomPx, view.layout, collapsed],
  )

  // While another query loads, the old answer stays under its own key.
  const isOld = frame.isPlaceholderData || items === null
  const key = keyOf(view)
  useLayoutEffect(() => {
    if (items === null || frame.isPlaceholderData) return
    board?.setItems(items, key)
  }, [board, items, key, frame.isPlaceholderData])
  useEffect(() => {
    board?.setOverlays({ isOn: view.overlays, layers: view.layers, colourOf }, cache)
  }, [board, view.overlays, view.layers, colourOf, cache])
  // Every change makes the frame anew, so its coming says that labels may be others.
  const refresh = frame.data
  useEffect(() => {
    cache?.expire()
    board?.refreshLabels()
  }, [board, cache, refresh])
  useEffect(() => board?.showSelection(), [board, selection])
  useReturn(view.sample, board)
  useCommands(useGridCommands(board, setZoom))

  const failure = frame.data === undefined ? (frame.error ?? null) : error
  const count = items?.ids.length ?? 0
  const isEmpty = failure !== null || items === null || count === 0
  return (
    <section className="grid" aria-label="Grid">
      <Toolbar
        view={view}
        zoomPx={zoomPx}
        onZoom={setZoom}
        samples={frame.data?.ids.length ?? null}
        objects={items?.objects?.length ?? null}
        selected={selection.ids.size}
        note={note}
      />
      <div className={isOld && !isEmpty ? 'grid-frame is-old' : 'grid-frame'}>
        <div ref={ref.scroller} className="grid-scroller" hidden={isEmpty && !isOld} tabIndex={-1}>
          <div
            ref={ref.content}
            className="grid-content"
            {...(count > 0
              ? {
                  role: 'listbox',
                  tabIndex: 0,
                  'aria-multiselectable': true,
                  'aria-label': view.tiles === 'objects' ? 'Objects' : 'Samples',
                }
              : {})}
          >
            <div ref={ref.tiles} className="grid-layer" role="presentation" />
          </div>
          <div ref={ref.headings} className="grid-layer" />
        </div>
        <div ref={ref.rubber} className="grid-rubber" hidden />
        {isEmpty && (
          <GridMessage
            view={view}
            failure={failure}
            isLoading={items === null || frame.isPlaceholderData}
            onRetry={() => void frame.refetch()}
          />
        )}
      </div>
    </section>
  )
}

function keyOf({ dataset, query, tiles, group, layers }: View): string {
  return JSON.stringify([dataset, query, tiles, group, tiles === 'objects' ? layers : null])
}

function useBoard(
  setCollapsed: (change: (old: ReadonlySet<string>) => ReadonlySet<string>) => void,
  zoomBy: (factor: number) => void,
) {
  const scroller = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const tiles = useRef<HTMLDivElement>(null)
  const headings = useRef<HTMLDivElement>(null)
  const rubber = useRef<HTMLDivElement>(null)
  const [board, setBoard] = useState<Board | null>(null)
  useLayoutEffect(() => {
    const elements = {
      scroller: scroller.current!,
      content: content.current!,
      tiles: tiles.current!,
      headings: headings.current!,
    }
    const toggle = (key: string): void =>
      setCollapsed((old) => {
        const next = new Set(old)
        if (!next.delete(key)) next.add(key)
        return next
      })
    const made = createBoard(elements, { onToggleGroup: toggle })
    const stop = listenToGestures(made, elements, rubber.current!, (factor, at) => {
      made.holdAt(at)
      zoomBy(factor)
    })
    setBoard(made)
    return () => {
      stop()
      made.close()
      setBoard(null)
    }
  }, [setCollapsed, zoomBy])
  const ref = useMemo(() => ({ scroller, content, tiles, headings, rubber }), [])
  return { ref, board }
}

function useLabels(dataset: string | null, board: Board | null): LabelCache | null {
  const [cache, setCache] = useState<LabelCache | null>(null)
  useEffect(() => {
    if (dataset === null || board === null) return
    const made = createLabelCache(dataset, board.labelsArrived)
    setCache(made)
    return () => {
      made.close()
      setCache(null)
    }
  }, [dataset, board])
  return cache
}

/** Coming back from the open sample, the one that was shown last has the focus. */
function useReturn(sample: number | null, board: Board | null): void {
  const last = useRef<number | null>(null)
  useEffect(() => {
    const shown = last.current
    last.current = sample
    if (sample !== null || shown === null || board === null) return
    const item = board.items().ids.indexOf(shown)
    if (item >= 0) board.setActive(item)
    board.focus()
  }, [sample, board])
}

function useGridCommands(board: Board | null, setZoom: (zoomPx: number) => void): readonly Command[] {
  return useMemo<Command[]>(() => {
    const zoom = (factor: number) => () => setZoom(getView().zoom * factor)
    return [
      { id: 'grid.larger', title: 'Larger tiles', keys: '+', run: zoom(1.25) },
      { id: 'grid.smaller', title: 'Smaller tiles', keys: '-', run: zoom(0.8) },
      {
        id: 'grid.layout',
        title: 'Square or justified tiles',
        run: () => setView({ layout: getView().layout === 'square' ? 'justified' : 'square' }),
      },
      {
        id: 'grid.objects',
        title: 'A tile for each sample or for each object',
        run: () => setView({ tiles: getView().tiles === 'objects' ? 'samples' : 'objects' }),
      },
      {
        id: 'grid.overlays',
        title: 'Show or hide labels on pictures',
        keys: 'o',
        run: () => setView({ overlays: !getView().overlays }),
      },
      {
        id: 'grid.all',
        title: 'Select every sample of the query',
        run: () => board !== null && selectMany(board.items().ids),
      },
    ]
  }, [board, setZoom])
}
