import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { createFixedClock, FoveaError } from '#base'
import type { TensorValue } from '#models'
import { createServing } from './serving.ts'
import { shareOf } from './share.ts'
import { createFakeModel, createFakeRegistry, createGate, type FakeModel } from './testing.ts'
import type { Serving } from './types.ts'

let folder: string
let file: string
let known: ReturnType<typeof createFakeRegistry>
let opened: FakeModel[]
let serving: Serving
let failing: Set<number>
let opening: () => Promise<void>

const make = (): Serving =>
  createServing({
    file,
    registry: known.registry,
    async openModel(version) {
      await opening()
      if (failing.has(version.version)) throw new FoveaError('MODEL_MISMATCH', 'The network is not that of the card.')
      const model = createFakeModel(version)
      opened.push(model)
      return model
    },
    clock: createFixedClock(Date.UTC(2026, 0, 1), 1),
    followMs: 0,
  })

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-serving-'))
  file = join(folder, 'serving', 'endpoints.json')
  known = createFakeRegistry()
  opened = []
  failing = new Set()
  opening = async () => {}
  serving = make()
})
afterEach(async () => {
  await serving.close()
  await rm(folder, { recursive: true, force: true })
})

const picture = (byte: number) => ({ bytes: Uint8Array.of(byte) })
const ask = (byte = 51, requestId = 'r', name = 'tiles') => serving.predict(name, picture(byte), { requestId })
const bestOf = async (byte = 51, requestId = 'r'): Promise<string> =>
  (await ask(byte, requestId)).prediction.classes![0]!.class
const codeOf = async (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'answered',
    (error: unknown) => (error instanceof FoveaError ? error.code : String(error)),
  )

/** Resolves when a condition of the fakes holds; each turn lets promises go on. */
const until = async (holds: () => boolean): Promise<void> => {
  while (!holds()) await new Promise((resolve) => setImmediate(resolve))
}

it('serves a version, warm before it is asked, and follows its alias', async () => {
  known.add('defects', ['champion'])
  await serving.start()
  expect(serving.isReady()).toBe(true)
  const endpoint = await serving.deploy('tiles', { model: 'defects@champion' }, 'ada')
  expect(endpoint).toMatchObject({ state: 'ready', serving: [{ role: 'primary', model: 'defects', version: 1 }] })
  expect(opened[0]!.runs).toEqual([2, 1])
  const { prediction } = await ask(51)
  expect(prediction.classes![0]).toEqual({ class: 'light 1', score: 0.2 })

  known.add('defects', ['champion'])
  await serving.refresh()
  expect(await bestOf()).toBe('light 2')
  await until(() => opened[0]!.isClosed)
  const after = await serving.show('tiles')
  expect(after.history.map(({ version, actor }) => [version, actor])).toEqual([
    [1, 'ada'],
    [2, 'alias'],
  ])
})

it('answers what it has with the old version while the new one takes over', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects' }, 'ada')
  const gate = createGate()
  opened[0]!.hold(gate)
  const held = ask(51)
  await until(() => opened[0]!.runs.length === 2)
  known.add('defects')
  await serving.refresh()
  expect(await bestOf()).toBe('light 2')
  expect(opened[0]!.isClosed).toBe(false)
  gate.open()
  expect((await held).prediction.classes![0]!.class).toBe('light 1')
  await until(() => opened[0]!.isClosed)
})

it('stays at the last good version when the new one cannot be opened', async () => {
  known.add('defects', ['champion'])
  await serving.start()
  await serving.deploy('tiles', { model: 'defects@champion' }, 'ada')
  known.add('defects', ['champion'])
  known.corrupt('defects:2')
  await serving.refresh()
  expect(await bestOf()).toBe('light 1')
  expect(await serving.show('tiles')).toMatchObject({
    state: 'ready',
    problem: { role: 'primary', code: 'MODEL_INVALID', reference: 'defects@champion' },
  })
  // Also over a restart: the history tells what was served last.
  await serving.close()
  serving = make()
  await serving.start()
  expect(await bestOf()).toBe('light 1')
  expect((await serving.show('tiles')).problem?.code).toBe('MODEL_INVALID')
  expect(await codeOf(serving.deploy('tiles', { model: 'defects:2' }, 'ada'))).toBe('MODEL_INVALID')
  expect((await serving.show('tiles')).settings.model).toBe('defects@champion')
  known.add('defects', ['champion'])
  await serving.refresh()
  expect(await bestOf()).toBe('light 3')
  expect((await serving.show('tiles')).problem).toBeNull()
})

