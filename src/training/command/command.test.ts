import { existsSync, readFileSync } from 'node:fs'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { FoveaError } from '#base'
import { makeJob, writeColourModel, type ToldJob } from '../exported/testing.ts'
import type { TrainingJob } from '../types.ts'
import { createCommandTrainer } from './index.ts'

/** A trainer in JavaScript: does what its params say, in order. */
const fakeTrainer = `
import { cpSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { spawn } from 'node:child_process'
import { join } from 'node:path'
const job = JSON.parse(readFileSync(process.argv.at(-1), 'utf8'))
const say = (message) => console.log(JSON.stringify(message))
const acts = {
  curves: () => {
    for (const step of [1, 2]) say({ step, metrics: { loss: 1 / step } })
    say({ progress: { done: 2, total: 2, stage: 'train' } })
    say({ log: 'done learning' })
  },
  garbage: () => {
    console.log('\\x00\\xff{]')
    console.log('{"step": "three", "metrics": {}}')
    console.log('{"step": 1, "metrics": {"loss": NaN}}')
    console.log('[1, 2]')
    process.stdout.write('x'.repeat(200_000) + '\\n')
  },
  count: () => {
    const file = join(job.checkpoint, 'count')
    const before = existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0
    say({ log: 'resume ' + job.resume + ', before ' + before })
    writeFileSync(file, String(before + 1))
  },
  environment: () => say({ log: JSON.stringify({ env: process.env, cwd: process.cwd(), argv: process.argv.slice(2) }) }),
  model: () => cpSync(job.params.model, job.model, { recursive: true }),
  metrics: () => writeFileSync(job.metrics, job.params.metrics ?? '{"accuracy": 0.5}'),
  fail: () => {
    console.error('Traceback\\n  somewhere\\n\\nRuntimeError: no memory left')
    process.exit(3)
  },
  die: () => process.kill(process.pid, 'SIGKILL'),
  hang: () => {
    // a child of its own that would outlive it
    const child = spawn(process.execPath, ['-e', 'process.on("SIGTERM", () => {}); console.log("up"); setInterval(() => {}, 1000)'], { stdio: ['ignore', 'pipe', 'inherit'] })
    process.on('SIGTERM', () => {
      writeFileSync(join(job.checkpoint, 'asked'), '')
      if (!job.params.deaf) process.exit(0)
    })
    child.stdout.once('data', () => say({ log: 'hanging ' + process.pid + ' ' + child.pid }))
    setInterval(() => {}, 1000)
    return new Promise(() => {})
  },
}
for (const act of job.params.acts.split(' ')) await acts[act]()
`

let root: string
let script: string
let model: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-command-'))
  script = join(root, 'train.mjs')
  model = join(root, 'good')
  await writeFile(script, fakeTrainer)
  await writeColourModel(model)
})
afterAll(() => rm(root, { recursive: true }))

const trainer = (over: { run?: string[]; cwd?: string; graceMs?: number; env?: Record<string, string> } = {}) =>
  createCommandTrainer({
    commands: { fake: { run: over.run ?? [process.execPath, script, '--quiet'] } },
    cwd: over.cwd ?? root,
    env: over.env ?? { PATH: process.env.PATH },
    graceMs: over.graceMs ?? 60_000,
  })

async function jobOf(
  acts: string,
  over: Partial<TrainingJob> = {},
  params: TrainingJob['params'] = {},
): Promise<ToldJob> {
  const folder = over.folder ?? (await mkdtemp(join(root, 'job-')))
  return makeJob(folder, { ...over, params: { command: 'fake', timeoutMinutes: 0, acts, model, ...params } })
}

async function failureOf(job: TrainingJob, over: Parameters<typeof trainer>[0] = {}): Promise<FoveaError> {
  const error: unknown = await trainer(over)
    .train(job)
    .catch((caught: unknown) => caught)
  expect(error).toBeInstanceOf(FoveaError)
  return error as FoveaError
}

