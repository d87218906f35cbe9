import { once } from 'node:events'
import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import type { ProgressEvent } from '#base'
import { originFile } from './hub-card.ts'
import { describeHubFolder } from './hub-folder.ts'
import { pullModel } from './pull.ts'
import { writeTinyHubModel } from './testing-hub.ts'
import { writeTinyTaskModel } from './testing-hub-tasks.ts'

const commit = '0123456789abcdef0123456789abcdef01234567'
let root: string
let server: Server
let remote: string
let asked: string[]
/** Answers a request itself when it returns true. */
let interfere: (file: string, response: ServerResponse) => boolean

async function serveFolder(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const [, revision, file] = /^\/tiny\/Model\/resolve\/([^/]+)\/(.+)$/.exec(request.url!) ?? []
  asked.push(`${revision} ${file}`)
  if (file !== undefined && interfere(file, response)) return
  const data = file === undefined ? undefined : await readFile(join(root, 'served', file)).catch(() => undefined)
  response.setHeader('x-repo-commit', commit)
  if (data === undefined) response.writeHead(file === undefined ? 401 : 404).end('Entry not found')
  else response.writeHead(200, { 'content-length': data.length }).end(data)
}

beforeEach(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-pull-'))
  await writeTinyHubModel(join(root, 'served'), { modelType: 'clip', config: { projection_dim: 4 } })
  asked = []
  interfere = () => false
  server = createServer((request, response) => void serveFolder(request, response))
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  remote = `http://127.0.0.1:${(server.address() as AddressInfo).port}/`
})
afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(root, { recursive: true })
})

const pull = (id: string, options: { signal?: AbortSignal; progress?: { report(event: ProgressEvent): void } } = {}) =>
  pullModel(id, { into: join(root, 'into'), remote, ...options })
const left = () => readdir(join(root, 'into'))

describe('pullModel', () => {
  test('downloads a model that can be described, all of one commit', async () => {
    const events: ProgressEvent[] = []
    const folder = await pull('tiny/Model', { progress: { report: (event) => events.push(event) } })
    expect(folder).toBe(join(root, 'into', 'model'))
    const described = await describeHubFolder(folder)
    expect(described).toMatchObject({ name: 'model', dimensions: 4, readsText: true, source: `${remote}tiny/Model` })
    expect(described.fingerprint).toBe((await describeHubFolder(join(root, 'served'))).fingerprint)
    expect(JSON.parse(await readFile(join(folder, originFile), 'utf8'))).toEqual({
      source: `${remote}tiny/Model`,
      revision: commit,
    })
    expect(asked[0]).toBe('main config.json')
    expect(asked.slice(1).every((each) => each.startsWith(commit))).toBe(true)
    expect(asked).not.toContain(`${commit} onnx/vision_model_quantized.onnx`)
    const last = events.at(-1)!
    expect(last).toEqual({ stage: 'download', done: described.bytes, total: described.bytes, unit: 'bytes' })
    expect(events.every((event, i) => i === 0 || event.done > events[i - 1]!.done)).toBe(true)
  })

  test('takes another variant where the exact one is missing, with the weights beside it', async () => {
    await rm(join(root, 'served'), { recursive: true })
    await writeTinyHubModel(join(root, 'served'), {
      modelType: 'dinov2',
      config: { hidden_size: 4 },
      variant: '_quantized',
    })
    interfere = (file, response) => {
      if (!/_quantized\.onnx_data(_1)?$/.test(file)) return false
      response.end(file)
      return true
    }
    const folder = await pull('tiny/Model')
    expect((await readdir(join(folder, 'onnx'))).toSorted()).toEqual([
      'model_quantized.onnx',
      'model_quantized.onnx_data',
      'model_quantized.onnx_data_1',
    ])
  })

  test('does without texts where there is no tokenizer', async () => {
    await rm(join(root, 'served/tokenizer.json'))
    expect(await describeHubFolder(await pull('tiny/Model'))).toMatchObject({ readsText: false })
    expect(asked.some((each) => each.includes('text_model'))).toBe(false)
  })

  test.each(['clip', 'a/b/c', '../x', 'a/..', 'a/b c', 'https://x/y', '/a', 'a/b?c'])(
    'refuses %j, which is not owner/name',
    async (id) => {
      await expect(pull(id)).rejects.toMatchObject({ code: 'INPUT_INVALID' })
      expect(asked).toEqual([])
    },
  )

  test('says that a model is not there, or has no network', async () => {
    await expect(pull('nobody/nothing')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      message: expect.stringContaining('nobody/nothing'),
    })
    await rm(join(root, 'served/onnx'), { recursive: true })
    await expect(pull('tiny/Model')).rejects.toMatchObject({
      code: 'MODEL_NOT_FOUND',
      hint: expect.stringContaining('ONNX'),
    })
    expect(await left()).toEqual([])
  })

  test('downloads all networks that a promptable segmenter needs', async () => {
    await rm(join(root, 'served'), { recursive: true })
    await writeTinyTaskModel(join(root, 'served'), { modelType: 'sam' })
    const folder = await pull('tiny/Model')
    expect(await describeHubFolder(folder)).toMatchObject({ task: 'mask-generation', dimensions: 0, classes: [] })
    expect((await readdir(join(folder, 'onnx'))).toSorted()).toEqual([
      'prompt_encoder_mask_decoder.onnx',
      'vision_encoder.onnx',
    ])
  })

  test('refuses what cannot be used before its weights are downloaded', async () => {
    await writeTinyHubModel(join(root, 'served'), { modelType: 'dpt' })
    await expect(pull('tiny/Model')).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('estimates depth'),
    })
    expect(asked).toEqual(['main config.json'])
    expect(await left()).toEqual([])
  })

  test('is offline when nobody answers, when the hub fails, and when the connection drops', async () => {
    const offline = { code: 'MODEL_OFFLINE', hint: expect.stringContaining('fovea models add DIR') }
    interfere = (file, response) => {
      if (file !== 'onnx/vision_model.onnx') return false
      response.writeHead(200, { 'content-length': 1000 }).write('half')
      setTimeout(() => response.destroy(), 20)
      return true
    }
    await expect(pull('tiny/Model')).rejects.toMatchObject({
      ...offline,
      message: expect.stringContaining('onnx/vision_model.onnx'),
    })
    interfere = (_, response) => {
      response.writeHead(503).end()
      return true
    }
    await expect(pull('tiny/Model')).rejects.toMatchObject({ ...offline, message: expect.stringContaining('503') })
    server.closeAllConnections()
    await new Promise((resolve) => server.close(resolve))
    await expect(pull('tiny/Model')).rejects.toMatchObject({
      ...offline,
      message: expect.stringContaining('ECONNREFUSED'),
    })
    expect(await left()).toEqual([])
  })

  test('stops when cancelled, and leaves nothing', async () => {
    const stop = new AbortController()
    interfere = (file, response) => {
      if (file !== 'onnx/vision_model.onnx') return false
      response.writeHead(200, { 'content-length': 1000 }).write('half')
      setTimeout(() => stop.abort(), 20)
      return true
    }
    await expect(pull('tiny/Model', { signal: stop.signal })).rejects.toMatchObject({ code: 'CANCELLED' })
    expect(await left()).toEqual([])
  })

  test('leaves a folder alone that is there already', async () => {
    const folder = await pull('tiny/Model')
    await expect(pull('tiny/Model')).rejects.toMatchObject({ code: 'TARGET_EXISTS' })
    expect((await stat(join(folder, 'config.json'))).isFile()).toBe(true)
  })
})
