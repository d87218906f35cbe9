import { appendFile, mkdir, mkdtemp, readdir, readFile, rm, truncate, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createFixedClock } from '#base'
import { createModelShelf } from '../shelf.ts'
import { createModelRegistry } from './registry.ts'
import { writeClassifier } from './testing.ts'
import { tryTaskModel } from './try-model.ts'
import type { LocalModelRegistry, ModelVersion } from './types.ts'

let root: string
let source: string
beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-registry-'))
  source = await writeClassifier(join(root, 'source'))
})
afterEach(() => rm(root, { recursive: true, force: true }))

const open = (): LocalModelRegistry =>
  createModelRegistry({
    folder: join(root, 'registry'),
    clock: createFixedClock(Date.UTC(2026, 0, 1), 1000),
    shelf: createModelShelf({ folder: join(root, 'models') }),
    tryModel: (folder) => tryTaskModel({ folder, maxPixels: 1e6 }),
  })
const by = { actor: 'me', reason: 'better' }
const about = { model: 'tiles', actor: 'me', metrics: { accuracy: 0.9 }, run: 'run_abcdefghijkm', data: null }
const names = (versions: ModelVersion[]): string[] => versions.map(({ model, version }) => `${model}:${version}`)

describe('registering', () => {
  it('copies a model in and tells of it, over a restart', async () => {
    const version = await open().register(source, { ...about, aliases: ['champion'] })
    expect(version).toMatchObject({
      ...about,
      version: 1,
      task: 'classification',
      classes: ['red', 'green', 'blue'],
      stage: 'none',
      aliases: ['champion'],
      folder: join(root, 'registry', 'tiles', '1'),
      events: [
        { what: 'registered', actor: 'me' },
        { what: 'alias champion set', actor: 'me' },
      ],
    })
    expect(version.files.map(({ name }) => name)).toEqual(['card.toml', 'classes.json', 'model.onnx'])
    await rm(source, { recursive: true })
    expect(await open().load('tiles')).toEqual(version)
    expect(await open().list()).toEqual([version])
  })

  it('side by side gives consecutive versions', async () => {
    const registry = open()
    const made = await Promise.all(Array.from({ length: 5 }, () => registry.register(source, about)))
    expect(made.map(({ version }) => version)).toEqual([1, 2, 3, 4, 5])
    expect(await readdir(join(root, 'registry'))).toEqual(['tiles'])
  })

  it('refuses a name of the shelf, and what is no model name', async () => {
    await expect(open().register(source, { ...about, model: 'pixels' })).rejects.toMatchObject({ code: 'MODEL_EXISTS' })
    await expect(open().register(source, { ...about, model: '../x' })).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
  })

  it.each<[string, () => Promise<unknown>, string, RegExp]>([
    ['a missing card', () => rm(join(source, 'card.toml')), 'MODEL_INVALID', /card/],
    ['missing weights', () => rm(join(source, 'model.onnx')), 'MODEL_INVALID', /model\.onnx/],
    ['cut weights', () => truncate(join(source, 'model.onnx'), 40), 'MODEL_INVALID', /./],
    ['a missing list of classes', () => rm(join(source, 'classes.json')), 'MODEL_INVALID', /classes\.json/],
    [
      'an output the network lacks',
      async () => {
        await rm(source, { recursive: true })
        await writeClassifier(source)
        const card = join(source, 'card.toml')
        await writeFile(card, (await readFile(card, 'utf8')).replace('"logits"', '"probabilities"'))
      },
      'MODEL_MISMATCH',
      /probabilities/,
    ],
    [
      'other weights than its card says',
      () => writeClassifier(source, { card: `sha256 = "${'0'.repeat(64)}"` }),
      'MODEL_INVALID',
      /SHA-256/,
    ],
  ])('refuses %s and leaves nothing', async (_what, harm, code, message) => {
    await harm()
    const registry = open()
    await expect(registry.register(source, about)).rejects.toMatchObject({
      code,
      message: expect.stringMatching(message),
    })
    expect(await registry.list()).toEqual([])
    await writeClassifier(source)
    expect((await registry.register(source, about)).version).toBe(1)
  })
})

describe('finding', () => {
  it('knows names, versions and aliases', async () => {
    const registry = open()
    await registry.register(source, about)
    expect((await registry.find('tiles')).version).toBe(1)
    await registry.register(source, about)
    expect((await registry.find('tiles')).version).toBe(2)
    await registry.setAlias('tiles', 'champion', 1, by)
    expect((await registry.find('tiles')).version).toBe(1)
    expect((await registry.find('tiles@champion')).version).toBe(1)
    expect((await registry.find('tiles@latest')).version).toBe(2)
    expect((await registry.find('tiles:2')).version).toBe(2)
  })

  it.each([
    ['tile', /^No model tile/, /Did you mean tiles/],
    ['tiles:7', /no version 7/, /version 1 and/],
    ['tiles@best', /no alias best/, /alias champion/],
    ['tiles:', /NAME@ALIAS/, /tiles:3/],
    ['Tiles', /NAME@ALIAS/, /./],
  ])('%s is told with what there is', async (reference, message, hint) => {
    const registry = open()
    await registry.register(source, { ...about, aliases: ['champion'] })
    await expect(registry.find(reference)).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringMatching(message),
      hint: expect.stringMatching(hint),
    })
  })
})