const isAlive = (pid: number): boolean => {
  try {
    process.kill(pid, 0)
    // a dead child that nobody has waited for yet is no longer running
    return !/^State:\s+Z/m.test(existsSync(`/proc/${pid}/status`) ? readFileSync(`/proc/${pid}/status`, 'utf8') : '')
  } catch {
    return false
  }
}

describe('a good run', () => {
  test('leaves its model and figures; curves, progress and words are told', async () => {
    const reports: unknown[] = []
    const job = await jobOf('curves model metrics', { progress: { report: (event) => reports.push(event) } })
    expect(await trainer().train(job)).toEqual({ folder: join(job.folder, 'model'), metrics: { accuracy: 0.5 } })
    expect(job.curves).toEqual([
      { step: 1, values: { loss: 1 } },
      { step: 2, values: { loss: 0.5 } },
    ])
    expect(job.said).toEqual(['done learning'])
    expect(reports).toEqual([
      { stage: 'export', done: 3, total: 3, unit: 'samples' },
      { stage: 'train', done: 2, total: 2, unit: 'steps' },
    ])
  })

  test('garbage on its output is words, cut where endless, and harms nothing', async () => {
    const job = await jobOf('garbage model metrics')
    await trainer().train(job)
    expect(job.curves).toEqual([])
    expect(job.said.slice(1, 4)).toEqual([
      '{"step": "three", "metrics": {}}',
      '{"step": 1, "metrics": {"loss": NaN}}',
      '[1, 2]',
    ])
    expect(job.said[4]).toBe('x'.repeat(65_536))
  })

  test('sees little of the environment, and no secrets', async () => {
    const job = await jobOf('environment model metrics')
    const env = {
      PATH: process.env.PATH ?? '',
      CUDA_VISIBLE_DEVICES: '0',
      PYTHONPATH: '/lib',
      AWS_SECRET_ACCESS_KEY: 'x',
      FOVEA_SERVER_TOKEN: 'x',
      HF_TOKEN: 'x',
    }
    await trainer({ env }).train(job)
    const seen = JSON.parse(job.said[0]!) as { env: Record<string, string>; cwd: string; argv: string[] }
    const jobFile = join(job.folder, 'job.json')
    const { AWS_SECRET_ACCESS_KEY: _a, FOVEA_SERVER_TOKEN: _b, HF_TOKEN: _c, ...rest } = env
    expect(seen.env).toEqual({ ...rest, PYTHONUNBUFFERED: '1', FOVEA_JOB: jobFile })
    expect(seen.argv).toEqual(['--quiet', jobFile])
    expect(seen.cwd).toBe(root)
  })

  test('takes up what an earlier try kept', async () => {
    const job = await jobOf('count fail')
    expect((await failureOf(job)).code).toBe('TRAINER_FAILED')
    const again = await jobOf('count model metrics', { folder: job.folder })
    await trainer().train(again)
    expect([job.said[0], again.said[0]]).toEqual(['resume false, before 0', 'resume true, before 1'])
  })
})

