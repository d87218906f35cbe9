import { listPoints, makeClusters, makeMap } from '#contract'
import { formatSampleId, FoveaError, implement, type Operation } from '#base'
import { homeId, writeFields, type DatasetRef, type RegionRow } from '#catalog'
import { keptClasses } from '#models'
import { nameClusters } from '../clusters/name.ts'
import type { VectorDeps } from '../deps.ts'
import { listMaps, readMap, writeMap, type MapMethod, type StoredMap } from '../maps.ts'
import type { SpaceView } from '../spaces/view.ts'

/** An auto-tag of a picture: a class that the backbone gives at least this probability. */
const tagProbability = 0.1

/** Handlers of `spaces.map`, `spaces.points` and `spaces.cluster`. */
export function createMapOperations(deps: VectorDeps): Operation[] {
  const { catalog, spaces, store, engine } = deps
  return [
    implement(makeMap, async ({ dataset: name, space, again, ...options }, context) => {
      const dataset = await catalog.resolveWritable(name)
      const view = await spaces.open(dataset, space)
      const folder = store.folder(homeId(dataset), view.record.name)
      const old = again ? undefined : await readMap(folder, options.method)
      const kept = old !== undefined && sameOptions(old, options) ? rowsOnMap(old, view) : undefined
      let map: StoredMap
      let placed = 0
      if (kept === undefined || kept.known.length === 0) {
        const made = await engine.run('makeMap', { source: view.source, options }, context)
        map = { options, ids: view.ids, keys: view.keys, ...made }
      } else {
        placed = kept.fresh.length
        map = placed === 0 ? { ...old!, ...alignMap(old!, view) } : await placeFresh(deps, view, old!, kept, context)
      }
      await writeMap(folder, map)
      return {
        space: view.record.name,
        method: options.method,
        points: map.ids.length,
        placed,
        trustworthiness: map.trustworthiness,
      }
    }),
    implement(listPoints, async ({ dataset: name, query, space, method }) => {
      const dataset = await catalog.resolveDataset(name)
      const record = await spaces.find(dataset, space)
      const map = await openMap(deps, dataset, record.name, method)
      const ofLabels = record.of === 'labels'
      // Labels are told with their sample, which also says whether it is still there.
      const regions = ofLabels
        ? await catalog.regionsOf(dataset, { layer: record.layer ?? 'truth', selection: { query } })
        : []
      const sampleOf = new Map(regions.map((region: RegionRow) => [region.id, region.sample]))
      const wanted = new Set(ofLabels ? sampleOf.keys() : await catalog.idsOf(dataset, { query }))
      const points: { sample: string; label: string | null; x: number; y: number }[] = []
      map.ids.forEach((id, i) => {
        if (!wanted.has(id)) return
        points.push({
          sample: formatSampleId(ofLabels ? sampleOf.get(id)! : id),
          label: ofLabels ? `l_${id}` : null,
          x: map.layout.data[2 * i]!,
          y: map.layout.data[2 * i + 1]!,
        })
      })
      return { space: record.name, method: map.options.method, points }
    }),
    implement(makeClusters, async (input, context) => {
      const dataset = await catalog.resolveWritable(input.dataset)
      const view = await spaces.open(dataset, input.space)
      if (view.record.of !== 'samples')
        throw new FoveaError(
          'INPUT_INVALID',
          `Space ${view.record.name} is one of labels; clusters are a field of samples.`,
          {
            hint: 'Name a space of samples with --space.',
          },
        )
      const rows = view.ids.length
      const assignment =
        input.method === 'kmeans'
          ? await engine.run(
              'kmeans',
              {
                source: view.source,
                k: Math.min(rows, input.k ?? Math.max(2, Math.round(Math.sqrt(rows / 2)))),
                seed: input.seed,
              },
              context,
            )
          : await engine.run(
              'hdbscan',
              {
                points: await pointsOf(deps, dataset, view),
                minSize: input.minSize ?? Math.max(5, Math.round(rows / 100)),
              },
              context,
            )
      const named = nameClusters({
        assignment,
        classes: await classesOf(deps, dataset, view),
        tags: await autoTagsOf(deps, view),
      })
      const nameOf = new Map(named.map((cluster) => [cluster.id, cluster.name]))
      const change = await writeFields(
        catalog,
        {
          dataset,
          actor: context.actor,
          operation: 'spaces.cluster',
          summary: `Clustered ${rows} samples into the field ${input.field}`,
        },
        { [input.field]: { type: 'string', values: Array.from(assignment, (id) => nameOf.get(id) ?? null) } },
        view.ids,
      )
      return {
        space: view.record.name,
        field: input.field,
        clusters: named
          .filter(({ id }) => id >= 0)
          .map(({ name, size, classes, tags }) => ({ name, size, classes, tags })),
        unclustered: assignment.filter((id) => id < 0).length,
        change,
      }
    }),
  ]
}

/** Points of a map of samples, as arrays that travel as they are. */
export interface MapPoints {
  space: string
  method: MapMethod
  ids: Int32Array
  /** x, y of each. */
  places: Float32Array
}

