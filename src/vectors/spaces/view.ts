import { FoveaError } from '#base'
import { homeId, type DatasetRef, type VectorPort } from '#catalog'
import { builtInModels, keptClasses } from '#models'
import type { MatrixSource } from '../engine/source.ts'
import type { ShardRows } from './shard.ts'
import type { SpaceRecord, SpaceStore } from './store.ts'

/** How a space stands against the dataset as it is now. */
export interface Standing {
  /** Things that belong into the space and have neither a vector nor a failure, in id order. */
  missing: number[]
  /** Things whose picture has changed since. */
  stale: number[]
  /** Rows (over all shards) whose vector counts now, in id order of what they are of. */
  rows: Int32Array
}

/** A space opened for work: only rows that count, in the order of `source`. */
export interface SpaceView {
  record: SpaceRecord
  /** Sample or label of each row. */
  ids: Float64Array
  /** What tells whether the picture of a row changed. */
  keys: Float64Array
  /** Row of a sample or label; undefined when it has none. */
  rowOf(id: number): number | undefined
  source: MatrixSource
  norms: Float32Array
  top: ShardRows['top']
  /** Changes when rows do. */
  key: string
}

export interface Spaces {
  /** The space named; else that of the built-in backbone, else the only one of samples. Throws SPACE_NOT_FOUND. */
  find(dataset: DatasetRef, name: string | undefined): Promise<SpaceRecord>
  standing(dataset: DatasetRef, record: SpaceRecord): Promise<Standing>
  /** Throws SPACE_NOT_FOUND, and SPACE_STALE unless every sample that belongs into it has a vector of its picture as it is now. */
  open(dataset: DatasetRef, name: string | undefined): Promise<SpaceView>
}

export function createSpaces(deps: { store: SpaceStore; catalog: VectorPort }): Spaces {
  const { store, catalog } = deps
  const standings = new Map<string, Promise<Standing>>()
  const views = new Map<string, Promise<SpaceView>>()

  const remember = <T>(
    cache: Map<string, Promise<T>>,
    space: string,
    key: string,
    make: () => Promise<T>,
  ): Promise<T> => {
    const full = `${space} ${key}`
    const known = cache.get(full)
    if (known !== undefined) return known
    for (const old of cache.keys()) if (old.startsWith(`${space} `)) cache.delete(old)
    const made = make()
    cache.set(full, made)
    made.catch(() => cache.delete(full))
    return made
  }
  const spaceKey = (dataset: DatasetRef, { name }: SpaceRecord): string => `${dataset.id}/${name}`
  const stateKey = (dataset: DatasetRef, { generation }: SpaceRecord): string =>
    `${generation}.${catalog.revision(dataset)}`

  const spaces: Spaces = {
    async find(dataset, name) {
      if (name !== undefined) {
        const record = await store.find(homeId(dataset), name)
        if (record !== undefined) return record
      }
      const all = await store.list(homeId(dataset))
      const own = name === undefined ? all.filter((record) => record.of === 'samples') : []
      // The space of small grey pictures is made on the way by other operations; it is the main one only when it is the only one.
      const seeing = own.filter((record) => record.model !== builtInModels.pixels)
      const main =
        seeing.find((record) => record.model === builtInModels.backbone) ??
        (seeing.length === 1 ? seeing[0] : own.length === 1 ? own[0] : undefined)
      if (main !== undefined) return main
      const known = all.map((record) => record.name).join(', ')
      const flags = `--dataset ${(dataset.version?.base ?? dataset).name}${name === undefined ? '' : ` --space ${name}`}`
      throw new FoveaError(
        'SPACE_NOT_FOUND',
        name !== undefined
          ? `Dataset ${dataset.name} has no space ${name}; ${known === '' ? 'it has none' : `it has ${known}`}.`
          : own.length > 1
            ? `Dataset ${dataset.name} has several spaces (${known}); one has to be named.`
            : `Dataset ${dataset.name} has no embeddings.`,
        { hint: own.length > 1 ? 'Name one with --space.' : `Make them with: fovea embed ${flags}` },
      )
    },
    standing: (dataset, record) =>
      remember(standings, spaceKey(dataset, record), stateKey(dataset, record), () =>
        compare(catalog, store, dataset, record),
      ),
    async open(dataset, name) {
      const record = await spaces.find(dataset, name)
      const standing = await spaces.standing(dataset, record)
      refuseStale(dataset, record, standing)
      return remember(views, spaceKey(dataset, record), stateKey(dataset, record), () =>
        openView(store, dataset, record, standing),
      )
    },
  }
  return spaces
}