it('an endpoint that nothing can be opened for says so, and comes up when something can', async () => {
  known.add('defects')
  failing.add(1)
  await serving.start()
  expect(await codeOf(serving.deploy('tiles', { model: 'defects' }, 'ada'))).toBe('MODEL_MISMATCH')
  expect(await serving.list()).toEqual([])
  failing.clear()
  await serving.deploy('tiles', { model: 'defects' }, 'ada')
  await serving.close()
  failing.add(1)
  serving = make()
  await serving.start()
  expect((await serving.show('tiles')).state).toBe('failed')
  expect(await codeOf(ask())).toBe('MODEL_INVALID')
  failing.clear()
  await serving.deploy('tiles', {}, 'ada')
  expect(await bestOf()).toBe('light 1')
})

it('rolls back to the version before, and holds it there', async () => {
  known.add('defects', ['champion'])
  await serving.start()
  await serving.deploy('tiles', { model: 'defects@champion' }, 'ada')
  expect(await codeOf(serving.rollback('tiles', 'ada'))).toBe('UNDO_NOTHING')
  known.add('defects', ['champion'])
  await serving.refresh()
  const back = await serving.rollback('tiles', 'ada')
  expect(back.settings.model).toBe('defects:1')
  expect(await bestOf()).toBe('light 1')
  known.add('defects', ['champion'])
  await serving.refresh()
  expect(await bestOf()).toBe('light 1')
})

it('gives a canary its share, the same to the same request', async () => {
  known.add('defects')
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects:1', canary: 'defects:2', canaryShare: 0.25 }, 'ada')
  const ids = Array.from({ length: 400 }, (_, i) => `request ${i}`)
  for (const id of ids) expect([id, await bestOf(51, id)]).toEqual([id, shareOf(id) < 0.25 ? 'light 2' : 'light 1'])
  const [primary, canary] = await serving.statistics('tiles')
  expect(primary!.requests + canary!.requests).toBe(400)
  expect(canary!.requests / 400).toBeCloseTo(0.25, 1)
  await serving.deploy('tiles', { canary: null }, 'ada')
  expect(
    await bestOf(
      51,
      ids.find((id) => shareOf(id) < 0.25),
    ),
  ).toBe('light 1')
  expect(await codeOf(serving.deploy('tiles', { canaryShare: 0.5 }, 'ada'))).toBe('INPUT_INVALID')
})

it('shows a shadow what is asked without waiting for it or failing by it', async () => {
  known.add('defects')
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects:1', shadow: 'defects:2' }, 'ada')
  const shadow = opened[1]!
  const gate = createGate()
  shadow.hold(gate)
  for (let i = 0; i < 5; i++) expect(await bestOf()).toBe('light 1')
  // One that fails the shadow alone.
  shadow.predict = async () => Promise.reject(new Error('shadow fell over'))
  gate.open()
  await until(() => shadow.runs.length === 3)
  expect(await bestOf()).toBe('light 1')
  const role = async () => (await serving.statistics('tiles')).find((one) => one.role === 'shadow')!
  let seen = await role()
  while (seen.requests < 6) {
    await new Promise((resolve) => setImmediate(resolve))
    seen = await role()
  }
  expect(seen).toMatchObject({ requests: 6, failures: { INTERNAL: 5 }, shadow: { compared: 1, agreement: 0 } })
})