describe('a bad run', () => {
  test('ends with what the program said last', async () => {
    const error = await failureOf(await jobOf('curves fail'))
    expect(error.code).toBe('TRAINER_FAILED')
    expect(error.message).toBe(
      'The command fake ended with exit code 3:\nTraceback\n  somewhere\nRuntimeError: no memory left',
    )
    expect(error.details).toMatchObject({ exitCode: 3, signal: null })
  })

  test('tells a program that was killed', async () => {
    const error = await failureOf(await jobOf('die'))
    expect(error).toMatchObject({
      code: 'TRAINER_FAILED',
      message: 'The command fake was ended by SIGKILL and said nothing on standard error',
    })
    expect(error.hint).toContain('memory')
  })

  test.each([
    ['metrics', {}, 'left no .*card\\.toml'],
    ['model', {}, 'left no .*metrics\\.json'],
    ['model metrics', { metrics: 'NaN' }, 'no valid JSON'],
    ['model metrics', { metrics: '{"dice": "good"}' }, 'no object of numbers \\(dice: '],
  ])('%s %j is not enough', async (acts, params, message) => {
    const error = await failureOf(await jobOf(acts, {}, params))
    expect(error.code).toBe('TRAINER_FAILED')
    expect(error.message).toMatch(new RegExp(message))
  })

  test('a model of another task, of other classes or that does not open is refused', async () => {
    const wrong = async (how: Parameters<typeof writeColourModel>[1], broken = false): Promise<string> => {
      const folder = await mkdtemp(join(root, 'wrong-'))
      await writeColourModel(folder, how)
      if (broken) await writeFile(join(folder, 'model.onnx'), 'no network')
      return (await failureOf(await jobOf('model metrics', {}, { model: folder }))).message
    }
    expect(await wrong({ task: 'multilabel' })).toBe(
      'The command fake was to leave a model for classification, but left one for multilabel.',
    )
    expect(await wrong({ classes: ['cat', 'dog', 'cow'] })).toBe(
      'The command fake was to leave a model of the classes cat, dog, owl, but its model lacks owl and has cow besides.',
    )
    expect(await wrong({}, true)).toMatch(/^The command fake left a model that cannot be used: /)
  })

  test('a program that is missing is named', async () => {
    const error = await failureOf(await jobOf('model'), { run: [join(root, 'nowhere')] })
    expect(error).toMatchObject({ code: 'TRAINER_FAILED', message: expect.stringMatching(/nowhere .*\(ENOENT\)/) })
  })

  test('only configured names run, never what a caller writes', async () => {
    for (const command of ['fakd', 'sh -c "true"', '__proto__', 'constructor'])
      expect(await failureOf(await jobOf('model', {}, { command }))).toMatchObject({ code: 'INPUT_INVALID' })
    const error = await failureOf(await jobOf('model', {}, { command: 'fakd' }))
    expect(error.hint).toBe('Did you mean fake? Configured: fake.')
  })
})

describe('a program that hangs', () => {
  test.each([
    ['may end by itself when the work is cancelled', false, 600_000],
    ['is ended when it does not', true, 100],
  ])('%s, and nothing it started is left', async (_, deaf, graceMs) => {
    const control = new AbortController()
    let pids: number[] = []
    const log = (message: string): void => {
      pids = message.split(' ').slice(1).map(Number)
      control.abort()
    }
    const job = await jobOf('hang', { signal: control.signal, log }, { deaf })
    expect((await failureOf(job, { graceMs })).code).toBe('CANCELLED')
    expect(pids).toHaveLength(2)
    await vi.waitUntil(() => !pids.some(isAlive), { timeout: 60_000 })
    if (!deaf) expect(existsSync(join(job.folder, 'checkpoint/asked'))).toBe(true)
  })

  test('says what it holds while it runs, and nothing after', async () => {
    const control = new AbortController()
    const held: number[] = []
    const noteMemory = (bytes: number): void => {
      held.push(bytes)
      if (bytes > 1e6) control.abort()
    }
    await failureOf(await jobOf('hang', { signal: control.signal, noteMemory }), { graceMs: 100 })
    expect(Math.max(...held)).toBeGreaterThan(1e6)
    expect(held.at(-1)).toBe(0)
  })

  test('is ended at its time limit', async () => {
    const error = await failureOf(await jobOf('hang', {}, { timeoutMinutes: 0.01 }), { graceMs: 100 })
    expect(error).toMatchObject({ code: 'TRAINER_FAILED', message: expect.stringContaining('within 0.01 minutes') })
  })

  test('is ended when what it says cannot be kept', async () => {
    const job = await jobOf('curves hang', {
      logMetrics: async () => {
        throw new FoveaError('METRIC_INVALID', 'Expected other figures.')
      },
    })
    expect((await failureOf(job, { graceMs: 100 })).code).toBe('METRIC_INVALID')
  })
})
