import { spawnSync } from 'node:child_process'
import { chmod, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createRng, encodeMask, FoveaError } from '#base'
import { makeExample, makeJob, makeLabel, writeColourModel } from '../exported/testing.ts'
import type { Example, TrainingJob } from '../types.ts'
import { createTorchTrainer } from './index.ts'

const scriptFolder = join(import.meta.dirname, 'script')
/** Set TORCH_PYTHON to an interpreter with torch, numpy, pillow and onnx where python3 has them not. */
const python = process.env.TORCH_PYTHON ?? 'python3'
const answers = (code: string): boolean => spawnSync(python, ['-B', '-c', code], { timeout: 60_000 }).status === 0
const hasPython = answers('')
const hasTorch = hasPython && answers('import torch, numpy, PIL, onnx')

let root: string
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'fovea-torch-'))))
afterAll(() => rm(root, { recursive: true }))

const trainer = (program: string) =>
  createTorchTrainer({ python: program, cwd: root, env: { PATH: process.env.PATH, HOME: root }, graceMs: 60_000 })
const paramsOf = (params: TrainingJob['params'] = {}): TrainingJob['params'] =>
  trainer('').params.parse(params) as TrainingJob['params']

describe('an interpreter', () => {
  /** A program that answers the question for packages, and trains by copying a model. */
  async function writeInterpreter(answer: string): Promise<string> {
    const file = join(await mkdtemp(join(root, 'bin-')), 'python')
    const model = join(root, 'model')
    await writeColourModel(model)
    await writeFile(
      file,
      `#!${process.execPath}
const { cpSync, readFileSync, writeFileSync, existsSync } = require('node:fs')
const [flag, script, jobFile, option, backbone] = process.argv.slice(2)
if (flag === '-c') { console.log(${JSON.stringify(answer)}); process.exit(0) }
const job = JSON.parse(readFileSync(jobFile, 'utf8'))
console.log(JSON.stringify({ log: [flag, option, script.endsWith('train.py'), existsSync(script), existsSync(backbone)].join() }))
cpSync(${JSON.stringify(model)}, job.model, { recursive: true })
writeFileSync(job.metrics, '{"accuracy": 1}')
`,
    )
    await chmod(file, 0o755)
    return file
  }
  const failureOf = async (program: string): Promise<{ error: FoveaError; folder: string }> => {
    const folder = await mkdtemp(join(root, 'job-'))
    const error: unknown = await trainer(program)
      .train(makeJob(folder, { params: paramsOf() }))
      .catch((caught: unknown) => caught)
    expect(error).toBeInstanceOf(FoveaError)
    return { error: error as FoveaError, folder }
  }

  test('with the packages is given the script, the job and the backbone', async () => {
    const program = await writeInterpreter('{"version": [3, 12, 1], "missing": []}')
    const job = makeJob(await mkdtemp(join(root, 'job-')), { params: paramsOf() })
    expect(await trainer(program).train(job)).toEqual({ folder: join(job.folder, 'model'), metrics: { accuracy: 1 } })
    expect(job.said).toEqual(['-B,--backbone,true,true,true'])
  })

  test('without them is told what to install, before anything is written', async () => {
    const program = await writeInterpreter('{"version": [3, 11, 0], "missing": ["torch", "PIL"]}')
    const { error, folder } = await failureOf(program)
    expect(error.code).toBe('TRAINER_FAILED')
    expect(error.message).toBe(`The Python interpreter ${program} lacks torch, pillow, which the trainer torch needs.`)
    expect(error.hint).toContain(`${program} -m pip install torch pillow;`)
    expect(await readdir(folder)).toEqual([])
  })

  test.each([
    ['{"version": [3, 8, 10], "missing": []}', /^Expected Python 3\.9 or newer, but .* is 3\.8\.10\.$/],
    ['fish, version 4', /^Expected .* to be a Python interpreter, but it answered "fish, version 4"\.$/],
  ])('that answers %s is refused', async (answer, message) => {
    const { error } = await failureOf(await writeInterpreter(answer))
    expect(error).toMatchObject({ code: 'TRAINER_FAILED', message: expect.stringMatching(message) })
  })

  test('that is not there is named', async () => {
    const { error } = await failureOf('/nowhere/python3')
    expect(error).toMatchObject({
      code: 'TRAINER_FAILED',
      message: expect.stringContaining('cannot be started: /nowhere/python3'),
    })
    expect(error.hint).toContain('[training]')
  })
})

