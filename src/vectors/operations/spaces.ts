import { join } from 'node:path'
import { embed, findSimilar, importVectors, listSpaces, removeSpace, type Space } from '#contract'
import { formatSampleId, FoveaError, implement, type Operation } from '#base'
import { homeId, type DatasetRef, type RegionRow } from '#catalog'
import type { ShelvedModel } from '#models'
import type { VectorDeps } from '../deps.ts'
import { vectorOf } from '../similar.ts'
import { describeFailures, embedDataset } from '../spaces/embed.ts'
import { importVectorFile } from '../spaces/import.ts'
import type { SpaceRecord } from '../spaces/store.ts'
import type { SpaceView } from '../spaces/view.ts'
import { listMaps } from '../maps.ts'
import type { Matrix } from '../types.ts'

/** Up to here the answer is always exact. */
const approximateRows = 200_000

/** Handlers of `spaces.*` but maps and clusters. */
export function createSpaceOperations(deps: VectorDeps): Operation[] {
  const { catalog, store, spaces, shelf, embedders } = deps
  return [
    implement(embed, async (input, context) => {
      const dataset = await catalog.resolveWritable(input.dataset)
      const model = await shelf.find(input.model)
      refuseVectorless(model)
      const { of, layer, query } = input
      const space = input.space ?? (of === 'samples' ? model.name : `${model.name}-${of}`)
      const request = { dataset, query, model, embedder: embedders.open(model), of, layer, space }
      const { record, embedded, unchanged } = await embedDataset(deps, request, context)
      return {
        space,
        dimensions: record.dimensions,
        embedded,
        unchanged,
        failed: record.failed.length,
        failures: describeFailures(record),
      }
    }),
    implement(listSpaces, async ({ dataset: name }) => {
      const dataset = await catalog.resolveDataset(name)
      const records = await store.list(homeId(dataset))
      return { spaces: await Promise.all(records.map((record) => describeSpace(deps, dataset, record))) }
    }),
    implement(removeSpace, async ({ dataset: name, space }) => {
      const dataset = await catalog.resolveWritable(name)
      await spaces.find(dataset, space)
      await store.remove(homeId(dataset), space)
      return { removed: space }
    }),
    implement(importVectors, async (input, context) => {
      const dataset = await catalog.resolveWritable(input.dataset)
      const record = await importVectorFile(deps, { ...input, dataset }, context)
      return {
        space: record.name,
        dimensions: record.dimensions,
        vectors: record.shards.reduce((sum, shard) => sum + shard.rows, 0),
      }
    }),
    implement(findSimilar, async (input, context) => {
      const dataset = await catalog.resolveDataset(input.dataset)
      const view = await spaces.open(dataset, input.space)
      const queries = await queryVector(deps, view, input.like, context.signal)
      const among = input.query.trim() === '' ? undefined : await rowsAmong(deps, dataset, view, input.query)
      const approximate =
        input.index === 'approximate' ||
        (input.index === 'auto' && view.ids.length > approximateRows && among === undefined)
      const self = /^[sl]_\d+$/.test(input.like) ? view.rowOf(Number(input.like.slice(2))) : undefined
      const found: { rows: Int32Array; scores: Float64Array; recall: number | null } = approximate
        ? await deps.engine.ask('approximate', {
            source: view.source,
            queries,
            k: input.limit + 1,
            file: join(store.folder(homeId(dataset), view.record.name), 'index.bin'),
          })
        : {
            ...(await deps.engine.ask('rank', { source: view.source, queries, k: input.limit + 1, among })),
            recall: null,
          }
      const rows = Array.from(found.rows, (row, i) => ({ row, score: found.scores[i]! })).filter(
        ({ row }) => row !== self,
      )
      return {
        space: view.record.name,
        index: approximate ? ('approximate' as const) : ('exact' as const),
        recall: found.recall,
        neighbours: await nameRows(deps, dataset, view, rows.slice(0, input.limit)),
      }
    }),
  ]
}

