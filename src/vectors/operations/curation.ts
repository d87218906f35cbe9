import { findDuplicates, findOutliers, scoreSamples, selectSamples } from '#contract'
import { FoveaError, formatSampleId, implement, type Operation } from '#base'
import { writeFields, type DatasetRef } from '#catalog'
import type { VectorDeps } from '../deps.ts'
import { groupPairs } from '../duplicates/groups.ts'
import { probabilitiesOf } from '../predictions.ts'
import { scoreHardness } from '../curation/scores.ts'
import { findSamePictures, nameSample, pathsOf } from '../sameness.ts'
import type { SpaceView } from '../spaces/view.ts'

/** Handlers of `curation.*`. */
export function createCurationOperations(deps: VectorDeps): Operation[] {
  const { catalog, spaces, engine } = deps
  return [
    implement(findDuplicates, async ({ dataset: name, query, by, threshold, space, save }, context) => {
      const dataset = await (save ? catalog.resolveWritable(name) : catalog.resolveDataset(name))
      const chosen = query.trim() === '' ? undefined : await catalog.idsOf(dataset, { query })
      const same = await findSamePictures(deps, dataset, { by, threshold, space }, chosen, context)
      const { group, groups } = groupPairs(same.ids.length, same.pairs)
      const paths = await pathsOf(
        deps,
        dataset,
        groups.flatMap(({ rows }) => rows.map((row) => same.ids[row]!)),
      )
      const values = Array.from(group, (number) => (number < 0 ? null : `g${number + 1}`))
      const summary = `Grouped ${groups.reduce((sum, { rows }) => sum + rows.length, 0)} samples that show the same scene`
      const change = save
        ? await writeFields(
            catalog,
            { dataset, actor: context.actor, operation: 'curation.duplicates', summary },
            { duplicate_group: { type: 'string', values } },
            same.ids,
          )
        : null
      const classes = await classSets(deps, dataset)
      return {
        by,
        threshold: same.threshold,
        samples: same.ids.length,
        pairs: same.pairs.length,
        grouped: values.filter((value) => value !== null).length,
        mixedGroups: groups.filter(({ rows }) => new Set(rows.map((row) => classes.get(same.ids[row]!) ?? '')).size > 1)
          .length,
        groups: groups.map(({ rows, scores, kept, methods }, i) => ({
          group: `g${i + 1}`,
          keep: formatSampleId(same.ids[kept]!),
          samples: rows.map((row, j) => ({ ...nameSample(same.ids[row]!, paths), score: scores[j]! })),
          by: methods,
        })),
        change,
      }
    }),
    implement(findOutliers, async ({ dataset: name, space, limit }, context) => {
      const dataset = await catalog.resolveWritable(name)
      const view = await openSamples(dataset, space)
      const { score, outlier, threshold } = await engine.run('outliers', { source: view.source }, context)
      const count = outlier.reduce((sum, one) => sum + one, 0)
      const change = await writeFields(
        catalog,
        { dataset, actor: context.actor, operation: 'curation.outliers', summary: `Found ${count} outliers` },
        {
          outlier_score: { type: 'number', values: Array.from(score, roundScore) },
          outlier: { type: 'boolean', values: Array.from(outlier, (one) => one === 1) },
        },
        view.ids,
      )
      const far = [...score.keys()]
        .filter((row) => outlier[row] === 1)
        .toSorted((a, b) => score[b]! - score[a]! || a - b)
      const shown = far.slice(0, limit).map((row) => ({ id: view.ids[row]!, score: score[row]! }))
      const paths = await pathsOf(
        deps,
        dataset,
        shown.map(({ id }) => id),
      )
      return {
        space: view.record.name,
        // Infinite for a space of nothing.
        threshold: Number.isFinite(threshold) ? threshold : 0,
        count,
        outliers: shown.map(({ id, score: far1 }) => ({ ...nameSample(id, paths), score: far1 })),
        change,
      }
    }),
    implement(scoreSamples, async ({ dataset: name, space, seed, predictions }, context) => {
      const dataset = await catalog.resolveWritable(name)
      const view = await openSamples(dataset, space)
      const { uniqueness, representativeness } = await engine.run(
        'scoreSamples',
        { source: view.source, seed },
        context,
      )
      const fields: Parameters<typeof writeFields>[2] = {
        uniqueness: { type: 'number', values: Array.from(uniqueness, roundScore) },
        representativeness: { type: 'number', values: Array.from(representativeness, roundScore) },
      }
      if (predictions !== undefined) {
        const { matrix, has } = await probabilitiesOf(catalog, dataset, predictions, [...view.ids])
        const hardness = scoreHardness(matrix)
        fields['hardness'] = {
          type: 'number',
          values: Array.from(hardness, (one, row) => (has[row] === 1 ? roundScore(one) : null)),
        }
      }
      const change = await writeFields(
        catalog,
        { dataset, actor: context.actor, operation: 'curation.score', summary: `Scored ${view.ids.length} samples` },
        fields,
        view.ids,
      )
      return { space: view.record.name, fields: Object.keys(fields), samples: view.ids.length, change }
    }),
    implement(selectSamples, async (input, context) => {
      const { dataset: name, query, budget, strategy, space, predictions, seed, tag } = input
      const dataset = await (tag === undefined ? catalog.resolveDataset(name) : catalog.resolveWritable(name))
      const view = await openSamples(dataset, space)
      const rows = await rowsOfQuery(deps, dataset, view, query)
      const scores =
        strategy === 'uncertainty' || strategy === 'hard'
          ? await rankByPredictions(deps, dataset, view, rows, strategy, predictions)
          : null
      const { chosen, coverage } = await engine.run(
        'select',
        { source: view.source, rows, budget, strategy, seed, scores },
        context,
      )
      const ids = Array.from(chosen, (row) => view.ids[row]!)
      const change = tag === undefined ? null : await tagSamples(deps, dataset, ids, tag, context.actor)
      const paths = await pathsOf(deps, dataset, ids)
      return { strategy, chosen: ids.map((id) => nameSample(id, paths)), coverage, change }
    }),
  ]

  async function openSamples(dataset: DatasetRef, space: string | undefined): Promise<SpaceView> {
    const view = await spaces.open(dataset, space)
    if (view.record.of === 'samples') return view
    throw new FoveaError('INPUT_INVALID', `Space ${view.record.name} is one of labels; this works on samples.`, {
      hint: 'Name a space of samples with --space.',
    })
  }
}

