import { assignSplit, findLeaks as leaksSpec } from '#contract'
import { createRng, FoveaError, formatSampleId, implement, type CallContext, type Operation } from '#base'
import { writeFields, type DatasetRef } from '#catalog'
import type { VectorDeps } from '../deps.ts'
import { groupPairs } from '../duplicates/groups.ts'
import { findSamePictures, pathsOf } from '../sameness.ts'
import { assignSplits, type SplitReport } from '../splits/assign.ts'
import { findLeaks } from '../splits/leaks.ts'

export interface SplitWish {
  ids: readonly number[]
  ratios: readonly { name: string; share: number }[]
  /** Of each id; undefined where nothing is to be shared out. */
  strata: readonly (string | undefined)[] | undefined
  /** duplicates, none, or a field whose equal values stay together. */
  group: string
  seed: number
}

/** Says which share each sample goes to, by index into the ratios; nothing is written. Throws FIELD_NOT_FOUND. */
export async function planSplit(
  deps: VectorDeps,
  dataset: DatasetRef,
  { ids, ratios, strata, group, seed }: SplitWish,
  context: CallContext,
): Promise<{ split: Int32Array; report: SplitReport; groups: Int32Array | undefined }> {
  const groups = await groupsOf(deps, dataset, ids, group, context)
  const assigned = assignSplits({
    rows: ids.length,
    ratios,
    ...(groups === undefined ? {} : { groups }),
    ...(strata === undefined ? {} : { strata }),
    rng: createRng(`split ${seed}`),
  })
  return { ...assigned, groups }
}

/** Handlers of `split.*`. */
export function createSplitOperations(deps: VectorDeps): Operation[] {
  const { catalog } = deps
  return [
    implement(assignSplit, async (input, context) => {
      const dataset = await catalog.resolveWritable(input.dataset)
      const ratios = parseRatios(input.ratios)
      const ids = (await catalog.idsOf(dataset, { query: input.query })).toSorted((a, b) => a - b)
      if (ids.length === 0)
        throw new FoveaError('INPUT_INVALID', 'No sample matches the query, so there is nothing to split.')
      const strata = await strataOf(deps, dataset, ids, input.stratify)
      const { split, report, groups } = await planSplit(
        deps,
        dataset,
        { ids, ratios, strata, group: input.group, seed: input.seed },
        context,
      )
      const change = await writeFields(
        catalog,
        {
          dataset,
          actor: context.actor,
          operation: 'split.assign',
          summary: `Split ${ids.length} samples: ${report.splits.map(({ name, count }) => `${name} ${count}`).join(', ')}`,
        },
        { split: { type: 'string', values: Array.from(split, (index) => ratios[index]!.name) } },
        ids,
      )
      return {
        splits: report.splits.map(({ name, wanted, share, count, groups: whole, strata: counts }) => ({
          name,
          wanted,
          share,
          count,
          groups: whole,
          strata: counts,
        })),
        groups: groups === undefined ? 0 : new Set(groups.filter((group) => group >= 0)).size,
        notes: report.notes,
        change,
      }
    }),
    implement(leaksSpec, async ({ dataset: name, by, threshold, space, limit }, context) => {
      const dataset = await catalog.resolveDataset(name)
      const same = await findSamePictures(deps, dataset, { by, threshold, space }, undefined, context)
      const splits = await columnOf(deps, dataset, same.ids, 'split')
      const { leaks, between } = findLeaks(same.pairs, splits)
      const shown = leaks.slice(0, limit)
      const paths = await pathsOf(
        deps,
        dataset,
        shown.flatMap(({ a, b }) => [same.ids[a]!, same.ids[b]!]),
      )
      return {
        by,
        threshold: same.threshold,
        count: leaks.length,
        between,
        pairs: shown.map(({ a, b, score, by: method, splitA, splitB }) => ({
          a: formatSampleId(same.ids[a]!),
          b: formatSampleId(same.ids[b]!),
          pathA: paths.get(same.ids[a]!) ?? '',
          pathB: paths.get(same.ids[b]!) ?? '',
          score,
          by: method,
          splitA,
          splitB,
        })),
      }
    }),
  ]
}

