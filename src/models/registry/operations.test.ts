import { mkdir, mkdtemp, readdir, rename, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFixedClock, FoveaError, silentProgress, type CallContext } from '#base'
import { createRegistryOperations, type EndpointOfModel, type RunOfModel } from './operations.ts'
import { createModelRegistry } from './registry.ts'
import { writeClassifier } from './testing.ts'
import { tryTaskModel } from './try-model.ts'

let root: string
let source: string
let endpoints: EndpointOfModel[]
beforeEach(async () => {
  endpoints = []
  root = await mkdtemp(join(tmpdir(), 'fovea-registry-operations-'))
  source = await writeClassifier(join(root, 'source'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const run: RunOfModel = {
  id: 'run_abcdefghijkm',
  kind: 'train',
  name: 'tiles',
  state: 'done',
  startedAt: '2026-01-01T00:00:00.000Z',
  params: { rate: 0.1 },
  data: { dataset: 'tiles', query: '', layer: 'truth', samples: 8, validation: 2, digest: 'd' },
}
const context: CallContext = {
  signal: new AbortController().signal,
  progress: silentProgress,
  actor: 'me',
  log: { info: () => {}, warn: () => {} },
}
const call = async (id: string, input: unknown, given: Partial<CallContext> = {}): Promise<Record<string, unknown>> => {
  const operations = createRegistryOperations({
    folder: join(root, 'registry'),
    registry: createModelRegistry({
      folder: join(root, 'registry'),
      clock: createFixedClock(0, 1000),
      tryModel: (folder) => tryTaskModel({ folder, maxPixels: 1e6 }),
    }),
    async findRun(wanted) {
      if (wanted === run.id) return run
      throw new FoveaError('RUN_NOT_FOUND', `There is no run ${wanted}.`)
    },
    listEndpoints: async () => endpoints,
  })
  const { spec, handle } = operations.find((one) => one.spec.id === id)!
  return spec.output.parse(await handle(spec.input.parse(input), { ...context, ...given })) as Record<string, unknown>
}

describe('registering', () => {
  it('takes a folder, under the name of its card, and tells what it was made from', async () => {
    await mkdir(join(root, 'registry', '.staging-of-a-killed-process'), { recursive: true })
    const { version } = await call('registry.register', { path: source, run: run.id, aliases: ['champion'] })
    expect(version).toMatchObject({ model: 'colours', version: 1, actor: 'me', data: run.data, aliases: ['champion'] })
    expect(await call('registry.show', { model: 'colours' })).toMatchObject({
      card: { task: 'classification', input: { size: [8, 8] } },
      run: { id: run.id, params: { rate: 0.1 } },
      attached: [],
    })
    expect((await readdir(join(root, 'registry'))).filter((name) => name.startsWith('.'))).toEqual([])
  })

  it('takes a network with its card and what the card names', async () => {
    await rename(join(source, 'model.onnx'), join(root, 'net.onnx'))
    await writeFile(join(root, 'net.onnx.data'), 'weights')
    await writeFile(join(root, 'other.txt'), 'not ours')
    const input = { path: join(root, 'net.onnx'), card: join(source, 'card.toml'), name: 'tiles' }
    const { version } = await call('registry.register', input)
    expect(version).toMatchObject({
      model: 'tiles',
      files: [{ name: 'card.toml' }, { name: 'classes.json' }, { name: 'model.onnx' }, { name: 'net.onnx.data' }],
    })
    await expect(call('registry.register', { path: input.path })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    await expect(call('registry.register', { path: join(root, 'none') })).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
    })
    await expect(call('registry.register', { path: source, run: 'run_none' })).rejects.toMatchObject({
      code: 'RUN_NOT_FOUND',
    })
  })

  it('reads nothing that the caller may not reach, neither by a link nor by the card', async () => {
    await writeFile(join(root, 'secret.json'), '["red", "green", "blue"]')
    await symlink(join(root, 'secret.json'), join(source, 'notes.json'))
    const mayReach = async (file: string): Promise<boolean> => file.startsWith(join(root, 'source'))
    await expect(call('registry.register', { path: source }, { mayReach })).rejects.toMatchObject({
      code: 'PATH_OUTSIDE',
    })
    await rm(join(source, 'notes.json'))
    expect(await call('registry.register', { path: source }, { mayReach })).toMatchObject({ version: { version: 1 } })

    const card = await writeClassifier(join(root, 'source', 'sub'), { classes: '../../secret.json' })
    await expect(call('registry.register', { path: card })).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
    expect(await call('registry.list', {})).toMatchObject({ versions: [{ version: 1 }] })
  })
})

describe('versions', () => {
  it('are listed by what is asked for, the newest first', async () => {
    for (const name of ['b', 'a', 'b']) await call('registry.register', { path: source, name })
    await call('registry.alias', { model: 'b', alias: 'candidate', number: 1 })
    await call('registry.stage', { model: 'a', stage: 'production', reason: 'passed' })
    const list = async (input: object): Promise<string[]> =>
      ((await call('registry.list', input))['versions'] as { model: string; version: number }[]).map(
        (one) => `${one.model}:${one.version}`,
      )
    expect(await list({})).toEqual(['a:1', 'b:2', 'b:1'])
    expect(await list({ model: 'b' })).toEqual(['b:2', 'b:1'])
    expect(await list({ alias: 'candidate' })).toEqual(['b:1'])
    expect(await list({ stage: 'production' })).toEqual(['a:1'])
    expect(await list({ task: 'segmentation' })).toEqual([])
    await expect(list({ model: 'c' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
    await expect(call('registry.stage', { model: 'a', stage: 'none', reason: '' })).rejects.toThrow(/why/)
  })

  it('are verified file by file', async () => {
    const { version } = (await call('registry.register', { path: source })) as { version: { folder: string } }
    expect(await call('registry.verify', {})).toMatchObject({ faults: 0, verified: [{ files: 3, faults: [] }] })
    await rm(join(version.folder, 'model.onnx'))
    await writeFile(join(version.folder, 'classes.json'), '["red","green","bleu"]')
    await mkdir(join(version.folder, 'sub'))
    await writeFile(join(version.folder, 'sub', 'more.txt'), '')
    expect(await call('registry.verify', { model: 'colours' })).toMatchObject({
      faults: 3,
      verified: [
        {
          faults: [
            { name: 'classes.json', fault: 'has another SHA-256' },
            { name: 'model.onnx', fault: 'is gone' },
            { name: 'sub/more.txt', fault: 'was not registered' },
          ],
        },
      ],
    })
  })

  it('are removed by their number alone', async () => {
    await call('registry.register', { path: source })
    await expect(call('registry.remove', { model: 'colours' })).rejects.toThrow(/NAME:VERSION/)
    expect(await call('registry.remove', { model: 'colours:1' })).toEqual({ removed: 'colours:1' })
    await expect(call('registry.show', { model: 'colours' })).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  it.each([
    ['answers with it now', { references: ['colours@champion'], serving: [{ model: 'colours', version: 2 }] }, 2],
    ['names it', { references: ['gone:1', 'colours:1'], serving: [] }, 1],
    ['would take the newest', { references: ['colours'], serving: [] }, 2],
  ])('are kept while an endpoint %s', async (_, endpoint, served) => {
    for (let i = 0; i < 2; i++) await call('registry.register', { path: source })
    endpoints = [
      { name: 'other', references: ['shapes'], serving: [{ model: 'shapes', version: served }] },
      { name: 'line-3', ...endpoint },
    ]
    await expect(call('registry.remove', { model: `colours:${served}` })).rejects.toMatchObject({
      code: 'MODEL_IN_USE',
      message: `The endpoint line-3 serves the model colours:${served}.`,
      details: { endpoint: 'line-3' },
    })
    expect(await call('registry.list', {})).toMatchObject({ versions: [{ version: 2 }, { version: 1 }] })
    expect(await call('registry.remove', { model: `colours:${3 - served}` })).toEqual({
      removed: `colours:${3 - served}`,
    })
    endpoints = []
    expect(await call('registry.remove', { model: `colours:${served}` })).toEqual({ removed: `colours:${served}` })
  })

  it('keep evidence that can be read', async () => {
    await call('registry.register', { path: source })
    const registry = createModelRegistry({ folder: join(root, 'registry'), clock: createFixedClock() })
    await registry.attach('colours:1', 'gate.json', '{"outcome":"pass"}')
    await registry.attach('colours:1', 'mask.png', Uint8Array.of(0xff, 0xd8))
    expect(await call('registry.evidence', { model: 'colours', name: 'gate.json' })).toMatchObject({
      text: '{"outcome":"pass"}',
    })
    await expect(call('registry.evidence', { model: 'colours', name: 'mask.png' })).rejects.toMatchObject({
      code: 'SOURCE_UNREADABLE',
    })
  })
})