it('refuses what is beyond its queue, and tells when to come back', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects', queueLimit: 2 }, 'ada')
  const gate = createGate()
  opened[0]!.hold(gate)
  const held = [ask(), ask()]
  const refused = await ask().catch((error: unknown) => error as FoveaError)
  expect(refused).toMatchObject({ code: 'OVERLOADED', details: { retryAfterSeconds: 1 } })
  gate.open()
  await Promise.all(held)
  expect(await bestOf()).toBe('light 1')
  expect((await serving.statistics('tiles'))[0]!.failures).toEqual({ OVERLOADED: 1 })
})

it('answers in time or not at all, and lives on', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects', timeoutMs: 20 }, 'ada')
  const gate = createGate()
  opened[0]!.hold(gate)
  expect(await codeOf(ask())).toBe('PREDICTION_TIMEOUT')
  gate.open()
  await serving.deploy('tiles', { timeoutMs: 60_000 }, 'ada')
  expect(await bestOf()).toBe('light 1')
})

it('drops what nobody waits for any more', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects', maxSize: 1 }, 'ada')
  const gate = createGate()
  opened[0]!.hold(gate)
  const first = ask()
  const gone = new AbortController()
  const left = [1, 2, 3].map(() =>
    serving
      .predict('tiles', picture(51), { requestId: 'left', signal: gone.signal })
      .catch((error: FoveaError) => error.code),
  )
  gone.abort()
  expect(await Promise.all(left)).toEqual(['CANCELLED', 'CANCELLED', 'CANCELLED'])
  gate.open()
  await first
  expect(await codeOf(serving.predict('tiles', picture(51), { requestId: 'x', signal: gone.signal }))).toBe('CANCELLED')
})

it('loses no good answer to bad pictures of the same moment', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects', queueLimit: 1000 }, 'ada')
  const bytes = Array.from({ length: 640 }, (_, i) => (i % 10 === 0 ? (i % 20 === 0 ? 0 : 1) : 2 + (i % 250)))
  const outcomes = await Promise.allSettled(bytes.map((byte) => ask(byte)))
  outcomes.forEach((outcome, i) => {
    const byte = bytes[i]!
    if (byte < 2) expect(outcome).toMatchObject({ reason: { code: byte === 0 ? 'MEDIA_UNREADABLE' : 'MODEL_OUTPUT' } })
    else expect(outcome).toMatchObject({ value: { prediction: { classes: [{ score: byte / 255 }, {}] } } })
  })
  const [statistics] = await serving.statistics('tiles')
  expect(statistics).toMatchObject({
    requests: 640,
    pictures: 576,
    waiting: 0,
    failures: { MEDIA_UNREADABLE: 32, MODEL_OUTPUT: 32 },
  })
})

it('joins tensors of the same shape into one run, and takes the answers apart', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects' }, 'ada')
  const gate = createGate()
  opened[0]!.hold(gate)
  const infer = (rows: number[][], requestId = 'r') =>
    serving.infer(
      'tiles',
      { inputs: { x: { type: 'float32', dims: [rows.length, 2], data: Float32Array.from(rows.flat()) } } },
      { requestId },
    )
  const answers = [
    infer([[1, 2]]),
    infer([
      [3, 4],
      [5, 6],
    ]),
    infer([[7, 8]]),
  ]
  gate.open()
  const outputs = (await Promise.all(answers)).map(({ outputs: { y } }) => [y!.dims, [...(y!.data as Float32Array)]])
  expect(outputs).toEqual([
    [[1, 1], [3]],
    [
      [2, 1],
      [7, 11],
    ],
    [[1, 1], [15]],
  ])
  expect(opened[0]!.runs.slice(2)).toEqual([1, 3])
  const wrong: Record<string, TensorValue>[] = [
    {},
    { x: { type: 'int64', dims: [1, 2], data: BigInt64Array.of(1n, 2n) } },
    { x: { type: 'float32', dims: [1, 3], data: new Float32Array(3) } },
    { x: { type: 'float32', dims: [1, 2], data: new Float32Array(3) } },
    { x: { type: 'float32', dims: [0, 2], data: new Float32Array(0) } },
    { z: { type: 'float32', dims: [1, 2], data: new Float32Array(2) } },
  ]
  for (const inputs of wrong)
    expect(await codeOf(serving.infer('tiles', { inputs }, { requestId: 'r' }))).toBe('INPUT_INVALID')
  expect(await codeOf(serving.models('tiles', '7'))).toBe('MODEL_NOT_FOUND')
})

