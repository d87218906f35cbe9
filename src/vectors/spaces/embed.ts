import { FoveaError, formatSampleId, throwIfAborted, type CallContext } from '#base'
import { homeId, type DatasetRef, type MediaRow, type RegionRow, type VectorPort } from '#catalog'
import { keptClasses, type Embedder, type PictureTask, type PictureVector, type ShelvedModel } from '#models'
import type { Matrix } from '../types.ts'
import { asksByLooks, nameSamples } from './scopes.ts'
import type { ShardRows } from './shard.ts'
import type { FailedRow, SpaceRecord, SpaceStore } from './store.ts'
import type { Spaces } from './view.ts'

/** Bytes of vectors that make a shard: what a killed run loses at most, and what is held in memory. */
const shardBytes = 16 << 20

export interface EmbedDeps {
  catalog: VectorPort
  store: SpaceStore
  spaces: Spaces
  /** File of a sample as it lies now: where it was imported from, else the copy in the workspace. */
  fileOf: (row: MediaRow) => Promise<string>
}

export interface EmbedRequest {
  dataset: DatasetRef
  query: string
  model: ShelvedModel
  embedder: Embedder
  of: 'samples' | 'labels'
  layer: string
  space: string
}

export interface EmbedResult {
  record: SpaceRecord
  embedded: number
  unchanged: number
}

/**
 * Brings a space up to date: what is new or changed gets a vector, shard by shard; a cancelled run keeps what was finished, and the
 * next one goes on after it. Throws SPACE_EXISTS when the space holds vectors of another model, QUERY_INVALID and
 * LAYER_NOT_FOUND before anything is written.
 */
export async function embedDataset(deps: EmbedDeps, request: EmbedRequest, context: CallContext): Promise<EmbedResult> {
  const { store, spaces } = deps
  const { dataset } = request
  const scopes = await readScopes(deps.catalog, request)
  let record = await beginSpace(store, request, scopes)
  const standing = await spaces.standing(dataset, record)
  const todo = [...standing.missing, ...standing.stale].toSorted((a, b) => a - b)
  const perShard = Math.max(64, Math.floor(shardBytes / (request.model.dimensions * 4)))
  let embedded = 0
  let done = 0
  const report = (): void => context.progress.report({ stage: 'embed', done, total: todo.length, unit: request.of })
  report()
  for (let from = 0; from < todo.length; from += perShard) {
    const ids = todo.slice(from, from + perShard)
    const rows = await readTasks(deps, request, ids)
    const answers = await runBatches(request.embedder, rows, context.signal, (count) => {
      done += count
      report()
    })
    // Fewer than were asked when the run was cancelled.
    const answered = rows.flatMap((row, i) => (answers[i] === undefined ? [] : [{ row, answer: answers[i] }]))
    const good = answered.flatMap(({ row, answer }) => (answer.ok ? [{ row, answer }] : []))
    const failed = answered.flatMap(({ row: { id, key }, answer }) =>
      answer.ok ? [] : [{ id, key, what: answer.what, fix: answer.fix }],
    )
    const tried = answered.length === rows.length ? ids : answered.map(({ row }) => row.id)
    record = withFailures(record, failed, tried)
    if (good.length > 0) {
      const { vectors, kept } = packRows(good, request.model.dimensions)
      record = await store.append(homeId(dataset), record, vectors, kept)
    } else if (answered.length > 0) {
      record = { ...record, generation: record.generation + 1 }
      await store.save(homeId(dataset), record)
    }
    embedded += good.length
    throwIfAborted(context.signal)
  }
  return { record, embedded, unchanged: standing.rows.length }
}

type GoodVector = Extract<PictureVector, { ok: true }>

interface TaskRow {
  id: number
  key: number
  task: PictureTask
}

/** The part that is asked for, as the space keeps it. Throws QUERY_INVALID, LAYER_NOT_FOUND. */
async function readScopes(
  catalog: VectorPort,
  { dataset, query, of, layer }: EmbedRequest,
): Promise<readonly string[]> {
  if (of === 'labels') await catalog.regionKeys(dataset, layer)
  const scope = query.trim()
  if (scope === '') return ['']
  const ids = await catalog.idsOf(dataset, { query })
  return asksByLooks(scope) ? nameSamples(ids) : [scope]
}

