import { readFile, realpath, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import { FoveaError } from '#base'
import { openTaskModel, type TaskModel } from '#models'
import type { TrainedModel, TrainingJob } from '../types.ts'
import type { JobPaths } from './types.ts'

const mostMetricsBytes = 1 << 20
const figures = z.record(z.string().min(1).max(250), z.number())

/**
 * What a foreign trainer left, looked through: its model is opened, run once and held against the job. Throws TRAINER_FAILED that says
 * what is missing or wrong.
 */
export async function readResult(job: TrainingJob, paths: JobPaths, title: string): Promise<TrainedModel> {
  const metrics = await readMetrics(paths.metrics, title)
  if (!(await isFile(join(paths.model, 'card.toml'))))
    throw wrong(title, `ended well, but left no ${join(paths.model, 'card.toml')}`)
  let model: TaskModel
  try {
    model = await openTaskModel({ folder: await realpath(paths.model), threads: job.threads, maxPixels: job.maxPixels })
  } catch (error) {
    if (!(error instanceof FoveaError)) throw error
    throw wrong(title, `left a model that cannot be used: ${error.message}`, error)
  }
  try {
    checkModel(model, job, title)
  } finally {
    await model.close()
  }
  return { folder: paths.model, metrics }
}

function checkModel({ card, classes }: TaskModel, job: TrainingJob, title: string): void {
  if (card.task !== job.task) throw wrong(title, `was to leave a model for ${job.task}, but left one for ${card.task}`)
  if (card.task === 'regression') {
    if (job.target === null || !card.output.names.includes(job.target))
      throw wrong(title, `was to leave a model of ${job.target}, but left one of ${card.output.names.join(', ')}`)
    return
  }
  const missing = job.classes.filter((name) => !classes.includes(name))
  const extra = classes.filter((name) => !job.classes.includes(name))
  if (missing.length > 0 || extra.length > 0)
    throw wrong(
      title,
      `was to leave a model of the classes ${job.classes.join(', ')}, but its model ${[
        ...(missing.length > 0 ? [`lacks ${missing.join(', ')}`] : []),
        ...(extra.length > 0 ? [`has ${extra.join(', ')} besides`] : []),
      ].join(' and ')}`,
    )
}

async function readMetrics(file: string, title: string): Promise<Readonly<Record<string, number>>> {
  const { size } = await stat(file).catch((error: NodeJS.ErrnoException) => {
    throw wrong(title, `ended well, but left no ${file}`, error)
  })
  if (size > mostMetricsBytes) throw wrong(title, `left ${file} of ${size} bytes; at most ${mostMetricsBytes} are read`)
  let data: unknown
  try {
    data = JSON.parse(await readFile(file, 'utf8'))
  } catch (error) {
    throw wrong(title, `left ${file}, which is no valid JSON`, error)
  }
  const result = figures.safeParse(data)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw wrong(title, `left ${file}, which is no object of numbers (${faults.slice(0, 5).join('; ')})`)
}

const isFile = async (file: string): Promise<boolean> =>
  stat(file).then(
    (found) => found.isFile(),
    () => false,
  )

function wrong(title: string, what: string, cause?: unknown): FoveaError {
  return new FoveaError('TRAINER_FAILED', `${title} ${what}.`, {
    hint: 'docs/trainers.md says what a trainer leaves.',
    ...(cause === undefined ? {} : { cause }),
  })
}
