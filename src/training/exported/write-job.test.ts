import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { encodeMask } from '#base'
import { makeExample, makeJob, makeLabel } from './testing.ts'
import { writeJob } from './write-job.ts'

let root: string
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'fovea-export-'))))
afterAll(() => rm(root, { recursive: true }))
const newFolder = (): Promise<string> => mkdtemp(join(root, 'job-'))

const readRows = async (file: string): Promise<unknown[]> =>
  (await readFile(file, 'utf8'))
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => JSON.parse(line) as unknown)

test('the job file says all that a trainer needs, and each picture has its line', async () => {
  const folder = await newFolder()
  const paths = await writeJob(makeJob(folder, { params: { epochs: 3, wise: true } }))
  expect(JSON.parse(await readFile(paths.job, 'utf8'))).toEqual({
    contract: 1,
    task: 'classification',
    classes: ['cat', 'dog', 'owl'],
    target: null,
    params: { epochs: 3, wise: true },
    seed: 5,
    threads: 1,
    maxPixels: 1_000_000,
    resume: false,
    data: { train: join(folder, 'data/train.jsonl'), validation: join(folder, 'data/validation.jsonl') },
    model: join(folder, 'model'),
    checkpoint: join(folder, 'checkpoint'),
    metrics: join(folder, 'metrics.json'),
  })
  expect(await readRows(paths.train)).toEqual([
    { id: 's_1', file: '/pictures/1.png', width: 4, height: 3, class: 'cat' },
    { id: 's_2', file: '/pictures/2.png', width: 4, height: 3, class: 'dog' },
  ])
  expect(await readRows(paths.validation)).toHaveLength(1)
})

test('each task has its own target, and boxes come along', async () => {
  const box = makeLabel('dog', { kind: 'box', box: { x: 1, y: 0, w: 2, h: 2 } })
  const shown = { ...makeExample(1, 'cat', [box]), classes: ['dog'], value: 2.5, isAnomalous: true }
  const rowOf = async (over: Parameters<typeof makeJob>[1]): Promise<unknown> => {
    const paths = await writeJob(makeJob(await newFolder(), { train: [shown], ...over }))
    return (await readRows(paths.train))[0]
  }
  const base = { id: 's_1', file: '/pictures/1.png', width: 4, height: 3 }
  const boxes = [{ class: 'dog', kind: 'box', x: 1, y: 0, w: 2, h: 2 }]
  expect(await rowOf({ task: 'multilabel' })).toEqual({ ...base, classes: ['dog'], boxes })
  expect(await rowOf({ task: 'regression', target: 'size', classes: [] })).toEqual({ ...base, value: 2.5, boxes })
  expect(await rowOf({ task: 'anomaly', classes: [] })).toEqual({ ...base, anomalous: true, boxes })
})

test('masks are pictures of class numbers, the later label on top', async () => {
  const left = encodeMask(Uint8Array.from([1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0]), 4, 3)
  const labels = [
    makeLabel('cat', { kind: 'mask', area: 6, geometry: left }),
    makeLabel('owl', { kind: 'polygon', area: 2, geometry: { type: 'polygon', parts: [[[1, 0, 3, 0, 3, 1, 1, 1]]] } }),
    makeLabel('unheard of', { kind: 'mask', area: 1, geometry: left }),
    makeLabel('dog', { kind: 'box', area: 12, box: { x: 0, y: 0, w: 4, h: 3 } }),
  ]
  const folder = await newFolder()
  await writeJob(makeJob(folder, { task: 'segmentation', train: [makeExample(7, 'x', labels)] }))
  const { data, info } = await sharp(join(folder, 'data/masks/s_7.png')).raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height]).toEqual([4, 3])
  const grey = [...data].filter((_, i) => i % info.channels === 0)
  expect(grey).toEqual([1, 3, 3, 0, 1, 1, 0, 0, 1, 1, 0, 0])
  expect((await readRows(join(folder, 'data/train.jsonl')))[0]).toMatchObject({
    mask: join(folder, 'data/masks/s_7.png'),
  })
})

test('a mask of another size than its picture is refused', async () => {
  const wrong = makeLabel('cat', { kind: 'mask', geometry: encodeMask(new Uint8Array(4), 2, 2) })
  const job = makeJob(await newFolder(), { task: 'segmentation', train: [makeExample(7, 'x', [wrong])] })
  await expect(writeJob(job)).rejects.toMatchObject({ code: 'TRAINING_DATA', message: /4 × 3 px .* got 2 × 2 px/ })
})

test('results of an earlier try go, its checkpoint stays and is told of', async () => {
  const folder = await newFolder()
  for (const name of ['model', 'checkpoint']) await mkdir(join(folder, name))
  for (const name of ['model/card.toml', 'checkpoint/last', 'metrics.json']) await writeFile(join(folder, name), 'old')
  const paths = await writeJob(makeJob(folder))
  expect((JSON.parse(await readFile(paths.job, 'utf8')) as { resume: boolean }).resume).toBe(true)
  expect((await readdir(folder)).toSorted()).toEqual(['checkpoint', 'data', 'job.json'])
})

test('cancelled midway, there is no job file', async () => {
  const folder = await newFolder()
  const control = new AbortController()
  const train = Array.from({ length: 200 }, (_, i) => makeExample(i + 1, 'cat'))
  const progress = { report: (): void => control.abort() }
  await expect(writeJob(makeJob(folder, { train, progress, signal: control.signal }))).rejects.toMatchObject({
    code: 'CANCELLED',
  })
  expect(await readdir(folder)).not.toContain('job.json')
})

test('where nothing can be written the folder is named', async () => {
  const file = join(await newFolder(), 'file')
  await writeFile(file, '')
  await expect(writeJob(makeJob(join(file, 'below')))).rejects.toMatchObject({
    code: 'TRAINER_FAILED',
    message: `The training data cannot be written below ${join(file, 'below')} (ENOTDIR).`,
  })
})
