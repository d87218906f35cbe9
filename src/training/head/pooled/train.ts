import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { stringify } from 'smol-toml'
import { builtInBackbone } from '#models'
import type { TrainedModel, TrainingJob } from '../../types.ts'
import { extractFeatures, type Features } from './features.ts'
import { measureClasses, measureLabels, measureValues, type Activation } from './figures.ts'
import { fitHead, type FitData } from './fit.ts'
import { foldScaling, measureScaling, standardise, type Scaling } from './layers.ts'
import { encodeWhole } from './network.ts'
import { classParams, valueParams, type PooledParams } from './params.ts'

const labelThreshold = 0.5

/** Head for one class, several classes or a number of a whole picture, over the frozen backbone's pooled features. */
export async function trainPooledHead(job: TrainingJob): Promise<TrainedModel> {
  const params = job.task === 'regression' ? valueParams.parse(job.params) : classParams.parse(job.params)
  const features = await extractFeatures(job, params)
  job.log(
    `${features.train.length / features.columns} views of ${job.train.length} pictures, ${features.columns} features each`,
  )
  const scaling = measureScaling(features.train, features.columns)
  standardise(features.train, scaling)
  standardise(features.validation, scaling)
  const targets = planTargets(job, params, features)
  const { activation } = targets
  const fitted = await fitHead(job, targets.data, { ...params, activation, measure: targets.measure })
  const folder = join(job.folder, 'model')
  await mkdir(folder, { recursive: true })
  const output = job.task === 'regression' ? 'values' : 'scores'
  const whole = foldScaling(fitted.weights, scaling, targets.scaling)
  await writeFile(join(folder, 'model.onnx'), await encodeWhole(params.features, whole, output))
  if (job.classes.length > 0) await writeFile(join(folder, 'classes.json'), `${JSON.stringify(job.classes)}\n`)
  await writeFile(join(folder, 'card.toml'), await describeModel(job, params, output))
  return { folder, metrics: { ...targets.measure(fitted.said), epoch: fitted.epoch } }
}

interface Targets {
  activation: Activation
  outputs: number
  data: FitData
  /** Of values, which are learnt standardised. */
  scaling?: Scaling
  measure: (said: Float32Array) => Record<string, number>
}

/** What is to be said of each view, and how answers are judged. */
function planTargets(job: TrainingJob, params: PooledParams, { columns, views, train, validation }: Features): Targets {
  const outputs = job.task === 'regression' ? 1 : job.classes.length
  const write = job.task === 'regression' ? writeValues(job) : writeClasses(job)
  const own = write(job.train)
  const held = write(job.validation)
  const scaling = job.task === 'regression' ? measureScaling(own, 1) : undefined
  const wanted = held.slice()
  if (scaling !== undefined) for (const values of [own, held]) standardise(values, scaling)
  const smoothing = 'smoothing' in params ? params.smoothing : 0
  const y = repeat(smooth(own, outputs, smoothing, job.task), outputs, views)
  const weight = repeat(
    'balance' in params && params.balance ? balance(own, outputs) : ones(job.train.length),
    1,
    views,
  )
  const data = { columns, outputs, train: { x: train, y, weight }, validation: { x: validation, y: held } }
  switch (job.task) {
    case 'multilabel':
      return {
        activation: 'sigmoid',
        outputs,
        data,
        measure: (said) => measureLabels(said, wanted, outputs, labelThreshold),
      }
    case 'regression': {
      const { mean, deviation } = scaling!
      const measure = (said: Float32Array): Record<string, number> =>
        measureValues(
          said.map((value) => value * deviation[0]! + mean[0]!),
          wanted,
        )
      return { activation: 'none', outputs, data, scaling: scaling!, measure }
    }
    default:
      return { activation: 'softmax', outputs, data, measure: (said) => measureClasses(said, wanted, outputs) }
  }
}

type Examples = TrainingJob['train']

const writeValues =
  (_job: TrainingJob) =>
  (examples: Examples): Float32Array =>
    Float32Array.from(examples, ({ value }) => value!)

const writeClasses =
  ({ classes, task }: TrainingJob) =>
  (examples: Examples): Float32Array => {
    const place = new Map(classes.map((name, i) => [name, i]))
    const rows = new Float32Array(examples.length * classes.length)
    examples.forEach((example, row) => {
      const own = task === 'multilabel' ? (example.classes ?? []) : [example.class!]
      for (const name of own) rows[row * classes.length + place.get(name)!] = 1
    })
    return rows
  }

function smooth(rows: Float32Array, columns: number, share: number, task: TrainingJob['task']): Float32Array {
  if (share === 0) return rows
  const rest = task === 'multilabel' ? share / 2 : share / columns
  return rows.map((one) => one * (1 - share) + rest)
}

const ones = (length: number): Float32Array => new Float32Array(length).fill(1)

/** Weights by which every class counts the same in all; mean 1. Of several classes the rarest of a row counts. */
function balance(rows: Float32Array, classes: number): Float32Array {
  const count = rows.length / classes
  const counts = new Float64Array(classes)
  rows.forEach((one, at) => (counts[at % classes]! += one))
  const weights = Float32Array.from({ length: count }, (_, row) => {
    let weight = 0
    for (let c = 0; c < classes; c++) if (rows[row * classes + c]! > 0) weight = Math.max(weight, 1 / counts[c]!)
    return weight
  })
  const mean = weights.reduce((sum, weight) => sum + weight, 0) / count
  return mean > 0 ? weights.map((weight) => weight / mean) : ones(count)
}

function repeat(rows: Float32Array, columns: number, times: number): Float32Array {
  const out = new Float32Array(rows.length * times)
  for (let row = 0; row < rows.length / columns; row++)
    for (let i = 0; i < times; i++)
      out.set(rows.subarray(row * columns, (row + 1) * columns), (row * times + i) * columns)
  return out
}

async function describeModel(job: TrainingJob, params: PooledParams, output: string): Promise<string> {
  const { card } = await builtInBackbone()
  const { size, resize } = params
  const outputs = {
    classification: { scores: output, activation: 'softmax', classes: 'classes.json' },
    multilabel: { scores: output, activation: 'sigmoid', classes: 'classes.json', threshold: labelThreshold },
    regression: { values: output, names: [job.target ?? 'value'] },
  }
  return stringify({
    name: `head-${job.task}`,
    title: `Head for ${job.task} over ${card.name}`,
    task: job.task,
    weights: 'model.onnx',
    licence: card.licence,
    source: 'fovea, trainer head',
    input: { ...card.input, size: [size, size], resize, crop: 1 },
    output: outputs[job.task as keyof typeof outputs],
  })
}