describe('aliases and stages', () => {
  it('move, and leave who did it and why', async () => {
    const registry = open()
    await registry.register(source, { ...about, aliases: ['champion'] })
    await registry.register(source, about)
    const versions = await registry.setAlias('tiles', 'champion', 2, by)
    expect(versions.map(({ aliases }) => aliases)).toEqual([[], ['champion']])
    expect(versions.map(({ events }) => events.at(-1)!)).toMatchObject([
      { what: 'alias champion moved to version 2', ...by },
      { what: 'alias champion moved from version 1', ...by },
    ])
    const none = await registry.setAlias('tiles', 'champion', null, by)
    expect(none[1]!.events.at(-1)).toMatchObject({ what: 'alias champion removed' })
    const staged = await registry.setStage('tiles:1', 'production', by)
    expect(staged).toMatchObject({ stage: 'production' })
    expect(staged.events.at(-1)).toMatchObject({ what: 'stage none → production', ...by })
    expect((await open().find('tiles:1')).stage).toBe('production')
  })

  it.each(['latest', '3', 'A', 'a/b', ''])('refuses the alias %j', async (alias) => {
    const registry = open()
    await registry.register(source, about)
    await expect(registry.setAlias('tiles', alias, 1, by)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})

describe('files', () => {
  it('that were changed are refused by their name, with what mends it', async () => {
    const registry = open()
    const { folder } = await registry.register(source, { ...about, aliases: ['champion'] })
    await writeClassifier(folder, { weights: [0, 1, 0, 0, 1, 0, 0, 0, 0, 0, 1, 0] })
    await expect(registry.load('tiles')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/model\.onnx of the model tiles:1 has another SHA-256/),
      hint: expect.stringContaining('fovea models verify tiles:1'),
    })
    await rm(join(folder, 'classes.json'))
    await expect(registry.load('tiles')).rejects.toMatchObject({
      message: expect.stringMatching(/classes\.json .* is gone/),
    })
  })

  it('are attached beside a version, and are no part of it', async () => {
    const registry = open()
    await registry.register(source, about)
    await registry.attach('tiles:1', 'gate/evidence.json', '{}')
    expect(await registry.listAttached('tiles')).toEqual([{ name: 'gate/evidence.json', bytes: 2 }])
    expect(Buffer.from(await registry.readAttached('tiles:1', 'gate/evidence.json')).toString()).toBe('{}')
    await expect(registry.readAttached('tiles:1', 'gate')).rejects.toMatchObject({
      code: 'SOURCE_NOT_FOUND',
      hint: expect.stringContaining('gate/evidence.json'),
    })
    await expect(registry.attach('tiles:1', '../1/card.toml', 'x')).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
    await registry.load('tiles:1')
  })
})

describe('removing', () => {
  it('is refused while an alias stands, and numbers are not given twice', async () => {
    const registry = open()
    await registry.register(source, { ...about, aliases: ['champion'] })
    await registry.register(source, about)
    await registry.attach('tiles:2', 'note.txt', 'x')
    await expect(registry.remove('tiles:1')).rejects.toMatchObject({ code: 'MODEL_IN_USE' })
    await registry.remove('tiles:2')
    expect(names(await registry.list())).toEqual(['tiles:1'])
    expect((await registry.register(source, about)).version).toBe(3)
    expect((await readdir(join(root, 'registry', 'tiles'))).toSorted()).toEqual(['1', '3', 'events.jsonl'])
  })
})

describe('after a kill', () => {
  it('what was half registered does not count, and the champion stands where it stood', async () => {
    const registry = open()
    await registry.register(source, { ...about, aliases: ['champion'] })
    const log = join(root, 'registry', 'tiles', 'events.jsonl')
    const said = { at: '2026-01-01T00:00:00.000Z', actor: 'me', reason: '', version: 2 }
    await appendFile(
      log,
      `${JSON.stringify({ kind: 'registered', ...said })}\n${JSON.stringify({ kind: 'alias', alias: 'champion', ...said })}\n{"kind":"ali`,
    )
    await mkdir(join(root, 'registry', '.registering-tiles'))
    await writeFile(join(root, 'registry', '.registering-tiles', 'old.txt'), 'x')
    for (const name of ['.removed-7', '7.attached', '1.attached']) await mkdir(join(root, 'registry', 'tiles', name))

    const again = open()
    expect(names(await again.list())).toEqual(['tiles:1'])
    expect((await again.find('tiles@champion')).version).toBe(1)
    const next = await again.register(source, about)
    expect(next.version).toBe(3)
    expect(next.files.map(({ name }) => name)).not.toContain('old.txt')
    expect((await readdir(join(root, 'registry'))).toSorted()).toEqual(['tiles'])
    expect((await readdir(join(root, 'registry', 'tiles'))).toSorted()).toEqual([
      '1',
      '1.attached',
      '3',
      'events.jsonl',
    ])
    await again.setAlias('tiles', 'champion', 3, by)
    expect((await again.find('tiles')).events.at(-1)!.what).toBe('alias champion moved from version 1')
  })
})
