import { useEffect, useMemo, useRef, useState } from 'react'
import type { MapPoints, Output } from '../api/client.ts'
import { paletteColour, useClassColours } from '../labels/colours.ts'
import { useFrame } from '../shell/data.ts'
import { useCommands, type Command } from '../shell/keys.ts'
import {
  addToSelection,
  clearSelection,
  selectMany,
  selectOnly,
  toggleSelected,
  useSelection,
} from '../shell/selection.ts'
import { setView, useView } from '../shell/view.ts'
import { codePoints, countCodes, missingColour, noCode, tableOf, valueAt } from './colouring.ts'
import { traceContour } from './contours.ts'
import { levelsHolding, measureDensity } from './density.ts'
import { flagPoints, flagSelected, isFound, isHidden, largestOf, markIds } from './flags.ts'
import { listenOnMap } from './interaction.ts'
import { formatValue, Legend } from './Legend.tsx'
import { useColumn } from './map-data.ts'
import { Problem } from './MapSetup.tsx'
import { getMapState, setMapState, useMapState } from './map-state.ts'
import { middlesOf } from './names.ts'
import { makePath } from './overlay.ts'
import { PreviewCard, type Hover } from './PreviewCard.tsx'
import type { Scene } from './scene.ts'
import { useScene } from './use-scene.ts'

const contourShares = [0.95, 0.8, 0.6, 0.4, 0.2]
/** What the operation that makes groups calls samples in none of them. */
const unclustered = 'unclustered'
const none: ReadonlySet<number> = new Set()

