import { mkdir, open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { formatSampleId, FoveaError, throwIfAborted, writeFileAtomic, readStorageFault } from '#base'
import { writeMaskPng } from '#media'
import type { Example, TrainingJob } from '../types.ts'
import { paintMask } from './paint-mask.ts'
import { contractVersion, type JobFile, type JobPaths } from './types.ts'

const writtenAtOnceChars = 1 << 16

function pathsOf(folder: string): JobPaths {
  const data = join(folder, 'data')
  return {
    job: join(folder, 'job.json'),
    data,
    train: join(data, 'train.jsonl'),
    validation: join(data, 'validation.jsonl'),
    model: join(folder, 'model'),
    checkpoint: join(folder, 'checkpoint'),
    metrics: join(folder, 'metrics.json'),
  }
}

/**
 * Writes what a foreign trainer gets below the job's folder: `data/` and, last, `job.json`. What an earlier try left as its result goes;
 * its `checkpoint/` stays. Pictures are named by their own paths. Throws TRAINING_DATA, CANCELLED, and TRAINER_FAILED where the
 * files cannot be written.
 */
export async function writeJob(job: TrainingJob): Promise<JobPaths> {
  const paths = pathsOf(job.folder)
  try {
    for (const stale of [paths.job, paths.data, paths.model, paths.metrics])
      await rm(stale, { recursive: true, force: true })
    await mkdir(paths.data, { recursive: true })
    await mkdir(paths.checkpoint, { recursive: true })
    await writeRows(job, paths, 'train', 0)
    await writeRows(job, paths, 'validation', job.train.length)
    const file: JobFile = {
      contract: contractVersion,
      task: job.task,
      classes: job.classes,
      target: job.target,
      params: job.params,
      seed: job.seed,
      threads: job.threads,
      maxPixels: job.maxPixels,
      resume: (await readdir(paths.checkpoint)).length > 0,
      data: { train: paths.train, validation: paths.validation },
      model: paths.model,
      checkpoint: paths.checkpoint,
      metrics: paths.metrics,
    }
    await writeFileAtomic(paths.job, `${JSON.stringify(file, null, 2)}\n`)
    return paths
  } catch (error) {
    const { code } = error as NodeJS.ErrnoException
    if (error instanceof FoveaError || code === undefined) throw error
    const storage = readStorageFault(error, job.folder)
    if (storage?.code === 'STORAGE_FULL') throw storage
    throw new FoveaError('TRAINER_FAILED', `The training data cannot be written below ${job.folder} (${code}).`, {
      hint: 'Mend the permissions, and train again.',
      cause: error,
    })
  }
}

/** One line a picture, in the order of the job. */
async function writeRows(
  job: TrainingJob,
  paths: JobPaths,
  part: 'train' | 'validation',
  before: number,
): Promise<void> {
  const file = await open(paths[part], 'w')
  try {
    let text = ''
    for (const [index, example] of job[part].entries()) {
      throwIfAborted(job.signal)
      const mask =
        job.task === 'segmentation' ? join(paths.data, 'masks', `${formatSampleId(example.id)}.png`) : undefined
      if (mask !== undefined)
        await writeMaskPng(mask, paintMask(example, job.classes), example.widthPx, example.heightPx)
      text += `${JSON.stringify(describe(example, job, mask))}\n`
      if (text.length >= writtenAtOnceChars) {
        await file.write(text)
        text = ''
      }
      const done = before + index + 1
      const total = job.train.length + job.validation.length
      if (done % 64 === 0 || done === total) job.progress.report({ stage: 'export', done, total, unit: 'samples' })
    }
    await file.write(text)
  } finally {
    await file.close()
  }
}

function describe(example: Example, job: TrainingJob, mask: string | undefined): Record<string, unknown> {
  const names = new Set(job.classes)
  const classes = example.classes ?? [...new Set(example.labels.map((label) => label.class))]
  const boxes = example.labels.flatMap(({ class: name, box, kind }) =>
    box === null ? [] : [{ class: name, kind, ...box }],
  )
  return {
    id: formatSampleId(example.id),
    file: example.file,
    width: example.widthPx,
    height: example.heightPx,
    ...(job.task === 'classification' ? { class: example.class } : {}),
    ...(job.task === 'multilabel' ? { classes: classes.filter((name) => names.has(name)) } : {}),
    ...(job.task === 'regression' ? { value: example.value } : {}),
    ...(job.task === 'anomaly' ? { anomalous: example.isAnomalous ?? false } : {}),
    ...(mask === undefined ? {} : { mask }),
    ...(boxes.length === 0 ? {} : { boxes }),
  }
}