async function compare(
  catalog: VectorPort,
  store: SpaceStore,
  dataset: DatasetRef,
  record: SpaceRecord,
): Promise<Standing> {
  const nothing = { ids: [], keys: [] }
  const { ids, keys } =
    record.of === 'samples'
      ? await catalog.mediaKeys(dataset)
      : ((await unlessGone(catalog.regionKeys(dataset, record.layer ?? 'truth'))) ?? nothing)
  const now = new Map<number, number>()
  ids.forEach((id, i) => now.set(id, keys[i]!))
  const written = await store.rows(homeId(dataset), record)
  // A later row of the same thing stands in place of an earlier one.
  const latest = new Map<number, number>()
  written.ids.forEach((id, row) => latest.set(id, row))
  const failed = new Map(record.failed.map(({ id, key }) => [id, key]))
  const wanted = await wantedIds(catalog, dataset, record)
  const standing: { missing: number[]; stale: number[]; rows: number[] } = { missing: [], stale: [], rows: [] }
  for (const id of ids) {
    const row = latest.get(id)
    const key = now.get(id)
    if (row !== undefined && written.keys[row] === key) standing.rows.push(row)
    else if (failed.get(id) === key) continue
    else if (row !== undefined) standing.stale.push(id)
    else if (wanted === undefined || wanted.has(id)) standing.missing.push(id)
  }
  return { ...standing, rows: Int32Array.from(standing.rows) }
}

/** Undefined where the layer, or the field or class that a part was named by, has been removed since. */
async function unlessGone<T>(found: Promise<T>): Promise<T | undefined> {
  return found.catch((error: unknown) => {
    if (error instanceof FoveaError && ['LAYER_NOT_FOUND', 'QUERY_INVALID'].includes(error.code)) return undefined
    throw error
  })
}

/** Ids that belong into the space; undefined for all. */
async function wantedIds(
  catalog: VectorPort,
  dataset: DatasetRef,
  { scopes, of, layer }: SpaceRecord,
): Promise<ReadonlySet<number> | undefined> {
  if (scopes.includes('')) return undefined
  const wanted = new Set<number>()
  for (const query of scopes) {
    const ids =
      of === 'samples'
        ? catalog.idsOf(dataset, { query })
        : catalog
            .regionsOf(dataset, { layer: layer ?? 'truth', selection: { query } })
            .then((regions) => regions.map(({ id }) => id))
    for (const id of (await unlessGone(ids)) ?? []) wanted.add(id)
  }
  return wanted
}

function refuseStale(dataset: DatasetRef, record: SpaceRecord, { missing, stale }: Standing): void {
  if (missing.length === 0 && stale.length === 0) return
  const told = (count: number): string =>
    count === 1 ? `1 ${record.of.slice(0, -1)} has` : `${count} ${record.of} have`
  const said = [
    ...(missing.length > 0 ? [`${told(missing.length)} no vector`] : []),
    ...(stale.length > 0 ? [`${told(stale.length)} changed since`] : []),
  ]
  const where = `--dataset ${dataset.name} --space ${record.name}`
  const again =
    record.model === 'imported'
      ? `fovea spaces rm ${where}, then fovea spaces import FILE ${where}`
      : `fovea embed --dataset ${dataset.name} --model ${record.model} --space ${record.name}${record.of === 'labels' ? ` --of labels --layer ${record.layer}` : ''}`
  throw new FoveaError(
    'SPACE_STALE',
    `Space ${record.name} of dataset ${dataset.name} is out of date: ${said.join(', ')}.`,
    {
      hint:
        dataset.version === undefined
          ? `Bring it up to date with: ${again}`
          : `Vectors are of the pictures of ${dataset.version.base.name} as they are now; ask without looks, or name samples that have not changed.`,
      details: { missing: missing.length, stale: stale.length },
    },
  )
}

async function openView(
  store: SpaceStore,
  dataset: DatasetRef,
  record: SpaceRecord,
  { rows }: Standing,
): Promise<SpaceView> {
  const written = await store.rows(homeId(dataset), record)
  const keep = new Uint8Array(written.ids.length)
  for (const row of rows) keep[row] = 1
  const kept = keep.length === rows.length
  // On disk, and so in the matrix, rows come in the order they were written.
  const order = Int32Array.from(rows).sort()
  const ids = Float64Array.from(order, (row) => written.ids[row]!)
  const rowOf = new Map<number, number>()
  ids.forEach((id, row) => rowOf.set(id, row))
  const key = `${store.folder(homeId(dataset), record.name)} ${record.generation} ${hashRows(keep)}`
  const files = store.files(homeId(dataset), record)
  const { top } = written
  return {
    record,
    ids,
    keys: Float64Array.from(order, (row) => written.keys[row]!),
    key,
    rowOf: (id) => rowOf.get(id),
    source: { kind: 'files', key, files, columns: record.dimensions, keep: kept ? null : keep },
    norms: Float32Array.from(order, (row) => written.norms[row]!),
    top: top === undefined ? undefined : pickTop(top, order),
  }
}

function pickTop(top: NonNullable<ShardRows['top']>, rows: Int32Array): NonNullable<ShardRows['top']> {
  const width = keptClasses
  const picked = { classes: new Uint16Array(rows.length * width), probabilities: new Float32Array(rows.length * width) }
  rows.forEach((row, i) => {
    picked.classes.set(top.classes.subarray(row * width, (row + 1) * width), i * width)
    picked.probabilities.set(top.probabilities.subarray(row * width, (row + 1) * width), i * width)
  })
  return picked
}

/** FNV-1a, to tell one choice of rows from another. */
function hashRows(keep: Uint8Array): number {
  let hash = 0x811c9dc5
  for (const one of keep) hash = Math.imul(hash ^ one, 0x01000193)
  return hash >>> 0
}