it('keeps keys as salted hashes, and knows whom they belong to', async () => {
  known.add('defects')
  await serving.start()
  await serving.deploy('tiles', { model: 'defects' }, 'ada')
  expect(await serving.hasKeys('tiles')).toBe(false)
  const { id, key } = await serving.addKey('tiles', { label: 'line 3', ratePerMinute: 60 })
  const other = await serving.addKey('tiles', { label: '', ratePerMinute: null })
  expect(await serving.matchKey(key)).toEqual({ endpoint: 'tiles', id, label: 'line 3', ratePerMinute: 60 })
  expect(await serving.matchKey(`${key}x`)).toBeUndefined()
  const text = await readFile(file, 'utf8')
  expect(text).not.toContain(key)
  expect(text).not.toContain(other.key)
  expect((await serving.show('tiles')).keys.map(({ label }) => label)).toEqual(['line 3', ''])
  await serving.removeKey('tiles', id)
  expect(await serving.matchKey(key)).toBeUndefined()
  expect(await codeOf(serving.removeKey('tiles', id))).toBe('KEY_NOT_FOUND')
})

it('without a server, deploys what can be opened, and answers nothing', async () => {
  known.add('defects')
  await serving.deploy('tiles', { model: 'defects' }, 'ada')
  expect(opened.map(({ isClosed }) => isClosed)).toEqual([true])
  expect(await serving.show('tiles')).toMatchObject({ state: 'stopped', serving: [] })
  expect(await codeOf(ask())).toBe('ENDPOINT_NOT_FOUND')
  expect(await codeOf(serving.deploy('new', {}, 'ada'))).toBe('ENDPOINT_NOT_FOUND')
  await serving.remove('tiles')
  expect(await codeOf(serving.show('tiles'))).toBe('ENDPOINT_NOT_FOUND')
})

it('says what is wrong with a file of endpoints, and overwrites none', async () => {
  await serving.list()
  await serving.close()
  const { writeFileAtomic } = await import('#base')
  await writeFileAtomic(file, '{"format":1,"endpoints":[{"name":"x"}]}')
  serving = make()
  expect(await codeOf(serving.list())).toBe('CONFIG_INVALID')
  known.add('defects')
  expect(await codeOf(serving.deploy('tiles', { model: 'defects' }, 'ada'))).toBe('CONFIG_INVALID')
  expect(await readFile(file, 'utf8')).toContain('"x"')
  await writeFile(file, '{"format":1,"endpoints":[]}')
  expect(await serving.list()).toEqual([])
})

it('refuses a threshold where it would change nothing', async () => {
  known.add('masks', [], 'segmentation')
  known.add('defects')
  await serving.start()
  expect(await codeOf(serving.deploy('m', { model: 'masks', threshold: 0.5 }, 'ada'))).toBe('INPUT_INVALID')
  expect(await codeOf(serving.deploy('d', { model: 'defects', threshold: 2 }, 'ada'))).toBe('INPUT_INVALID')
  await serving.deploy('d', { model: 'defects', threshold: 0.5 }, 'ada')
  expect((await ask(51, 'r', 'd')).threshold).toBe(0.5)
})

it('lets requests wait while a model is being opened, no more of them than the queue takes', async () => {
  known.add('defects')
  await serving.deploy('first', { model: 'defects' }, 'ada')
  await serving.deploy('tiles', { model: 'defects', queueLimit: 2 }, 'ada')
  await serving.close()
  const gate = createGate()
  let isAsked = false
  opening = () => {
    isAsked = true
    return gate.opened
  }
  serving = make()
  const starting = serving.start()
  await until(() => isAsked)
  const early = [ask(51, 'a'), ask(102, 'b')]
  expect(await codeOf(ask(51, 'c'))).toBe('OVERLOADED')
  gate.open()
  expect((await Promise.all(early)).map(({ prediction }) => prediction.classes![0]!.score)).toEqual([0.2, 0.4])
  await starting
})