async function beginSpace(
  store: SpaceStore,
  { dataset, model, of, layer, space }: EmbedRequest,
  parts: readonly string[],
): Promise<SpaceRecord> {
  const head = {
    name: space,
    model: model.name,
    fingerprint: model.fingerprint,
    of,
    layer: of === 'labels' ? layer : null,
  }
  const found = await store.find(homeId(dataset), space)
  if (found === undefined) {
    const record = {
      ...head,
      dimensions: model.dimensions,
      scopes: [...parts],
      generation: 1,
      shards: [],
      failed: [],
    }
    await store.save(homeId(dataset), record)
    return record
  }
  if (
    found.model !== head.model ||
    found.fingerprint !== head.fingerprint ||
    found.of !== of ||
    found.layer !== head.layer
  ) {
    const things = (one: { of: string; layer: string | null }): string =>
      one.layer === null ? one.of : `${one.of} of layer ${one.layer}`
    const what =
      found.model !== head.model
        ? `of model ${found.model}`
        : things(found) === things(head)
          ? `of other weights of ${found.model}`
          : `of ${things(found)}, not of ${things(head)}`
    throw new FoveaError(
      'SPACE_EXISTS',
      `Space ${space} of dataset ${dataset.name} holds vectors ${what}; they do not mix.`,
      {
        hint: `Choose another name with --space, or remove it first: fovea spaces remove --space ${space} --dataset ${dataset.name}`,
      },
    )
  }
  // Everything takes in all parts.
  const scopes = [...found.scopes, ...parts].includes('') ? [''] : [...new Set([...found.scopes, ...parts])]
  if (scopes.join('\n') === found.scopes.join('\n')) return found
  const widened = { ...found, scopes, generation: found.generation + 1 }
  await store.save(homeId(dataset), widened)
  return widened
}

async function readTasks(
  { catalog, fileOf }: EmbedDeps,
  request: EmbedRequest,
  ids: readonly number[],
): Promise<TaskRow[]> {
  const rows: (MediaRow | RegionRow)[] =
    request.of === 'samples'
      ? await catalog.mediaOf(request.dataset, ids)
      : await catalog.regionsOf(request.dataset, { ids })
  return Promise.all(
    rows.map(async (row) => {
      const file = await fileOf(row)
      const region = 'w' in row ? { x: row.x, y: row.y, width: row.w, height: row.h } : undefined
      return { id: row.id, key: row.key, task: region === undefined ? { file } : { file, region } }
    }),
  )
}

/** As many batches in flight as the model's threads take. After a cancel, the answers that were there by then. */
async function runBatches(
  embedder: Embedder,
  rows: readonly TaskRow[],
  signal: AbortSignal,
  onDone: (count: number) => void,
): Promise<(PictureVector | undefined)[]> {
  const answers: (PictureVector | undefined)[] = []
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < rows.length && !signal.aborted) {
      const from = next
      next += embedder.batch
      const batch = rows.slice(from, from + embedder.batch)
      const vectors = await embedder.embed(batch.map((row) => row.task))
      vectors.forEach((vector, i) => (answers[from + i] = vector))
      onDone(batch.length)
    }
  }
  await Promise.all(Array.from({ length: embedder.concurrency }, lane))
  return answers
}

/** The new failures in place of old ones of the same things. */
function withFailures(record: SpaceRecord, failed: readonly FailedRow[], tried: readonly number[]): SpaceRecord {
  const again = new Set(tried)
  return { ...record, failed: [...record.failed.filter(({ id }) => !again.has(id)), ...failed] }
}

function packRows(
  rows: readonly { row: TaskRow; answer: GoodVector }[],
  dimensions: number,
): { vectors: Matrix; kept: ShardRows } {
  const data = new Float32Array(rows.length * dimensions)
  rows.forEach(({ answer }, i) => data.set(answer.vector, i * dimensions))
  const kept: ShardRows = {
    ids: Float64Array.from(rows, ({ row }) => row.id),
    keys: Float64Array.from(rows, ({ row }) => row.key),
    norms: Float32Array.from(rows, ({ answer }) => answer.norm),
  }
  if (rows.every(({ answer }) => answer.top !== undefined)) {
    const top = {
      classes: new Uint16Array(rows.length * keptClasses),
      probabilities: new Float32Array(rows.length * keptClasses),
    }
    rows.forEach(({ answer }, i) => {
      top.classes.set(answer.top!.classes, i * keptClasses)
      top.probabilities.set(answer.top!.probabilities, i * keptClasses)
    })
    kept.top = top
  }
  return { vectors: { rows: rows.length, columns: dimensions, data }, kept }
}

/** Failures as they are told. */
export function describeFailures(record: SpaceRecord): { id: string; what: string; fix: string }[] {
  return record.failed
    .slice(0, 100)
    .map(({ id, what, fix }) => ({ id: record.of === 'samples' ? formatSampleId(id) : `l_${id}`, what, fix }))
}