/** `train=.8,val=.2` to shares that sum to 1. Throws INPUT_INVALID. */
function parseRatios(text: string): { name: string; share: number }[] {
  const ratios = text.split(',').map((part) => {
    const [name, share] = part.split('=') as [string, string]
    return { name, share: Number(share) }
  })
  const names = new Set(ratios.map(({ name }) => name))
  const sum = ratios.reduce((total, { share }) => total + share, 0)
  if (names.size !== ratios.length)
    throw new FoveaError('INPUT_INVALID', `Expected each split once, got ${JSON.stringify(text)}.`)
  if (ratios.some(({ share }) => !(share > 0)))
    throw new FoveaError('INPUT_INVALID', `Expected shares above 0, got ${JSON.stringify(text)}.`)
  if (Math.abs(sum - 1) > 0.001)
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected shares that sum to 1, got ${text}, which sum to ${Number(sum.toFixed(4))}.`,
      {
        hint: 'For example train=.8,val=.1,test=.1.',
      },
    )
  return ratios.map(({ name, share }) => ({ name, share: share / sum }))
}

/** Number of the group that must stay together for each id, −1 for one that is alone. */
async function groupsOf(
  deps: VectorDeps,
  dataset: DatasetRef,
  ids: readonly number[],
  group: string,
  context: CallContext,
): Promise<Int32Array | undefined> {
  if (group === 'none') return undefined
  if (group === 'duplicates') {
    const request = { by: 'auto', threshold: undefined, space: undefined } as const
    // Of all samples, so that two that a third one links stay together even when the third is not split.
    const same = await findSamePictures(deps, dataset, request, undefined, context)
    const { group: numbers } = groupPairs(same.ids.length, same.pairs)
    const numberOf = new Map(same.ids.map((id, row) => [id, numbers[row]!]))
    return Int32Array.from(ids, (id) => numberOf.get(id) ?? -1)
  }
  const values = await columnOf(deps, dataset, ids, group)
  const numbers = new Map<string, number>()
  return Int32Array.from(values, (value) => {
    if (value === undefined) return -1
    if (!numbers.has(value)) numbers.set(value, numbers.size)
    return numbers.get(value)!
  })
}

/** What every split is to have its share of; several classes of a sample all count. */
async function strataOf(
  deps: VectorDeps,
  dataset: DatasetRef,
  ids: readonly number[],
  stratify: string,
): Promise<(string | undefined)[] | undefined> {
  if (stratify === 'none') return undefined
  if (stratify !== 'class') return columnOf(deps, dataset, ids, stratify)
  const { samples, names } = await deps.catalog.membersOf(dataset, { classesOf: 'truth' })
  const classes = new Map<number, string[]>()
  samples.forEach((id, i) => {
    const own = classes.get(id)
    if (own === undefined) classes.set(id, [names[i]!])
    else own.push(names[i]!)
  })
  return ids.map((id) => classes.get(id)?.join(' + '))
}

/** A field as text, by id; undefined where it is missing. Throws FIELD_NOT_FOUND. */
async function columnOf(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  ids: readonly number[],
  field: string,
): Promise<(string | undefined)[]> {
  const known = (await catalog.schemaOf(dataset)).fields
  if (!known.some(({ name }) => name === field))
    throw new FoveaError('FIELD_NOT_FOUND', `The dataset ${dataset.name} has no field ${field}.`, {
      hint: `Known: ${known.map(({ name }) => name).join(', ')}.`,
    })
  const all = await catalog.columnsOf(dataset, [field])
  const valueOf = new Map(all.ids.map((id, i) => [id, all.columns[0]![i]]))
  return ids.map((id) => {
    const value = valueOf.get(id)
    return value === null || value === undefined ? undefined : String(value)
  })
}