/** Before anything is written. Throws MODEL_MISMATCH. */
function refuseVectorless({ name, task }: ShelvedModel): void {
  if (task === 'embedding') return
  throw new FoveaError(
    'MODEL_MISMATCH',
    `Model ${name} is one for ${task}: it gives no vectors, so there is no space of it.`,
    {
      hint:
        task === 'detection'
          ? `Its boxes are written with: fovea models detect ${name}. For vectors, leave --model out or take one that fovea models lists for embedding.`
          : 'Leave --model out, or take one that fovea models lists for embedding.',
    },
  )
}

async function describeSpace(deps: VectorDeps, dataset: DatasetRef, record: SpaceRecord): Promise<Space> {
  const standing = await deps.spaces.standing(dataset, record)
  const { name, model, of, layer, dimensions } = record
  return {
    name,
    model,
    of,
    layer,
    dimensions,
    vectors: standing.rows.length,
    failed: record.failed.length,
    missing: standing.missing.length,
    stale: standing.stale.length,
    bytes: await deps.store.bytes(homeId(dataset), name),
    maps: await listMaps(deps.store.folder(homeId(dataset), name)),
  }
}

/** Of a sample or label of the space, or of a file, which the space's model looks at now. */
async function queryVector(deps: VectorDeps, view: SpaceView, like: string, signal: AbortSignal): Promise<Matrix> {
  if (/^[sl]_\d+$/.test(like)) return vectorOf(deps, view, like)
  const { record } = view
  if (record.model === 'imported')
    throw new FoveaError(
      'MODEL_NOT_FOUND',
      `The vectors of space ${record.name} were made elsewhere, so a file cannot be compared with them.`,
      {
        hint: 'Give the id of a sample, or another space with --space.',
      },
    )
  const model = await deps.shelf.find(record.model)
  if (model.fingerprint !== record.fingerprint)
    throw new FoveaError('SPACE_STALE', `Model ${model.name} is no longer the one that made space ${record.name}.`, {
      hint: `Embed again: fovea spaces remove --space ${record.name}, then fovea embed --model ${model.name}`,
    })
  const [answer] = await deps.embedders.open(model).embed([{ file: like }], signal)
  if (!answer!.ok) throw new FoveaError('MEDIA_UNREADABLE', answer!.what, { hint: answer!.fix })
  return { rows: 1, columns: record.dimensions, data: answer!.vector }
}

async function rowsAmong(deps: VectorDeps, dataset: DatasetRef, view: SpaceView, query: string): Promise<Uint8Array> {
  const among = new Uint8Array(view.ids.length)
  const ids =
    view.record.of === 'samples'
      ? await deps.catalog.idsOf(dataset, { query })
      : (await deps.catalog.regionsOf(dataset, { layer: view.record.layer ?? 'truth', selection: { query } })).map(
          ({ id }) => id,
        )
  for (const id of ids) {
    const row = view.rowOf(id)
    if (row !== undefined) among[row] = 1
  }
  return among
}

async function nameRows(
  deps: VectorDeps,
  dataset: DatasetRef,
  view: SpaceView,
  rows: readonly { row: number; score: number }[],
): Promise<{ sample: string; label: string | null; path: string; score: number }[]> {
  const ids = rows.map(({ row }) => view.ids[row]!)
  const ofLabels = view.record.of === 'labels'
  const known = ofLabels ? await deps.catalog.regionsOf(dataset, { ids }) : await deps.catalog.mediaOf(dataset, ids)
  const byId = new Map(known.map((row) => [row.id, row]))
  return rows.map(({ row, score }) => {
    const id = view.ids[row]!
    const media = byId.get(id)!
    return ofLabels
      ? {
          sample: formatSampleId((media as RegionRow).sample),
          label: `l_${id}`,
          path: media.path,
          score: Math.min(1, score),
        }
      : { sample: formatSampleId(id), label: null, path: media.path, score: Math.min(1, score) }
  })
}