test('the script is valid Python', async () => {
  const files = (await readdir(scriptFolder)).filter((name) => name.endsWith('.py'))
  expect(files.toSorted()).toEqual(['export.py', 'network.py', 'pictures.py', 'scores.py', 'train.py'])
  if (!hasPython) return
  const parse = 'import ast, sys\nfor name in sys.argv[1:]: ast.parse(open(name, encoding="utf-8").read(), name)'
  const { status, stderr } = spawnSync(python, ['-B', '-c', parse, ...files.map((name) => join(scriptFolder, name))])
  expect([status, stderr.toString()]).toEqual([0, ''])
})

test.skipIf(!hasTorch)(
  'with PyTorch it trains every task, and takes up its checkpoint (needs TORCH_PYTHON or python3 with torch, numpy, pillow and onnx)',
  async () => {
    const sidePx = 64
    /** A bright square on noise, left or right. */
    const draw = async (id: number): Promise<Example> => {
      const rng = createRng(`torch ${id}`)
      const left = id % 2 === 0
      const isInside = (i: number): boolean => i % sidePx > 10 === left && i % sidePx < 40 === left
      const pixels = Uint8Array.from({ length: sidePx ** 2 }, (_, i) => rng.integer(0, 90) + (isInside(i) ? 150 : 0))
      const file = join(root, `${id}.png`)
      await sharp(pixels, { raw: { width: sidePx, height: sidePx, channels: 1 } })
        .png()
        .toFile(file)
      const mask = encodeMask(
        Uint8Array.from(pixels, (_, i) => (isInside(i) ? 1 : 0)),
        sidePx,
        sidePx,
      )
      const name = left ? 'cat' : 'dog'
      return {
        ...makeExample(id, name, [makeLabel(name, { kind: 'mask', geometry: mask })]),
        file,
        widthPx: sidePx,
        heightPx: sidePx,
        classes: [name],
        value: left ? 100 : 200,
      }
    }
    const examples = await Promise.all(Array.from({ length: 13 }, (_, i) => draw(i)))
    const jobOf = async (over: Partial<TrainingJob>) =>
      makeJob(over.folder ?? (await mkdtemp(join(root, 'job-'))), {
        train: examples.slice(0, 9),
        validation: examples.slice(9),
        classes: ['cat', 'dog'],
        params: paramsOf({ size: sidePx, epochs: 2, batch: 4, precision: 'float32' }),
        ...over,
      })
    const figures = {
      classification: ['accuracy', 'macroF1'],
      multilabel: ['exact', 'macroF1'],
      regression: ['mae', 'rmse'],
      segmentation: ['dice', 'iou', 'classDice'],
    }
    for (const task of ['classification', 'multilabel', 'regression', 'segmentation'] as const) {
      const job = await jobOf(task === 'regression' ? { task, target: 'weight', classes: [] } : { task })
      const { folder, metrics } = await trainer(python).train(job)
      expect(job.curves.map(({ step }) => step)).toEqual([1, 2])
      expect(metrics.loss).toBeGreaterThan(0)
      expect(Object.keys(metrics)).toEqual(['loss', ...figures[task], 'epoch', 'seconds'])
      expect((await readdir(folder)).toSorted()).toEqual(
        task === 'regression' ? ['card.toml', 'model.onnx'] : ['card.toml', 'classes.json', 'model.onnx'],
      )
      expect(await readFile(join(folder, 'card.toml'), 'utf8')).toContain(`task = "${task}"`)
      if (task !== 'segmentation') continue
      const again = await jobOf({ task, folder: job.folder })
      expect((await trainer(python).train(again)).metrics).toEqual(metrics)
      expect(again.curves).toEqual([])
      expect(again.said).toContain('Taken up after epoch 2.')
    }
  },
  600_000,
)
