import type { Scalar } from '#contract'
import { formatSampleId, FoveaError, parseSampleId, throwIfAborted, type CallContext } from '#base'
import type { CatalogExportSample, DatasetRef, MediaRow, PredictionPort } from '#catalog'
import type { ModelVersion, Prediction, TaskCard, TaskModel } from '#models'
import { createJudge } from '../judge/create-judge.ts'
import type { Judge, Judged } from '../judge/types.ts'
import { predictSamples, type FileOf } from '../predict/stream.ts'
import type { SaidPlaces } from '../verdicts/write-judged.ts'
import { placesOfSaid, readPrediction } from './predictions.ts'
import type { FieldColumn } from './slices.ts'

const toldProblems = 20

export interface JudgeDeps {
  catalog: PredictionPort
  openModel: (folder: string) => Promise<TaskModel>
  fileOf: FileOf
}

export interface JudgePlan {
  dataset: DatasetRef
  ids: readonly number[]
  truth: string
  version: ModelVersion
  /** Judged in place of running the model. */
  layer: string | null
  minScore: number | undefined
  normal: readonly string[]
  /** Told as progress. */
  stage: string
}

export interface JudgedModel {
  judged: Judged
  task: TaskCard['task']
  /** Of a layer: places of what was said among the labels of each sample; null where the model was run. */
  places: SaidPlaces | null
  skipped: Record<string, number>
  problems: { sample: string; path: string; what: string; fix: string }[]
}

/** Runs a model over samples, or reads what it said before, and holds it against the truth. */
export async function judgeModel(
  { catalog, openModel, fileOf }: JudgeDeps,
  plan: JudgePlan,
  { signal, progress }: Pick<CallContext, 'signal' | 'progress'>,
): Promise<JudgedModel> {
  const { dataset, layer } = plan
  const ids = plan.ids.toSorted((a, b) => a - b)
  const model = await openModel(plan.version.folder)
  try {
    const { card, classes } = model
    const judge = createJudge(card, classes, { ...plan, samples: ids.length })
    const targets = card.task === 'regression' ? card.output.names : []
    const columns = await readColumns(catalog, dataset, targets)
    const skipped: Record<string, number> = {}
    const problems: JudgedModel['problems'] = []
    const places = new Map<number, readonly (readonly number[])[]>()
    const skip = (reason: string): void => void (skipped[reason] = (skipped[reason] ?? 0) + 1)
    let done = 0
    const judgeOne = (judgeIt: Judge, sample: CatalogExportSample, prediction: Prediction): void => {
      const id = parseSampleId(sample.id)
      const reason = judgeIt.add(
        {
          id,
          labels: sample.labels,
          widthPx: sample.width,
          heightPx: sample.height,
          values: Object.fromEntries(targets.map((name) => [name, numberOf(columns.get(name)?.get(id) ?? null)])),
        },
        prediction,
      )
      if (reason !== undefined) skip(reason)
    }
    const tell = (): void => progress.report({ stage: plan.stage, done, total: ids.length, unit: 'samples' })
    const truths = catalog.exportSamples(dataset, { ids }, plan.truth)[Symbol.asyncIterator]()
    tell()
    if (layer === null) {
      const rows: MediaRow[] = await catalog.mediaOf(dataset, ids)
      for await (const batch of predictSamples(model, rows, { fileOf, signal })) {
        for (const seen of batch) {
          const sample = await nextOf(truths, seen.row.id)
          done++
          if ('prediction' in seen) {
            judgeOne(judge, sample, seen.prediction)
            continue
          }
          skip('unreadable')
          if (problems.length < toldProblems)
            problems.push({ sample: formatSampleId(seen.row.id), path: seen.row.path, ...seen.fault })
        }
        tell()
      }
    } else {
      const written = await readColumns(catalog, dataset, await writtenFields(catalog, dataset, card, layer))
      for await (const said of catalog.exportSamples(dataset, { ids }, layer)) {
        throwIfAborted(signal)
        const id = parseSampleId(said.id)
        const valueOf = (field: string): Scalar => written.get(`${layer}_${field}`)?.get(id) ?? null
        places.set(id, placesOfSaid(card, classes, said.labels))
        judgeOne(judge, await nextOf(truths, id), readPrediction(card, classes, said, valueOf))
        if (++done % 64 === 0 || done === ids.length) tell()
      }
    }
    const judged = judge.finish()
    if (judged.ids.length === 0)
      throw new FoveaError(
        'INPUT_INVALID',
        `None of ${ids.length} samples can be judged: ${
          Object.entries(skipped)
            .map(([reason, count]) => `${count} ${reason}`)
            .join(', ') || 'the query matches nothing'
        }.`,
        { hint: `Give a query that matches samples with labels in the layer ${plan.truth}, or another --truth.` },
      )
    return { judged, task: card.task, places: layer === null ? null : places, skipped, problems }
  } finally {
    await model.close()
  }
}

/** Fields of a layer that models.predict wrote. */
async function writtenFields(
  catalog: PredictionPort,
  dataset: DatasetRef,
  card: TaskCard,
  layer: string,
): Promise<string[]> {
  const ends = card.task === 'regression' ? card.output.names : card.task === 'anomaly' ? ['score'] : []
  const known = new Set((await catalog.schemaOf(dataset)).fields.map(({ name }) => name))
  return ends.map((end) => `${layer}_${end}`).filter((name) => known.has(name))
}

/** Values of fields by sample. Throws FIELD_NOT_FOUND. */
export async function readColumns(
  catalog: Pick<PredictionPort, 'columnsOf' | 'schemaOf'>,
  dataset: DatasetRef,
  fields: readonly string[],
): Promise<Map<string, FieldColumn>> {
  const known = (await catalog.schemaOf(dataset)).fields.map(({ name }) => name)
  const missing = fields.find((field) => !known.includes(field))
  if (missing !== undefined)
    throw new FoveaError('FIELD_NOT_FOUND', `The dataset ${dataset.name} has no field ${missing}.`, {
      hint: 'List its fields with: fovea fields',
    })
  if (fields.length === 0) return new Map()
  const { ids, columns } = await catalog.columnsOf(dataset, fields)
  return new Map(fields.map((field, i) => [field, new Map(ids.map((id, row) => [id, columns[i]![row] ?? null]))]))
}

async function nextOf(truths: AsyncIterator<CatalogExportSample>, id: number): Promise<CatalogExportSample> {
  const { value } = (await truths.next()) as { value: CatalogExportSample | undefined }
  if (value !== undefined && parseSampleId(value.id) === id) return value
  throw new FoveaError('INTERNAL', 'The dataset changed while it was judged.', { hint: 'Run it again.' })
}

const numberOf = (value: Scalar): number | null => (typeof value === 'number' ? value : null)
