import { homeId, type DatasetRef, type ScoreSource } from '#catalog'
import { keptClasses, openConcepts, rateByClasses } from '#models'
import { FoveaError } from '#base'
import type { VectorDeps } from './deps.ts'
import type { SpaceView } from './spaces/view.ts'

/** A picture fits a text by concepts from this score on. */
const conceptHit = 0.3
/** A picture fits a text by an image-text model when its cosine is this many standard deviations above the mean of the space. */
const textHitDeviations = 2

type Scores = Awaited<ReturnType<ScoreSource>>

/** How well each picture fits a text: by an image-text model where a space has one, else by class probabilities. */
export async function scoreText(deps: VectorDeps, dataset: DatasetRef, text: string): Promise<Scores> {
  for (const record of await deps.store.list(homeId(dataset))) {
    if (record.of !== 'samples' || record.model === 'imported') continue
    const model = await deps.shelf.find(record.model).catch(() => undefined)
    if (model?.readsText !== true || model.fingerprint !== record.fingerprint) continue
    const view = await deps.spaces.open(dataset, record.name)
    return { key: `${view.key} text ${text}`, load: () => scoreByModel(deps, view, text) }
  }
  const view = await deps.spaces.open(dataset, undefined)
  if (view.ids.length === 0) {
    const none = { ids: view.ids, scores: new Float32Array(0), hits: new Uint8Array(0) }
    return { key: `${view.key} text`, load: async () => none }
  }
  if (view.top === undefined)
    throw new FoveaError(
      'QUERY_NEEDS_EMBEDDINGS',
      `Space ${view.record.name} knows no texts: model ${view.record.model} has neither a text side nor class names.`,
      { hint: `Use the built-in backbone: fovea embed --dataset ${dataset.name}, or add an image-text model.` },
    )
  const { classes } = await deps.shelf.find(view.record.model)
  return { key: `${view.key} text ${text}`, load: () => scoreByConcepts(view, text, classes) }
}

async function scoreByModel(deps: VectorDeps, view: SpaceView, text: string): ReturnType<Scores['load']> {
  const model = await deps.shelf.find(view.record.model)
  const [vector] = await deps.embedders.open(model).embedTexts([text])
  const queries = { rows: 1, columns: view.record.dimensions, data: vector! }
  const scores = await deps.engine.ask('scores', { source: view.source, queries })
  const mean = scores.reduce((sum, score) => sum + score, 0) / Math.max(1, scores.length)
  const variance = scores.reduce((sum, score) => sum + (score - mean) ** 2, 0) / Math.max(1, scores.length)
  const least = mean + textHitDeviations * Math.sqrt(variance)
  return { ids: view.ids, scores, hits: Uint8Array.from(scores, (score) => (score >= least ? 1 : 0)) }
}

async function scoreByConcepts(
  { ids, top, record }: SpaceView,
  text: string,
  classes: readonly string[],
): ReturnType<Scores['load']> {
  const concepts = await openConcepts()
  const known = matchClasses(classes, concepts.classNames, record.model)
  const meaning = concepts.explainText(text)
  const scores = new Float32Array(ids.length)
  for (let row = 0; row < ids.length; row++) {
    const [from, to] = [row * keptClasses, (row + 1) * keptClasses]
    scores[row] = rateByClasses(meaning, {
      classes: top!.classes.subarray(from, to).map((index) => known[index] ?? unknownClass),
      probabilities: top!.probabilities.subarray(from, to),
    })
  }
  return { ids, scores, hits: Uint8Array.from(scores, (score) => (score >= conceptHit ? 1 : 0)) }
}

/** An index that no class has. */
const unknownClass = 65_535

/** For each class of a model the same class of the concepts, by name. Throws QUERY_NEEDS_EMBEDDINGS when most have none. */
function matchClasses(classes: readonly string[], concepts: readonly string[], model: string): number[] {
  const indexOf = new Map(concepts.map((name, index) => [name.toLowerCase(), index]))
  const matched = classes.map((name) => indexOf.get(name.toLowerCase()) ?? unknownClass)
  if (matched.filter((index) => index !== unknownClass).length * 2 < classes.length)
    throw new FoveaError(
      'QUERY_NEEDS_EMBEDDINGS',
      `The classes of model ${model} are not those that texts are understood by.`,
      {
        hint: 'Texts need the built-in backbone (fovea embed) or an image-text model.',
      },
    )
  return matched
}
