// The trainer head as a classifier of CIFAR-10's 10 000 test photographs, 80/20 by class: accuracy on what it has not seen, and the time
// of the training, features included. A fifth of what is learnt says when to stop; nothing of what is judged does.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { openTaskModel } from '#models'
import { createTrainers } from '#training'
import type { BenchResult } from './bench.ts'
import type { Example } from './tiles.ts'
import { maxPixels, measureTraining } from './training.ts'

export const name = 'classify-head'
const photographs = resolve(import.meta.dirname, '../../shared/data/cifar10-test')
const runBatch = 64

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(photographs)) return []
  const load = loadavg()[0]!
  const { classes, train, validation, test } = await readPhotographs()
  const head = await createTrainers({ python: 'python3', commands: {}, cwd: tmpdir(), env: {} }).head()
  const { ms, judged: accuracy } = await measureTraining(
    head,
    { task: 'classification', train, validation, classes, seed: 0 },
    ({ folder }) => judge(folder, test),
  )
  return [
    {
      what: `cifar10-test: accuracy on ${test.length} photographs, 80/20 by class; ${train.length} learnt, ${validation.length} to stop by`,
      value: 100 * accuracy,
      unit: '%',
    },
    { what: 'cifar10-test: training, features included', value: ms / 1000, unit: 's' },
    { what: 'load of the machine when it began (1 would be one busy core)', value: load, unit: '' },
  ]
}

/** Every fifth photograph of a class is judged, and every fifth of the others says when to stop. */
async function readPhotographs(): Promise<{
  classes: string[]
  train: Example[]
  validation: Example[]
  test: Example[]
}> {
  const entries = await readdir(photographs, { withFileTypes: true })
  const classes = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
  const parts = { train: [], validation: [], test: [] } as Record<'train' | 'validation' | 'test', Example[]>
  let id = 0
  for (const each of classes) {
    const files = (await readdir(join(photographs, each))).filter((file) => file.endsWith('.jpg')).toSorted()
    for (const [i, file] of files.entries())
      parts[i % 5 === 0 ? 'test' : i % 25 < 5 ? 'validation' : 'train'].push({
        id: id++,
        file: join(photographs, each, file),
        widthPx: 32,
        heightPx: 32,
        labels: [],
        class: each,
        value: null,
      })
  }
  return { classes, ...parts }
}

async function judge(folder: string, test: readonly Example[]): Promise<number> {
  const model = await openTaskModel({ folder, threads: availableParallelism(), maxPixels })
  let right = 0
  try {
    for (let from = 0; from < test.length; from += runBatch) {
      const some = test.slice(from, from + runBatch)
      const answers = await model.predict(await Promise.all(some.map(({ file }) => model.prepare({ file }))))
      answers.forEach(({ classes }, i) => (right += Number(classes![0]!.class === some[i]!.class)))
    }
  } finally {
    await model.close()
  }
  return right / test.length
}
