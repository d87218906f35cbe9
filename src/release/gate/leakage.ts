import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Gate, GateOutcome } from '#contract'
import { formatSampleId, FoveaError, type CallContext } from '#base'
import type { DatasetRef } from '#catalog'
import type { ModelVersion } from '#models'
import type { ReleaseDeps } from '../deps.ts'

/** Written by every training: which samples it learnt from. */
const selectionName = 'selection.json'
const selectionSchema = z.object({ dataset: z.string(), train: z.array(z.int()) })
/** Samples that the query of an outcome names at most. */
const namedSamples = 200

/** Whether pictures that the model learnt from show what the pictures show that it is judged by. */
export async function judgeLeakage(
  { catalog, runs, pairScenes }: Pick<ReleaseDeps, 'catalog' | 'runs' | 'pairScenes'>,
  {
    version,
    dataset,
    ids,
    leakage,
  }: { version: ModelVersion; dataset: DatasetRef; ids: readonly number[]; leakage: NonNullable<Gate['leakage']> },
  context: CallContext,
): Promise<GateOutcome> {
  const outcome = { kind: 'leakage' as const, name: 'pictures learnt from', expected: `≤ ${leakage.maxPairs} pairs` }
  const learnt = await readLearnt(runs, version)
  if (learnt === undefined)
    return {
      ...outcome,
      passed: false,
      found: `not known: ${version.run === null ? 'the version has no run' : `its run has no ${selectionName}`} that says what it learnt from`,
      query: null,
    }
  const pairs =
    learnt.dataset === dataset.name
      ? await pairWithin({ pairScenes }, dataset, learnt.train, ids, context)
      : await pairAcross(catalog, await catalog.resolveDataset(learnt.dataset), learnt.train, dataset, ids)
  const leaking = new Set(pairs.map(({ judged }) => judged))
  const named = [...leaking].slice(0, namedSamples).map((id) => JSON.stringify(formatSampleId(id)))
  return {
    ...outcome,
    passed: pairs.length <= leakage.maxPairs,
    found:
      leaking.size === 0
        ? `none among ${learnt.train.length} learnt from and ${ids.length} judged`
        : `${pairs.length} pairs, with ${leaking.size} of the ${ids.length} pictures judged${leaking.size > namedSamples ? ` (the query names ${namedSamples})` : ''}`,
    query: named.length === 0 ? null : `id in (${named.join(', ')})`,
  }
}

async function readLearnt(
  runs: ReleaseDeps['runs'],
  { run }: ModelVersion,
): Promise<z.output<typeof selectionSchema> | undefined> {
  if (run === null) return undefined
  try {
    const file = await (await runs()).artefactFile(run, selectionName)
    return selectionSchema.parse(JSON.parse(await readFile(file, 'utf8')))
  } catch (error) {
    if (error instanceof FoveaError && (error.code === 'SOURCE_NOT_FOUND' || error.code === 'RUN_NOT_FOUND'))
      return undefined
    throw error
  }
}

interface LeakingPair {
  seen: number
  judged: number
}

/** Of one dataset: the same sample, or two that show the same scene. */
async function pairWithin(
  { pairScenes }: Pick<ReleaseDeps, 'pairScenes'>,
  dataset: DatasetRef,
  train: readonly number[],
  ids: readonly number[],
  context: CallContext,
): Promise<LeakingPair[]> {
  const [seen, judged] = [new Set(train), new Set(ids)]
  const same = ids.filter((id) => seen.has(id)).map((id) => ({ seen: id, judged: id }))
  const scenes = (await pairScenes(dataset, context)).flatMap(({ a, b }) => [
    ...(seen.has(a) && judged.has(b) ? [{ seen: a, judged: b }] : []),
    ...(seen.has(b) && judged.has(a) ? [{ seen: b, judged: a }] : []),
  ])
  return [...same, ...scenes]
}

/** Of two datasets: equal bytes or equal perceptual hashes. */
async function pairAcross(
  catalog: ReleaseDeps['catalog'],
  source: DatasetRef,
  train: readonly number[],
  dataset: DatasetRef,
  ids: readonly number[],
): Promise<LeakingPair[]> {
  const byLook = new Map<string, number>()
  for (const { id, looks } of await looksOf(catalog, source, new Set(train)))
    for (const look of looks) byLook.set(look, id)
  return (await looksOf(catalog, dataset, new Set(ids))).flatMap(({ id, looks }) => {
    const look = looks.find((each) => byLook.has(each))
    return look === undefined ? [] : [{ seen: byLook.get(look)!, judged: id }]
  })
}

async function looksOf(
  catalog: ReleaseDeps['catalog'],
  dataset: DatasetRef,
  wanted: ReadonlySet<number>,
): Promise<{ id: number; looks: string[] }[]> {
  const { ids, columns } = await catalog.columnsOf(dataset, ['md5', 'phash'])
  return ids.flatMap((id, i) =>
    wanted.has(id)
      ? [{ id, looks: columns.flatMap((column) => (typeof column[i] === 'string' ? [column[i]] : [])) }]
      : [],
  )
}
