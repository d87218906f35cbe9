import { autotagSamples } from '#contract'
import { FoveaError, implement, throwIfAborted, type Operation } from '#base'
import type { DatasetRef } from '#catalog'
import { keptClasses } from '#models'
import type { VectorDeps } from '../deps.ts'
import type { SpaceView } from '../spaces/view.ts'

/** What tags begin with that a network gave, so that they are not taken for people's. */
const prefix = 'auto/'
const scoreField = 'autotag_score'

/** Tags of samples, and how sure the network is of the first of each. */
interface AutoTags {
  samplesOf: Map<string, number[]>
  /** One a sample of the selection, in its order; null where nothing is sure enough. */
  best: (number | null)[]
}

/** Handler of `curation.autotag`: one change, in which tags of an earlier run that no longer hold are taken off. */
export function createAutotagOperation(deps: VectorDeps): Operation {
  const { catalog, spaces } = deps
  return implement(autotagSamples, async ({ dataset: name, query, space, min, top, remove }, { actor, signal }) => {
    const dataset = await catalog.resolveWritable(name)
    const ids = await catalog.idsOf(dataset, { query })
    const view = remove ? undefined : await spaces.open(dataset, space)
    const tags =
      view === undefined || view.ids.length === 0
        ? { samplesOf: new Map<string, number[]>(), best: ids.map(() => null) }
        : chooseTags(view, await readClasses(deps, view), { ids, min, top })
    const { added, removed } = await compareTags(deps, dataset, ids, tags)
    throwIfAborted(signal)
    const hasScores = (await catalog.schemaOf(dataset)).fields.some((field) => field.name === scoreField)
    const change = catalog.openChange({ dataset, actor, operation: autotagSamples.id })
    if (hasScores || !remove) {
      const values = ids.map((id, i) => ({ id, values: { [scoreField]: tags.best[i] ?? null } }))
      await change.step((step) => step.setValues({ [scoreField]: 'number' }, values))
    }
    await change.step(async (step) => {
      for (const [tag, samples] of removed) await step.removeTags({ ids: samples }, [tag])
      for (const [tag, samples] of added) await step.addTags({ ids: samples }, [tag])
    })
    const tagged = tags.best.filter((score) => score !== null).length
    await change.close(remove ? 'Took the auto-tags off' : `Auto-tagged ${tagged} of ${ids.length} samples`)
    return {
      space: view?.record.name ?? null,
      samples: ids.length,
      tagged,
      added: sumOf(added),
      removed: sumOf(removed),
      tags: [...tags.samplesOf]
        .map(([tag, samples]) => ({ tag, samples: samples.length }))
        .toSorted((a, b) => b.samples - a.samples || a.tag.localeCompare(b.tag)),
      change: change.id,
    }
  })
}

const sumOf = (tags: ReadonlyMap<string, readonly number[]>): number =>
  [...tags.values()].reduce((sum, samples) => sum + samples.length, 0)

/** Class names of the model that made the space. Throws INPUT_INVALID when it tells none, SPACE_STALE when it is another now. */
async function readClasses({ shelf }: VectorDeps, { record, top }: SpaceView): Promise<readonly string[]> {
  if (record.of !== 'samples')
    throw new FoveaError('INPUT_INVALID', `Space ${record.name} is one of labels; auto-tags are of samples.`, {
      hint: 'Name a space of samples with --space.',
    })
  if (top === undefined)
    throw new FoveaError('INPUT_INVALID', `The model of space ${record.name} (${record.model}) tells no classes.`, {
      hint: 'Embed with one that does, and name its space: fovea embed, then fovea autotag --space efficientnet-lite0',
    })
  const model = await shelf.find(record.model)
  if (model.fingerprint !== record.fingerprint)
    throw new FoveaError('SPACE_STALE', `Model ${model.name} is no longer the one that made space ${record.name}.`, {
      hint: `Embed again: fovea spaces rm --space ${record.name}, then fovea embed --model ${model.name}`,
    })
  return model.classes
}

function chooseTags(
  view: SpaceView,
  classes: readonly string[],
  { ids, min, top }: { ids: readonly number[]; min: number; top: number },
): AutoTags {
  const { classes: kept, probabilities } = view.top!
  const samplesOf = new Map<string, number[]>()
  const best = ids.map((id) => {
    const row = view.rowOf(id)
    // Of files that could not be read.
    if (row === undefined) return null
    const from = row * keptClasses
    for (let i = from; i < from + top && probabilities[i]! >= min; i++) {
      const name = classes[kept[i]!]
      if (name === undefined) continue
      const tag = prefix + name
      const samples = samplesOf.get(tag)
      if (samples === undefined) samplesOf.set(tag, [id])
      else if (samples.at(-1) !== id) samples.push(id)
    }
    const first = probabilities[from]!
    return first >= min ? Math.round(first * 1e6) / 1e6 : null
  })
  return { samplesOf, best }
}

/** What must be put on and taken off, by tag, so that the samples have these auto-tags and no others. */
async function compareTags(
  { catalog }: VectorDeps,
  dataset: DatasetRef,
  ids: readonly number[],
  { samplesOf }: AutoTags,
): Promise<{ added: Map<string, number[]>; removed: Map<string, number[]> }> {
  const chosen = new Set(ids)
  const { samples, names } = await catalog.membersOf(dataset, 'tags')
  const there = new Map<string, Set<number>>()
  samples.forEach((id, i) => {
    const tag = names[i]!
    if (!tag.startsWith(prefix) || !chosen.has(id)) return
    const own = there.get(tag)
    if (own === undefined) there.set(tag, new Set([id]))
    else own.add(id)
  })
  const added = new Map<string, number[]>()
  const removed = new Map<string, number[]>()
  for (const [tag, wanted] of samplesOf) {
    const missing = wanted.filter((id) => there.get(tag)?.has(id) !== true)
    if (missing.length > 0) added.set(tag, missing)
  }
  for (const [tag, has] of there) {
    const wanted = new Set(samplesOf.get(tag))
    const gone = [...has].filter((id) => !wanted.has(id))
    if (gone.length > 0) removed.set(tag, gone)
  }
  return { added, removed }
}