/** The points of one map: coloured, hovered, picked and enclosed. */
export function MapBoard({
  dataset,
  points,
  fields,
  onScene,
}: {
  dataset: string
  points: MapPoints
  fields: Output<'field.list'>['fields']
  onScene: (scene: Scene | null) => void
}) {
  const view = useView()
  const selection = useSelection()
  const { tool, hasContours, hasNames } = useMapState()
  const host = useRef<HTMLDivElement>(null)
  const cloud = useRef<HTMLCanvasElement>(null)
  const overlay = useRef<HTMLCanvasElement>(null)
  const { scene, size, generation, isImpossible } = useScene(host, cloud, overlay)
  useEffect(() => onScene(scene), [scene, onScene])

  const { ids, places } = points
  const largest = useMemo(() => largestOf(ids), [ids])
  const column = useColumn(dataset, view.colour)
  const clusters = useColumn(dataset, fields.some(({ name }) => name === 'cluster') ? 'cluster' : null)
  const frame = useFrame(dataset, view.query)

  const colouring = useMemo(
    () => (column.data === undefined ? undefined : codePoints(ids, column.data, largest)),
    [ids, column.data, largest],
  )
  // What is hidden belongs to the field it was chosen for.
  const shownField = column.isPlaceholderData ? null : view.colour
  const [hiding, setHiding] = useState<{ field: string; codes: ReadonlySet<number> }>({ field: '', codes: none })
  const hidden = hiding.field === shownField ? hiding.codes : none

  const found = useMemo(
    () => (view.query.trim() === '' || frame.data === undefined ? null : markIds(frame.data.ids, largest)),
    [view.query, frame.data, largest],
  )
  const there = useMemo(
    () => (column.data === undefined ? null : markIds(column.data.ids, largest)),
    [column.data, largest],
  )
  const codes = colouring?.codes ?? null
  const base = useMemo(() => flagPoints(ids, { codes, found, there, hidden }), [ids, codes, found, there, hidden])
  const flags = useMemo(() => flagSelected(base, ids, selection.ids), [base, ids, selection.ids])
  const counts = useMemo(
    () =>
      countCodes(
        codes ?? new Uint8Array(ids.length).fill(noCode),
        (i) => (found === null || found[ids[i]!] === 1) && (there === null || there[ids[i]!] === 1),
      ),
    [codes, ids, found, there],
  )
  const inside = useMemo(() => counts.reduce((sum, count) => sum + count, 0), [counts])
  const classColour = useClassColours(dataset)
  const isClass = shownField === 'class'
  const colourOf = useMemo(
    () => (name: string, code: number) => {
      if (isClass) return classColour(name)
      return shownField === 'cluster' && name === unclustered ? missingColour : paletteColour(code)
    },
    [isClass, shownField, classColour],
  )
  const table = useMemo(() => tableOf(colouring?.names ?? [], colourOf), [colouring, colourOf])
  const isRamp = colouring !== undefined && colouring.names === null
  const rampTable = useMemo(() => (isRamp ? tableOf(null, () => '') : null), [isRamp])

  useEffect(() => scene?.setPlaces(places), [scene, places])
  useEffect(() => scene?.setCodes(codes ?? new Uint8Array(ids.length).fill(noCode)), [scene, codes, ids])
  useEffect(() => scene?.setTable(rampTable ?? table), [scene, table, rampTable])
  useEffect(() => scene?.setFlags(flags), [scene, flags])

  const clusterNames = clusters.data?.names ?? null
  const clustered = useMemo(
    () => (clusterNames === null ? null : codePoints(ids, clusters.data!, largest).codes),
    [clusterNames, clusters.data, ids, largest],
  )
  useEffect(() => {
    if (scene === null) return
    if (!hasNames || clustered === null || clusterNames === null) return scene.setOverlay({ groups: [] })
    const shown = clustered.map((code, i) => ((base[i]! & isHidden) === 0 ? code : noCode))
    const groups = middlesOf(places, shown, clusterNames.length)
    scene.setOverlay({ names: clusterNames, groups: groups.filter(({ code }) => clusterNames[code] !== unclustered) })
  }, [scene, hasNames, clustered, clusterNames, places, base])

  useEffect(() => {
    if (scene === null || !hasContours) {
      scene?.setOverlay({ contours: [] })
      return undefined
    }
    const ended = new AbortController()
    const pause = (): Promise<void> => new Promise((go) => setTimeout(go))
    const accept = (i: number): boolean => (base[i]! & (isFound | isHidden)) === isFound
    void measureDensity(places, accept, { signal: ended.signal, pause }).then((grid) => {
      if (ended.signal.aborted) return
      const levels = grid === undefined ? [] : levelsHolding(grid.values, contourShares)
      scene.setOverlay({ contours: levels.map((level) => makePath(traceContour(grid!, level))) })
    })
    return () => ended.abort()
  }, [scene, hasContours, places, base])

  const [hover, setHover] = useState<(Hover & { point: number }) | null>(null)
  useEffect(() => {
    const element = host.current
    if (scene === null || element === null) return undefined
    let hovered = -1
    return listenOnMap(element, scene, {
      tool: () => getMapState().tool,
      onHover(point, at) {
        if (point === hovered) return
        hovered = point
        scene.setOverlay({ hovered: point < 0 ? null : scene.placeOf(point) })
        setHover(point < 0 ? null : { id: ids[point]!, point, ...at })
      },
      onPick(point, { toggle }) {
        if (point >= 0) (toggle ? toggleSelected : selectOnly)(ids[point]!)
        else if (!toggle) clearSelection()
      },
      onOpen: (point) => setView({ sample: ids[point]! }),
      onLasso(picked, { add }) {
        const samples = Array.from(picked, (point) => ids[point]!)
        if (add) addToSelection(samples)
        else selectMany(samples)
      },
    })
  }, [scene, ids])

  const isCovered = view.sample !== null
  useCommands(
    useMemo<Command[]>(
      () =>
        isCovered || scene === null
          ? []
          : [
              { id: 'map.move', title: 'Map: move', keys: 'v', run: () => setMapState({ tool: 'move' }) },
              { id: 'map.lasso', title: 'Map: lasso', keys: 'l', run: () => setMapState({ tool: 'lasso' }) },
              { id: 'map.fit', title: 'Map: show all of it', keys: 'f', run: () => scene.fit() },
              { id: 'map.zoom-in', title: 'Map: zoom in', keys: '+', run: () => scene.zoom(1.5) },
              { id: 'map.zoom-in-too', title: 'Map: zoom in further', keys: '=', run: () => scene.zoom(1.5) },
              { id: 'map.zoom-out', title: 'Map: zoom out', keys: '-', run: () => scene.zoom(1 / 1.5) },
              {
                id: 'map.contours',
                title: 'Map: contours of density',
                run: () => setMapState({ hasContours: !getMapState().hasContours }),
              },
            ],
      [scene, isCovered],
    ),
  )

  const field = fields.find(({ name }) => name === view.colour)
  const hoverValue = hover === null || isClass || column.data === undefined ? null : valueAt(column.data, hover.id)
  const hoverText =
    hoverValue === null
      ? null
      : `${view.colour}: ${typeof hoverValue === 'number' ? formatValue(hoverValue, field?.type ?? 'number') : hoverValue}`
  if (isImpossible)
    return (
      <div className="empty">This browser gives the page no canvas to draw on; the grid shows the same samples.</div>
    )
  return (
    <div className="map-board">
      <div
        ref={host}
        className="map-host"
        data-tool={tool}
        data-renderer={scene?.kind}
        tabIndex={0}
        role="application"
        aria-label={`Map of ${inside.toLocaleString('en')} points. Arrows move, plus and minus zoom, L lasso, V move, F shows all, Enter opens and X selects what is in the middle.`}
      >
        <canvas key={`points-${generation}`} ref={cloud} className="map-points" />
        <canvas key={`lines-${generation}`} ref={overlay} className="map-overlay" />
        <PreviewCard dataset={dataset} hover={hover} size={size} valueOf={hoverText} />
        <div className="map-foot" aria-live="polite">
          {inside === ids.length
            ? `${ids.length.toLocaleString('en')} points`
            : `${inside.toLocaleString('en')} of ${ids.length.toLocaleString('en')} points in the query`}
          {selection.ids.size > 0 &&
            `, ${selection.ids.size.toLocaleString('en')} ${selection.ids.size === 1 ? 'sample' : 'samples'} selected`}
        </div>
      </div>
      {column.error !== null ? (
        <div className="map-legend">
          <Problem error={column.error} mend="Colour by class" onMend={() => setView({ colour: 'class' })} />
        </div>
      ) : colouring === undefined ? (
        <div className="map-legend map-quiet">Loading colours…</div>
      ) : (
        <Legend
          field={view.colour}
          type={field?.type ?? 'string'}
          unit={field?.unit ?? null}
          colouring={colouring}
          counts={counts}
          colourOf={colourOf}
          hidden={hidden}
          onHide={(next) => shownField !== null && setHiding({ field: shownField, codes: next })}
        />
      )}
    </div>
  )
}