export async function readPoints(
  deps: VectorDeps,
  dataset: DatasetRef,
  space: string | undefined,
  method: string | undefined,
): Promise<MapPoints> {
  const known = (['umap', 'tsne', 'pca'] as const).find((one) => one === method)
  if (method !== undefined && known === undefined)
    throw new FoveaError('INPUT_INVALID', `Expected umap, tsne or pca, got ${JSON.stringify(method)}.`)
  const record = await deps.spaces.find(dataset, space)
  const map = await openMap(deps, dataset, record.name, known)
  return {
    space: record.name,
    method: map.options.method,
    ids: Int32Array.from(map.ids),
    places: map.layout.data,
  }
}

function sameOptions({ options }: StoredMap, wanted: StoredMap['options']): boolean {
  return (
    options.seed === wanted.seed &&
    options.neighbours === wanted.neighbours &&
    options.minDistance === wanted.minDistance
  )
}

interface Rows {
  /** Rows of the view that the map has, and where. */
  known: Int32Array
  at: Int32Array
  fresh: Int32Array
}

function rowsOnMap(map: StoredMap, view: SpaceView): Rows {
  const placeOf = new Map<number, number>()
  map.ids.forEach((id, i) => placeOf.set(id, i))
  const [known, at, fresh]: [number[], number[], number[]] = [[], [], []]
  view.ids.forEach((id, row) => {
    const place = placeOf.get(id)
    if (place !== undefined && map.keys[place] === view.keys[row]) {
      known.push(row)
      at.push(place)
    } else fresh.push(row)
  })
  return { known: Int32Array.from(known), at: Int32Array.from(at), fresh: Int32Array.from(fresh) }
}

function layoutAt(map: StoredMap, at: Int32Array): StoredMap['layout'] {
  const data = new Float32Array(at.length * 2)
  at.forEach((place, i) => data.set(map.layout.data.subarray(2 * place, 2 * place + 2), 2 * i))
  return { rows: at.length, columns: 2, data }
}

/** The map without points of what is gone. */
function alignMap(map: StoredMap, view: SpaceView): Pick<StoredMap, 'ids' | 'keys' | 'layout'> {
  return { ids: view.ids, keys: view.keys, layout: layoutAt(map, rowsOnMap(map, view).at) }
}

async function placeFresh(
  { engine }: VectorDeps,
  view: SpaceView,
  old: StoredMap,
  { known, at, fresh }: Rows,
  context: Parameters<Operation['handle']>[1],
): Promise<StoredMap> {
  const layout = layoutAt(old, at)
  const given = { source: view.source, known, fresh, layout, pca: old.pca, options: old.options }
  const { placed } = await engine.run('placeIntoMap', given, context)
  const data = new Float32Array(view.ids.length * 2)
  known.forEach((row, i) => data.set(layout.data.subarray(2 * i, 2 * i + 2), 2 * row))
  fresh.forEach((row, i) => data.set(placed.data.subarray(2 * i, 2 * i + 2), 2 * row))
  return { ...old, ids: view.ids, keys: view.keys, layout: { rows: view.ids.length, columns: 2, data } }
}

/** The map of a method, else the newest. Throws MAP_NOT_FOUND. */
async function openMap(
  { store }: VectorDeps,
  dataset: DatasetRef,
  space: string,
  method: MapMethod | undefined,
): Promise<StoredMap> {
  const folder = store.folder(homeId(dataset), space)
  const chosen = method ?? (await listMaps(folder))[0]
  const map = chosen === undefined ? undefined : await readMap(folder, chosen)
  if (map !== undefined) return map
  throw new FoveaError(
    'MAP_NOT_FOUND',
    `Space ${space} of dataset ${dataset.name} has no ${method ?? ''} map.`.replace('  ', ' '),
    {
      hint: `Make it with: fovea map --dataset ${dataset.name} --space ${space}${method === undefined ? '' : ` --method ${method}`}`,
    },
  )
}

/** Places of the view's rows on the newest map. Throws MAP_NOT_FOUND when there is none or some are not on it. */
async function pointsOf(deps: VectorDeps, dataset: DatasetRef, view: SpaceView): Promise<StoredMap['layout']> {
  const { name } = view.record
  const map = await openMap(deps, dataset, name, undefined)
  const { at, fresh } = rowsOnMap(map, view)
  if (fresh.length === 0) return layoutAt(map, at)
  throw new FoveaError('MAP_NOT_FOUND', `${fresh.length} samples are not on the map of space ${name} yet.`, {
    hint: `Place them with: fovea map --dataset ${dataset.name} --space ${name} --method ${map.options.method}`,
  })
}

/** The sample's first class, by row. */
async function classesOf(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  view: SpaceView,
): Promise<(string | undefined)[]> {
  const { samples, names } = await catalog.membersOf(dataset, { classesOf: 'truth' })
  const classes = Array.from<string | undefined>({ length: view.ids.length })
  samples.forEach((id, i) => {
    const row = view.rowOf(id)
    if (row !== undefined) classes[row] ??= names[i]
  })
  return classes
}

/** Names of the classes that the space's model sees in each picture. */
async function autoTagsOf({ shelf }: VectorDeps, { record, top, ids }: SpaceView): Promise<string[][]> {
  const tags = Array.from(ids, (): string[] => [])
  if (top === undefined) return tags
  const { classes } = await shelf.find(record.model)
  tags.forEach((own, row) => {
    for (let i = row * keptClasses; i < (row + 1) * keptClasses && top.probabilities[i]! >= tagProbability; i++) {
      const name = classes[top.classes[i]!]
      if (name !== undefined) own.push(name)
    }
  })
  return tags
}