/** Six digits are more than a score means, and less to store. */
const roundScore = (score: number): number => Math.round(score * 1e6) / 1e6

async function rowsOfQuery(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  view: SpaceView,
  query: string,
): Promise<Int32Array> {
  if (query.trim() === '') return Int32Array.from(view.ids.keys())
  const ids = await catalog.idsOf(dataset, { query })
  return Int32Array.from(ids.flatMap((id) => view.rowOf(id) ?? [])).toSorted()
}

/** The higher, the sooner chosen; NaN for samples without a prediction. */
async function rankByPredictions(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  view: SpaceView,
  rows: Int32Array,
  strategy: 'uncertainty' | 'hard',
  layer: string | undefined,
): Promise<Float32Array> {
  if (layer === undefined)
    throw new FoveaError(
      'INPUT_INVALID',
      `The strategy ${strategy} looks at predictions; say in which layer they are.`,
      {
        hint: 'Name it with --predictions, or choose --strategy coverage.',
      },
    )
  const { matrix, has } = await probabilitiesOf(
    catalog,
    dataset,
    layer,
    Array.from(rows, (row) => view.ids[row]!),
  )
  const hardness = strategy === 'hard' ? scoreHardness(matrix) : undefined
  return Float32Array.from(rows, (_, i) => {
    if (has[i] !== 1) return Number.NaN
    if (hardness !== undefined) return hardness[i]!
    // Least confidence (Settles 2009): one minus the highest probability.
    let highest = 0
    for (let c = i * matrix.columns; c < (i + 1) * matrix.columns; c++) highest = Math.max(highest, matrix.data[c]!)
    return 1 - highest
  })
}

async function tagSamples(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  ids: readonly number[],
  tag: string,
  actor: string,
): Promise<string | null> {
  const change = catalog.openChange({ dataset, actor, operation: 'curation.select' })
  await change.step((step) => step.addTags({ ids }, [tag]))
  await change.close(`Chose ${ids.length} samples and tagged them ${tag}`)
  return change.id
}

/** The classes of every sample as one text, to see whether two have the same. */
async function classSets({ catalog }: VectorDeps, dataset: DatasetRef): Promise<Map<number, string>> {
  const { samples, names } = await catalog.membersOf(dataset, { classesOf: 'truth' })
  const sets = new Map<number, string>()
  samples.forEach((id, i) => sets.set(id, `${sets.get(id) ?? ''}\n${names[i]}`))
  return sets
}
