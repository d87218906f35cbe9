import { execFile } from 'node:child_process'
import { cp, mkdir, mkdtemp, readdir, readFile, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { promisify } from 'node:util'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { encodeEchoNetwork, writeTaskModel } from '../src/models/tasks/testing.ts'

const project = resolve(import.meta.dirname, '..')
const run = promisify(execFile)
let root: string
let app: App
const call = <T = Record<string, unknown>>(id: string, input: object = {}): Promise<T> =>
  app.call(id, input) as Promise<T>

interface Made {
  folder: string
  model: string
  files: number
  key: string
}
const make = (name: string, target: string): Promise<Made> =>
  call<Made>('bundle.make', { model: 'halves', target, to: join(root, name) })
const verify = (folder: string, key?: string) =>
  call('bundle.verify', { folder, ...(key === undefined ? {} : { key }) })

/** Pictures whose halves are of two colours, and a model whose masks say where each is. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-bundle-'))
  await run(process.execPath, [join(project, 'edge/build.mjs')])
  await mkdir(join(root, 'pictures'))
  for (let i = 0; i < 3; i++)
    await sharp({ create: { width: 24 + 8 * i, height: 16, channels: 3, background: '#0f0' } })
      .composite([
        { input: { create: { width: 8 + 4 * i, height: 16, channels: 3, background: '#00f' } }, left: 0, top: 0 },
      ])
      .png()
      .toFile(join(root, 'pictures', `${i}.png`))
  await mkdir(join(root, 'w'))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'halves' })
  await mkdir(join(root, 'model'))
  const path = await writeTaskModel(join(root, 'model'), {
    task: 'segmentation',
    output: 'scores = "maps"\nclasses = "classes.json"',
    network: encodeEchoNetwork(),
    classes: ['green', 'blue'],
    lines: 'title = "Halves"\nlicence = "CC0-1.0"',
  })
  await call('registry.register', { path, name: 'halves', metrics: { dice: 0.9 } })
}, 120_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

describe('a bundle', () => {
  test('is not made of a model that cannot be tried out, and says how to mend that', async () => {
    await expect(make('none', 'onnx')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      hint: 'Record some: fovea golden halves:1',
    })
    await expect(stat(join(root, 'none'))).rejects.toThrow('ENOENT')
    await call('gate.golden', { model: 'halves', dataset: 'halves', count: 3 })
  })

  test('for any runtime holds the network, its card, golden pictures and their tensors', async () => {
    const { folder, key, ...made } = await make('onnx', 'onnx')
    expect(made).toMatchObject({ model: 'halves:1', target: 'onnx' })
    expect((await readdir(folder)).toSorted()).toEqual([
      'README.md',
      'bundle.json',
      'card.toml',
      'classes.json',
      'golden',
      'model.onnx',
      'signature.json',
      'tensors',
      'verify.py',
    ])
    expect(await verify(folder, key)).toMatchObject({ ...made, signedHere: true, golden: 3 })
    const index = JSON.parse(await readFile(join(folder, 'tensors/index.json'), 'utf8')) as { input: string }[]
    expect(index).toHaveLength(3)
    const [input, output] = await Promise.all(
      ['input', 'output1'].map((part) => readFile(join(folder, `tensors/01.${part}.npy`))),
    )
    // The network answers with what it is given.
    expect(input!.subarray(128).equals(output!.subarray(128))).toBe(true)
    expect(input!.subarray(0, 128).toString('latin1')).toContain("'<f4', 'fortran_order': False, 'shape': (1, 3, 8, 8)")
    const text = await readFile(join(folder, 'README.md'), 'utf8')
    for (const part of ['halves:1', 'CC0-1.0', '| dice | 0.9 |', key]) expect(text).toContain(part)
  })

  test('of the same version is the same bytes', async () => {
    const [one, other] = [await make('twice-a', 'node'), await make('twice-b', 'node')]
    for (const name of ['bundle.json', 'signature.json'])
      expect(await readFile(join(one.folder, name))).toEqual(await readFile(join(other.folder, name)))
  })

  test('never takes the place of something', async () => {
    const folder = join(root, 'taken')
    await mkdir(folder)
    await writeFile(join(folder, 'mine.txt'), 'mine')
    await expect(make('taken', 'onnx')).rejects.toMatchObject({ code: 'TARGET_EXISTS' })
    expect(await readdir(folder)).toEqual(['mine.txt'])
  })

  test('is refused once anything of it was changed, added or taken away', async () => {
    const { folder, key } = await make('whole', 'onnx')
    const other = key.replaceAll(/./g, (digit) => (digit === '0' ? '1' : '0'))
    await expect(verify(folder, other)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    const spoil = async (work: (copy: string) => Promise<unknown>): Promise<{ message: string }> => {
      const copy = await mkdtemp(join(root, 'copy-'))
      await cp(folder, copy, { recursive: true })
      await work(copy)
      return verify(copy).then(
        () => ({ message: 'verified' }),
        (error: unknown) => error as Error,
      )
    }
    const edit = (name: string, change: (text: string) => string) => async (copy: string) => {
      const file = join(copy, name)
      await writeFile(file, change(await readFile(file, 'latin1')), 'latin1')
    }
    const messages = [
      await spoil(edit('model.onnx', (text) => `${text} `)),
      await spoil(edit('bundle.json', (text) => text.replace('"score": 0.02', '"score": 0.99'))),
      await spoil(edit('signature.json', (text) => text.replace(/"signature": "../, '"signature": "AA'))),
      await spoil(edit('signature.json', () => 'nothing')),
      await spoil((copy) => rm(join(copy, 'golden/01.png'))),
      await spoil((copy) => writeFile(join(copy, 'golden/more.js'), 'alert(1)')),
      await spoil((copy) => rm(join(copy, 'bundle.json'))),
    ].map(({ message }) => message)
    expect(messages[0]).toContain('model.onnx of the bundle is not what was signed')
    expect(messages[1]).toContain('The signature does not belong to bundle.json')
    expect(messages[2]).toContain('signature')
    expect(messages[3]).toContain('signature.json of the bundle is damaged')
    expect(messages[4]).toContain('golden/01.png of the bundle cannot be read')
    expect(messages[5]).toContain('files that were not signed: golden/more.js')
    expect(messages[6]).toContain('bundle.json of the bundle cannot be read')
  })

  test('keeps its private key to its owner', async () => {
    const { mode } = await stat(join(root, 'w/.fovea/keys/bundles.pem'))
    expect(mode & 0o777).toBe(0o600)
  })
})

describe('a bundle for Node', () => {
  let folder: string
  const cli = (...args: string[]) => run(process.execPath, [join(folder, 'cli.mjs'), ...args])

  beforeAll(async () => {
    folder = (await make('node', 'node')).folder
    await symlink(join(project, 'node_modules'), join(folder, 'node_modules'))
  })

  test('carries no package but names those it needs', async () => {
    const own = JSON.parse(await readFile(join(folder, 'package.json'), 'utf8')) as { dependencies: object }
    expect(Object.keys(own.dependencies)).toEqual(['onnxruntime-node', 'sharp'])
    const imported = (await readFile(join(folder, 'node-code.mjs'), 'utf8')).matchAll(/^import .* from "([^"]+)"/gm)
    expect([...new Set([...imported].map((found) => found[1]!.replace(/^node:.*/, 'node')))].toSorted()).toEqual([
      'node',
      'onnxruntime-node',
      'sharp',
    ])
  })

  test('tries itself out and answers as the program does', async () => {
    expect((await cli('verify')).stdout).toContain('3 golden pictures as recorded')
    const picture = join(root, 'pictures/1.png')
    const { stdout } = await cli('predict', picture, '--masks', join(root, 'masks'))
    const { mask } = JSON.parse(stdout) as { mask: { classes: string[]; runs: number[] } }
    expect(mask.classes).toEqual(['green', 'blue'])
    // 12 px of blue, then 20 of green; the border between lies where the network saw it, to a pixel or two.
    expect(mask.runs[0]).toBe(2)
    expect(Math.abs(mask.runs[1]! - 12)).toBeLessThanOrEqual(2)
    const written = await sharp(join(root, 'masks/1.png'))
      .toColourspace('b-w')
      .raw()
      .toBuffer({ resolveWithObject: true })
    expect(written.info).toMatchObject({ width: 32, height: 16, channels: 1 })
    expect([written.data[0], written.data[31]]).toEqual([2, 1])
  })

  test('answers what it can, names what it cannot, and leaves with 1', async () => {
    await writeFile(join(root, 'no-picture.jpg'), 'no picture')
    const failed = await cli('predict', join(root, 'no-picture.jpg'), join(root, 'pictures/0.png')).then(
      (done) => ({ ...done, code: 0 }),
      (error: unknown) => error as { code: number; stdout: string; stderr: string },
    )
    expect(failed.code).toBe(1)
    expect(failed.stderr).toContain('no-picture.jpg')
    expect(failed.stderr).not.toContain('    at ')
    expect(failed.stdout.trim().split('\n')).toHaveLength(1)
  })

  test('does not run once it was changed', async () => {
    const file = join(folder, 'classes.json')
    const before = await readFile(file)
    await writeFile(file, '["blue","green"]')
    await expect(cli('verify')).rejects.toMatchObject({ code: 1, stderr: expect.stringContaining('classes.json') })
    await writeFile(file, before)
  })
})
