import { createHash } from 'node:crypto'
import { open, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { FoveaError, throwIfAborted, loadOnnxRuntime } from '#base'
import { readResized, type Planes } from '#media'
import { builtInBackbone, fillInput, planChannels } from '#models'
import type { Example, TrainingJob } from '../../types.ts'
import { countFeatures, encodeFeatureNetwork } from './network.ts'
import type { PooledParams } from './params.ts'
import { applyView, planView } from './views.ts'

const batchViews = 8
/** Views of all pictures together that are aimed at where their number is left open. */
const aimedViews = 8000
const mostViews = 4

/** Rows of features, one picture's views one after the other. */
export interface Features {
  columns: number
  views: number
  /** [pictures · views × columns] */
  train: Float32Array
  /** [pictures × columns], of plain views. */
  validation: Float32Array
}

/** How many looks each picture gets where the parameter leaves it open. */
function countViews(asked: number, pictures: number): number {
  return asked > 0 ? asked : Math.min(mostViews, Math.max(1, Math.round(aimedViews / pictures)))
}

/**
 * Features of all pictures by the frozen backbone, each view once; kept in a file as they are made, so that another try goes on from there.
 * Throws MEDIA_UNREADABLE and the like for a picture that cannot be read.
 */
export async function extractFeatures(job: TrainingJob, params: PooledParams): Promise<Features> {
  const views = countViews(params.views, job.train.length)
  const columns = countFeatures(params.features)
  const looks = [
    ...job.train.flatMap((example) => Array.from({ length: views }, (_, view) => ({ example, view }))),
    ...job.validation.map((example) => ({ example, view: 0 })),
  ]
  const data = new Float32Array(looks.length * columns)
  const file = await open(join(job.cache ?? job.folder, `features-${nameKey(job, params, views)}.f32`), 'a+')
  try {
    const done = await readRows(file, data, columns)
    if (done < looks.length) await makeRows(job, params, looks, { data, columns, done, file })
  } finally {
    await file.close()
  }
  const trainLength = job.train.length * views * columns
  return { columns, views, train: data.subarray(0, trainLength), validation: data.subarray(trainLength) }
}

/** Changes with whatever the features depend on. */
function nameKey(job: TrainingJob, params: PooledParams, views: number): string {
  const { size, resize, features, flip, crop, light } = params
  const isVaried = views > 1
  const pictures = [job.train, job.validation].map((part) => part.map(({ id, file }) => [id, file]))
  const told = [size, resize, features, views, ...(isVaried ? [flip, crop, light, job.seed] : []), pictures]
  return createHash('sha256').update(JSON.stringify(told)).digest('hex').slice(0, 16)
}

/** Takes whole rows that an earlier try left. Answers how many. */
async function readRows(file: FileHandle, data: Float32Array, columns: number): Promise<number> {
  const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength)
  const { size } = await file.stat()
  const rows = Math.min(Math.floor(size / (4 * columns)), data.length / columns)
  const end = rows * columns * 4
  for (let at = 0; at < end;) {
    const { bytesRead } = await file.read(bytes, at, Math.min(end - at, 1 << 26), at)
    if (bytesRead === 0) throw new FoveaError('INTERNAL', 'The file of features became shorter while it was read.')
    at += bytesRead
  }
  if (size !== end) await file.truncate(end)
  return rows
}

async function makeRows(
  job: TrainingJob,
  params: PooledParams,
  looks: readonly { example: Example; view: number }[],
  { data, columns, done, file }: { data: Float32Array; columns: number; done: number; file: FileHandle },
): Promise<void> {
  const { card } = await builtInBackbone()
  const channels = planChannels(card.input)
  const ort = await loadOnnxRuntime()
  const session = await ort.InferenceSession.create(await encodeFeatureNetwork(params.features), {
    intraOpNumThreads: job.threads,
    interOpNumThreads: 1,
  })
  const { size } = params
  const perView = 3 * size * size
  const read = (from: number): Promise<Planes[]> =>
    Promise.all(looks.slice(from, from + batchViews).map((look) => readLook(job, params, look)))
  try {
    let next = read(done)
    for (let from = done; from < looks.length; from += batchViews) {
      throwIfAborted(job.signal)
      const pictures = await next
      // Pictures of the next batch are decoded while the network looks at this one.
      next = from + batchViews < looks.length ? read(from + batchViews) : Promise.resolve([])
      next.catch(() => {})
      const input = new Float32Array(pictures.length * perView)
      pictures.forEach((picture, i) =>
        fillInput('nchw', channels, picture, input.subarray(i * perView, (i + 1) * perView)),
      )
      const { rows } = await session.run(
        { [card.input.name]: new ort.Tensor('float32', input, [pictures.length, 3, size, size]) },
        ['rows'],
      )
      const values = rows!.data as Float32Array
      data.set(values, from * columns)
      await file.appendFile(new Uint8Array(values.buffer, values.byteOffset, values.byteLength))
      job.progress.report({
        stage: 'features',
        done: Math.min(looks.length, from + batchViews),
        total: looks.length,
        unit: 'views',
      })
    }
  } finally {
    await session.release()
  }
}

async function readLook(
  { seed, maxPixels }: TrainingJob,
  params: PooledParams,
  { example, view: index }: { example: Example; view: number },
): Promise<Planes> {
  const { size, resize } = params
  const view = planView(example, index, params, seed)
  const plan = { heightPx: size, widthPx: size, fit: resize, crop: 1, kernel: 'cubic', pad: 114 } as const
  const planes = await readResized(example.file, plan, { maxPixels }, view.region)
  return index === 0 ? planes : applyView(planes, view, size)
}
