import { predictModel as spec, type Label } from '#contract'
import { formatSampleId, FoveaError, implement, type Operation } from '#base'
import { refuseFields, type DatasetRef, type MediaRow, type PredictionPort } from '#catalog'
import type { RunStore } from '#experiments'
import { labelOptions, predictionLabels, type ModelRegistry, type ModelVersion, type TaskModel } from '#models'
import { predictedFields } from './fields.ts'
import { predictSamples, type FileOf } from './stream.ts'

const toldProblems = 20

export interface PredictionDeps {
  catalog: PredictionPort
  registry: () => Promise<ModelRegistry>
  runs: () => Promise<RunStore>
  openModel: (folder: string) => Promise<TaskModel>
  fileOf: FileOf
}

/** Handler of models.predict. What a cancelled call wrote stands, and the next goes on from there. */
export function createPredictOperation({ catalog, registry, openModel, fileOf }: PredictionDeps): Operation {
  return implement(spec, async (input, context) => {
    const dataset = await catalog.resolveWritable(input.dataset)
    const version = await (await registry()).load(input.model)
    const layer = input.layer ?? version.model
    const ids = await catalog.idsOf(dataset, { query: input.query })
    const model = await openModel(version.folder)
    try {
      const options = labelOptions(model.card, input.minScore)
      const addedClasses = await findMissingClasses(catalog, dataset, model, input.addClasses)
      const fields = predictedFieldNames(layer, model)
      await refuseFields(catalog, dataset, Object.fromEntries(fields.map((name) => [name, 'number'])))

      const rows = await catalog.mediaOf(dataset, ids)
      const digestOf = ({ md5 }: MediaRow): string => `${signatureOf(version)} ${JSON.stringify(options)} ${md5}`
      const pending = await findPending(catalog, { dataset, layer, rows, digestOf, replace: input.replace })

      const counts = { predicted: 0, unreadable: 0, labels: 0 }
      const problems: { sample: string; path: string; what: string; fix: string }[] = []
      const change = catalog.openChange({ dataset, actor: context.actor, operation: spec.id })
      const report = (): void =>
        context.progress.report({
          stage: 'predict',
          done: counts.predicted + counts.unreadable,
          total: pending.length,
          unit: 'samples',
        })
      report()
      try {
        if (addedClasses.length > 0)
          await change.step((step) => step.ensureClasses(addedClasses.map((name) => ({ name }))))
        for await (const batch of predictSamples(model, pending, { fileOf, signal: context.signal })) {
          const labelled: { id: number; labels: Label[]; digest: string }[] = []
          const valued: { id: number; values: Record<string, number> }[] = []
          for (const seen of batch) {
            if ('fault' in seen) {
              counts.unreadable++
              const { id, path } = seen.row
              if (problems.length < toldProblems) problems.push({ sample: formatSampleId(id), path, ...seen.fault })
              continue
            }
            counts.predicted++
            const labels = predictionLabels(seen.prediction, options)
            counts.labels += labels.length
            labelled.push({ id: seen.row.id, labels, digest: digestOf(seen.row) })
            if (fields.length > 0) valued.push({ id: seen.row.id, values: predictedFields(layer, seen.prediction) })
          }
          // A step that makes columns may do nothing else to the samples. Labels come last: their digest says that all is written.
          if (valued.length > 0)
            await change.step((step) =>
              step.setValues(Object.fromEntries(fields.map((name) => [name, 'number'])), valued),
            )
          await change.step((step) => step.replaceLabels(layer, labelled))
          report()
        }
      } finally {
        await change.close(
          `Predicted ${counts.predicted} samples with ${version.model}:${version.version} into ${layer}`,
        )
      }
      return {
        model: `${version.model}:${version.version}`,
        task: model.card.task,
        layer,
        samples: ids.length,
        ...counts,
        unchanged: rows.length - pending.length,
        problems,
        fields,
        addedClasses,
        change: change.id,
      }
    } finally {
      await model.close()
    }
  })
}

const predictedFieldNames = (layer: string, { card }: TaskModel): string[] =>
  card.task === 'regression'
    ? card.output.names.map((name) => `${layer}_${name}`)
    : card.task === 'anomaly'
      ? [`${layer}_score`]
      : []

/** Changes when a version or any of its files does. */
function signatureOf({ model, version, files }: ModelVersion): string {
  return `${model}:${version} ${files.map(({ sha256 }) => sha256.slice(0, 12)).join(' ')}`
}

async function findMissingClasses(
  catalog: PredictionPort,
  dataset: DatasetRef,
  { card, classes }: TaskModel,
  add: boolean,
): Promise<string[]> {
  const known = new Set(await catalog.classNames(dataset))
  const missing = classes.filter((name) => !known.has(name))
  if (missing.length > 0 && !add)
    throw new FoveaError(
      'CLASS_NOT_FOUND',
      `The ontology of ${dataset.name} lacks ${missing.length === 1 ? 'a class' : `${missing.length} classes`} of model ${card.name}: ${missing.slice(0, 20).join(', ')}.`,
      { hint: 'Add them with --add-classes, or rename the classes of the model.', details: { missing } },
    )
  return missing
}

/** Samples that this version has not predicted into the layer. Throws INPUT_INVALID for labels from elsewhere. */
async function findPending(
  catalog: PredictionPort,
  plan: {
    dataset: DatasetRef
    layer: string
    rows: readonly MediaRow[]
    digestOf: (row: MediaRow) => string
    replace: boolean
  },
): Promise<MediaRow[]> {
  const { dataset, layer, rows, digestOf, replace } = plan
  const { layers } = await catalog.schemaOf(dataset)
  if (!layers.some(({ name }) => name === layer)) return [...rows]
  const known = new Map(
    [...(await catalog.knownSources(dataset, layer)).values()].map(({ id, digest }) => [id, digest]),
  )
  const pending = rows.filter((row) => known.get(row.id) !== digestOf(row))
  if (replace || pending.length === 0) return pending
  const labelled = new Set((await catalog.labelColumns(dataset, layer, { ids: pending.map(({ id }) => id) })).samples)
  const taken = pending.filter(({ id }) => labelled.has(id))
  if (taken.length === 0) return pending
  throw new FoveaError(
    'INPUT_INVALID',
    `The layer ${layer} holds other labels of ${taken.length} of these samples, ${taken[0]!.path} among them.`,
    { hint: 'Write over them with --replace, or give another --layer.', details: { samples: taken.length } },
  )
}
