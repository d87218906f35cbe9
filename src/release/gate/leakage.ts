import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Gate, GateOutcome } from '#contract'
import { formatSampleId, FoveaError } from '#base'
import type { DatasetRef } from '#catalog'
import type { ModelVersion } from '#models'
import { findHashPairs } from '#vectors'
import type { ReleaseDeps } from '../deps.ts'

/** Written by every training: which samples it learnt from. */
const selectionName = 'selection.json'
const selectionSchema = z.object({ dataset: z.string(), train: z.array(z.int()) })
/** Samples that the query of an outcome names at most. */
const namedSamples = 200

/** Whether pictures that the model learnt from show what the pictures show that it is judged by. */
export async function judgeLeakage(
  { catalog, runs }: Pick<ReleaseDeps, 'catalog' | 'runs'>,
  {
    version,
    dataset,
    ids,
    leakage,
  }: { version: ModelVersion; dataset: DatasetRef; ids: readonly number[]; leakage: NonNullable<Gate['leakage']> },
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
  const source = learnt.dataset === dataset.name ? dataset : await catalog.resolveDataset(learnt.dataset)
  const [seen, judged] = [
    await looksOf(catalog, source, new Set(learnt.train)),
    await looksOf(catalog, dataset, new Set(ids)),
  ]
  const pairs = await findHashPairs(
    [...seen, ...judged].map((each) => each.phash),
    {
      radius: leakage.maxBits,
      equal: 'all',
    },
  )
  const leaking = new Set(
    pairs.filter(({ a, b }) => a < seen.length && b >= seen.length).map(({ b }) => judged[b - seen.length]!.id),
  )
  const across = pairs.filter(({ a, b }) => a < seen.length && b >= seen.length).length
  const digests = new Set(seen.map(({ md5 }) => md5))
  for (const { id, md5 } of judged) if (digests.has(md5)) leaking.add(id)
  const named = [...leaking].slice(0, namedSamples).map((id) => JSON.stringify(formatSampleId(id)))
  return {
    ...outcome,
    passed: Math.max(across, leaking.size) <= leakage.maxPairs,
    found:
      leaking.size === 0
        ? `none among ${seen.length} learnt from and ${judged.length} judged`
        : `${across} pairs, with ${leaking.size} of the ${judged.length} pictures judged${leaking.size > namedSamples ? ` (the query names ${namedSamples})` : ''}`,
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

async function looksOf(
  catalog: ReleaseDeps['catalog'],
  dataset: DatasetRef,
  wanted: ReadonlySet<number>,
): Promise<{ id: number; md5: string; phash: string | null }[]> {
  const { ids, columns } = await catalog.columnsOf(dataset, ['md5', 'phash'])
  return ids.flatMap((id, i) =>
    wanted.has(id) ? [{ id, md5: String(columns[0]![i]), phash: columns[1]![i] as string | null }] : [],
  )
}
