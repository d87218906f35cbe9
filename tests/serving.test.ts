import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { decodeMask, decompressCounts } from '#base'
import { encodeColourNetwork, encodeEchoNetwork, writeTaskModel } from '../src/models/tasks/testing.ts'
import type { Body, Version } from './support/endpoint-answers.ts'
import { serveReal } from './support/served.ts'

let root: string
let served: Awaited<ReturnType<typeof serveReal>>
const pictures = new Map<string, Buffer>()
const colours = { red: '#f00', green: '#0f0', blue: '#00f' } as const
type Colour = keyof typeof colours

const register = async (name: string, model: Parameters<typeof writeTaskModel>[1]): Promise<void> => {
  const folder = await mkdtemp(join(root, 'model-'))
  await served.app.call('registry.register', { path: await writeTaskModel(folder, model), name })
}
const deploy = (name: string, model: string, more: object = {}): Promise<unknown> =>
  served.app.call('serving.deploy', { name, model, ...more })

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-serving-'))
  served = await serveReal({
    'serving.maxPixels': '1000000',
    'serving.maxFiles': '4',
    'serving.maxBodyBytes': '2000000',
  })
  const classes = ['red', 'green', 'blue']
  await register('colours', {
    task: 'classification',
    output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
    network: encodeColourNetwork(),
    classes,
  })
  await register('parts', {
    task: 'segmentation',
    output: 'scores = "maps"\nactivation = "none"\nbackground = false\nthreshold = 0.5\nclasses = "classes.json"',
    network: encodeEchoNetwork(),
    classes,
  })
  await register('present', {
    task: 'multilabel',
    output: 'scores = "colour"\nactivation = "none"\nthreshold = 0.4\nclasses = "classes.json"',
    network: encodeColourNetwork(),
    classes,
  })
  await deploy('colours', 'colours')
  await deploy('present', 'present')
  await deploy('parts', 'parts', { maxBatch: 4 })
  for (const [name, background] of Object.entries(colours))
    pictures.set(
      name,
      await sharp({ create: { width: 16, height: 12, channels: 3, background } })
        .png()
        .toBuffer(),
    )
}, 600_000)
afterAll(async () => {
  await served.close()
  await rm(root, { recursive: true, force: true })
})

const picture = (colour: Colour): Uint8Array<ArrayBuffer> => new Uint8Array(pictures.get(colour)!)

function predict(
  name: string,
  body: NonNullable<RequestInit['body']>,
  { headers = {}, query = '' }: { headers?: Record<string, string>; query?: string } = {},
): Promise<Response> {
  return fetch(`${served.url}/v1/endpoints/${name}/predict${query}`, { method: 'POST', headers, body })
}
const read = async (response: Response): Promise<Body> => (await response.json()) as Body

test('a picture as the body is answered with classes', async () => {
  const response = await predict('colours', picture('green'), {
    headers: { 'content-type': 'image/png', 'x-request-id': 'line-3/42' },
  })
  expect([response.status, response.headers.get('x-request-id')]).toEqual([200, 'line-3/42'])
  const body = await read(response)
  expect(body).toMatchObject({
    endpoint: 'colours',
    requestId: 'line-3/42',
    predictions: [{ model: 'colours', version: 1, role: 'primary', task: 'classification', width: 16, height: 12 }],
  })
  expect(body['predictions'][0].classes.map((one) => one['class'])).toEqual(['green', 'red', 'blue'])
  const one = await read(await predict('colours', picture('green'), { query: '?top=1&threshold=0.3' }))
  expect(one['predictions'][0].classes).toHaveLength(1)
  expect(one['requestId']).toMatch(/^[\da-f-]{36}$/)
})

test('several classes are those that the card takes for present, unless a threshold is named', async () => {
  const namesOf = async (query: string): Promise<string[]> => {
    const body = await read(await predict('present', picture('green'), { query }))
    return body['predictions'][0].classes.map((one) => one['class'])
  }
  expect(await namesOf('')).toEqual(['green'])
  expect(await namesOf('?threshold=0')).toHaveLength(3)
  expect(await namesOf('?threshold=0&top=2')).toHaveLength(2)
})

test('a version that is served cannot be removed', async () => {
  const removing = served.app.call('registry.remove', { model: 'parts:1' })
  await expect(removing).rejects.toMatchObject({ code: 'MODEL_IN_USE', details: { endpoint: 'parts' } })
})

test('several files of a form are answered in their order, a bad one beside the others', async () => {
  const form = new FormData()
  form.append('image', new Blob([picture('red')], { type: 'image/png' }), 'a "quoted" name.png')
  form.append('image', new Blob(['no picture'], { type: 'image/png' }), 'bad.png')
  form.append('image', new Blob([picture('blue')]), 'blau ü.png')
  form.append('top', '1')
  const response = await predict('colours', form)
  expect(response.status).toBe(200)
  const { predictions } = await read(response)
  expect(predictions.map((one) => [one['name'], one['classes']?.[0].class ?? one['error'].code])).toEqual([
    ['a "quoted" name.png', 'red'],
    ['bad.png', 'MEDIA_UNREADABLE'],
    ['blau ü.png', 'blue'],
  ])
})

test('a mask comes as PNG, as run lengths, or not at all', async () => {
  const asked = await predict('parts', picture('green'), { headers: { accept: 'image/png' } })
  expect([asked.status, asked.headers.get('content-type'), asked.headers.get('x-model')]).toEqual([
    200,
    'image/png',
    'parts:1',
  ])
  const png = Buffer.from(await asked.arrayBuffer())
  // Indices with a palette: sharp turns them into the colour of the second class.
  const { data, info } = await sharp(png).raw().toBuffer({ resolveWithObject: true })
  expect([info.width, info.height, info.channels]).toEqual([16, 12, 3])
  expect(new Set(Array.from({ length: 16 * 12 }, (_, i) => data.subarray(3 * i, 3 * i + 3).toString('hex')))).toEqual(
    new Set(['e69f00']),
  )
  const [rle] = (await read(await predict('parts', picture('green'))))['predictions']
  expect(rle.mask.classes).toMatchObject([{ class: 'red', pixels: 0 }, { class: 'green', pixels: 192 }, { pixels: 0 }])
  const { size, counts } = rle.mask.classes[1]!.rle
  expect(decodeMask({ type: 'mask', size, counts: decompressCounts(counts) }).every((value) => value === 1)).toBe(true)
  const [inline] = (await read(await predict('parts', picture('green'), { query: '?mask=png' })))['predictions']
  expect(Buffer.from(inline.mask.png, 'base64')).toEqual(png)
  const [none] = (await read(await predict('parts', picture('green'), { query: '?mask=none' })))['predictions']
  expect(none.mask.classes[1]).toEqual({ class: 'green', score: 1, pixels: 192 })
})

/** A PNG whose header says more pixels than it has. */
function largePng(): Uint8Array<ArrayBuffer> {
  const bytes = Buffer.from(pictures.get('red')!)
  bytes.writeUInt32BE(10_000, 16)
  bytes.writeUInt32BE(10_000, 20)
  return new Uint8Array(bytes)
}

test('what cannot be answered says why, and the endpoint lives on', async () => {
  const truncated = picture('red').slice(0, 60)
  const boundary = { 'content-type': 'multipart/form-data; boundary=x' }
  const many = new FormData()
  for (let i = 0; i < 5; i++) many.append('image', new Blob([picture('red')]), 'a.png')
  const two = new FormData()
  for (let i = 0; i < 2; i++) two.append('image', new Blob([picture('red')]), 'a.png')
  const cases: [string, Promise<Response>, number, string][] = [
    ['no picture', predict('colours', 'nonsense'), 422, 'MEDIA_UNREADABLE'],
    ['empty', predict('colours', ''), 400, 'INPUT_INVALID'],
    ['truncated', predict('colours', truncated), 422, 'MEDIA_UNREADABLE'],
    ['100 Mpx', predict('colours', largePng()), 413, 'MEDIA_TOO_LARGE'],
    ['JSON', predict('colours', '{}', { headers: { 'content-type': 'application/json' } }), 400, 'INPUT_INVALID'],
    ['no form', predict('colours', 'no form', { headers: boundary }), 400, 'INPUT_INVALID'],
    ['open form', predict('colours', '--x\r\nA: b\r\n\r\nc', { headers: boundary }), 400, 'INPUT_INVALID'],
    [
      'no boundary',
      predict('colours', 'x', { headers: { 'content-type': 'multipart/form-data' } }),
      400,
      'INPUT_INVALID',
    ],
    ['five files', predict('colours', many), 413, 'TOO_LARGE'],
    ['large body', predict('colours', new Uint8Array(2_000_001)), 413, 'TOO_LARGE'],
    ['unknown option', predict('colours', picture('red'), { query: '?tpo=1' }), 400, 'INPUT_INVALID'],
    ['wrong option', predict('colours', picture('red'), { query: '?threshold=7' }), 400, 'INPUT_INVALID'],
    ['no mask', predict('colours', picture('red'), { headers: { accept: 'image/png' } }), 400, 'INPUT_INVALID'],
    ['two masks', predict('parts', two, { headers: { accept: 'image/png' } }), 400, 'INPUT_INVALID'],
    ['other type', predict('parts', picture('red'), { headers: { accept: 'text/html' } }), 400, 'INPUT_INVALID'],
    ['unknown endpoint', predict('nothing', picture('red')), 404, 'ENDPOINT_NOT_FOUND'],
  ]
  for (const [what, asking, status, code] of cases) {
    const response = await asking
    const body = await read(response)
    expect([what, response.status, body['code']]).toEqual([what, status, code])
    expect([what, body['requestId']]).toEqual([what, response.headers.get('x-request-id')])
    expect(JSON.stringify(body)).not.toMatch(/\.ts:|node_modules/)
  }
  expect((await predict('colours', picture('red'))).status).toBe(200)
})

test('64 clients at once, every tenth request bad, lose no good answer', async () => {
  const kinds = Object.keys(colours) as Colour[]
  const client = async (c: number): Promise<[number, string | undefined, string][]> => {
    const seen: [number, string | undefined, string][] = []
    for (let i = 0; i < 5; i++) {
      const isBad = (c * 5 + i) % 10 === 0
      const colour = kinds[(c + i) % 3]!
      const response = await predict('colours', isBad ? 'bad' : picture(colour))
      const body = await read(response)
      seen.push([response.status, body['predictions']?.[0].classes[0].class, isBad ? 'bad' : colour])
    }
    return seen
  }
  const answers = (await Promise.all(Array.from({ length: 64 }, (_, c) => client(c)))).flat()
  expect(answers).toHaveLength(320)
  for (const [status, best, sent] of answers)
    expect([status, best]).toEqual(sent === 'bad' ? [422, undefined] : [200, sent])
}, 600_000)

test('more than the queue holds is refused with 429, and what takes too long with 504', async () => {
  await deploy('narrow', 'colours', { queueLimit: 1 })
  const both = new FormData()
  for (const colour of ['red', 'blue'] as const) both.append('image', new Blob([picture(colour)]), `${colour}.png`)
  const { predictions } = await read(await predict('narrow', both))
  expect(predictions.map((one) => one['error']?.code ?? one['classes'][0].class)).toEqual(['red', 'OVERLOADED'])
  // Until two of them meet.
  for (let refused: Response | undefined; refused === undefined;) {
    const answers = await Promise.all(Array.from({ length: 8 }, () => predict('narrow', picture('red'))))
    expect(new Set([200, 429, ...answers.map(({ status }) => status)])).toEqual(new Set([200, 429]))
    refused = answers.find(({ status }) => status === 429)
    if (refused !== undefined) expect(Number(refused.headers.get('retry-after'))).toBeGreaterThan(0)
  }
  await deploy('narrow', 'colours', { timeoutMs: 1 })
  for (let status = 0; status !== 504;) {
    const response = await predict('narrow', picture('red'))
    status = response.status
    expect([200, 504]).toContain(status)
  }
  await deploy('narrow', 'colours', { timeoutMs: 60_000 })
  expect((await predict('narrow', picture('red'))).status).toBe(200)
})

test('a client that goes away takes nothing with it', async () => {
  const gone = new AbortController()
  const left = Array.from({ length: 8 }, () =>
    fetch(`${served.url}/v1/endpoints/colours/predict`, {
      method: 'POST',
      body: picture('red'),
      signal: gone.signal,
    }).catch((error: Error) => error.name),
  )
  gone.abort()
  expect(new Set(await Promise.all(left))).toEqual(new Set(['AbortError']))
  expect((await predict('colours', picture('red'))).status).toBe(200)
})

test('versions swap under load without a failed request; a corrupted one is not taken', async () => {
  await register('swapped', {
    task: 'classification',
    output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
    network: encodeColourNetwork(),
    classes: ['a', 'b', 'c'],
  })
  await deploy('swapped', 'swapped:1')
  let stop = false
  const seen = new Set<string>()
  const load = Array.from({ length: 4 }, async () => {
    while (!stop) {
      const response = await predict('swapped', picture('red'))
      expect(response.status).toBe(200)
      seen.add((await read(response))['predictions'][0].classes[0].class)
    }
  })
  await register('swapped', {
    task: 'classification',
    output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
    network: encodeColourNetwork(),
    classes: ['new a', 'new b', 'new c'],
  })
  await deploy('swapped', 'swapped:2')
  while (!seen.has('new a')) await new Promise((resolve) => setImmediate(resolve))
  stop = true
  await Promise.all(load)
  expect(seen).toEqual(new Set(['a', 'new a']))

  const { versions } = (await served.app.call('registry.list', { model: 'swapped' })) as { versions: Version[] }
  const folder = versions.find((one) => one['version'] === 1)!['folder']
  const weights = join(folder, 'model.onnx')
  await rm(weights, { force: true })
  await writeFile(weights, 'corrupted')
  await expect(deploy('swapped', 'swapped:1')).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  const body = await read(await predict('swapped', picture('red')))
  expect(body['predictions'][0]).toMatchObject({ version: 2, classes: [{ class: 'new a' }, {}, {}] })
}, 600_000)

const v2 = (path: string, init: RequestInit = {}): Promise<Response> => fetch(`${served.url}/v2${path}`, init)
const zeros = Array.from({ length: 3 * 8 * 8 }, (_, i) => (i < 64 ? 1 : 0))
const inferJson = (inputs: unknown, more: object = {}, path = '/models/colours/infer'): Promise<Response> =>
  v2(path, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ inputs, ...more }),
  })
const tensor = { name: 'image', shape: [1, 3, 8, 8], datatype: 'FP32', data: zeros }

test('the Open Inference Protocol describes server and models', async () => {
  expect(await read(await v2(''))).toMatchObject({
    name: 'fovea',
    extensions: expect.arrayContaining(['binary_tensor_data']),
  })
  expect((await v2('/health/live')).status).toBe(200)
  expect((await v2('/health/ready')).status).toBe(200)
  const described = {
    name: 'colours',
    versions: ['1'],
    platform: 'onnx_onnxv1',
    inputs: [{ name: 'image', datatype: 'FP32', shape: [-1, 3, 8, 8] }],
    outputs: [{ name: 'colour', datatype: 'FP32', shape: [-1, 3] }],
  }
  expect(await read(await v2('/models/colours'))).toEqual(described)
  expect(await read(await v2('/models/colours/versions/1'))).toEqual(described)
  expect((await v2('/models/colours/versions/1/ready')).status).toBe(200)
  expect(await read(await v2('/models/parts/config'))).toMatchObject({
    max_batch_size: 4,
    input: [{ dims: [3, 8, 8] }],
  })
  expect(await read(await v2('/repository/index', { method: 'POST', body: '{}' }))).toEqual(
    expect.arrayContaining([{ name: 'colours', version: '1', state: 'READY', reason: '' }]),
  )
  for (const path of ['/models/nothing', '/models/colours/versions/9', '/models/nothing/ready']) {
    const response = await v2(path)
    expect([path, response.status, typeof (await read(response))['error']]).toEqual([path, 404, 'string'])
  }
})

test('tensors in JSON, flat and nested, named and numbered', async () => {
  const answer = {
    model_name: 'colours',
    model_version: '1',
    id: '42',
    outputs: [{ name: 'colour', shape: [1, 3], datatype: 'FP32', data: [1, 0, 0] }],
  }
  expect(await read(await inferJson([tensor], { id: '42' }))).toEqual(answer)
  const nested = [[zeros.slice(0, 64), zeros.slice(64, 128), zeros.slice(128)]]
  const outputs = [{ name: 'colour' }]
  expect(
    await read(
      await inferJson([{ ...tensor, data: nested }], { id: '42', outputs }, '/models/colours/versions/1/infer'),
    ),
  ).toEqual(answer)
})

test('tensors in binary, also packed', async () => {
  const raw = Buffer.from(Float32Array.from(zeros).buffer)
  const head = Buffer.from(
    JSON.stringify({
      inputs: [{ name: 'image', shape: [1, 3, 8, 8], datatype: 'FP32', parameters: { binary_data_size: raw.length } }],
      outputs: [{ name: 'colour', parameters: { binary_data: true } }],
    }),
  )
  const body = new Uint8Array(Buffer.concat([head, raw]))
  const headers = { 'inference-header-content-length': String(head.length) }
  for (const init of [
    { headers, body },
    { headers: { ...headers, 'content-encoding': 'gzip' }, body: new Uint8Array(gzipSync(body)) },
  ]) {
    const response = await v2('/models/colours/infer', { method: 'POST', ...init })
    const bytes = Buffer.from(await response.arrayBuffer())
    const headLength = Number(response.headers.get('inference-header-content-length'))
    expect(JSON.parse(bytes.toString('utf8', 0, headLength))).toMatchObject({
      outputs: [{ name: 'colour', shape: [1, 3], parameters: { binary_data_size: 12 } }],
    })
    expect([0, 4, 8].map((at) => bytes.readFloatLE(headLength + at))).toEqual([1, 0, 0])
  }
})

/** What tritonclient sent, byte for byte: scripts/golden/triton.py. */
interface Recorded {
  method: string
  path: string
  headers: Record<string, string>
  body: string
  status: number
}

/** Numbers of the output `colour`, in JSON or in binary. */
function readColour(bytes: Buffer, headLength: string | null): number[] {
  const split = headLength === null ? bytes.length : Number(headLength)
  const { outputs } = JSON.parse(bytes.toString('utf8', 0, split)) as { outputs: { data?: number[] }[] }
  return (
    outputs[0]!.data ?? Array.from({ length: (bytes.length - split) / 4 }, (_, i) => bytes.readFloatLE(split + 4 * i))
  )
}

test('the requests of tritonclient are answered', async () => {
  const fixture = JSON.parse(await readFile(join(import.meta.dirname, 'fixtures/triton-requests.json'), 'utf8')) as {
    tritonclient: string
    requests: Recorded[]
  }
  expect(fixture.tritonclient).toMatch(/^\d+\.\d+/)
  let inferred = 0
  for (const { method, path, headers, body, status } of fixture.requests) {
    const bytes = new Uint8Array(Buffer.from(body, 'base64'))
    const response = await fetch(served.url + path, { method, headers, ...(method === 'GET' ? {} : { body: bytes }) })
    const answer = Buffer.from(await response.arrayBuffer())
    expect([path, response.status]).toEqual([path, status])
    if (!path.includes('models/colours') || !path.endsWith('/infer')) continue
    inferred++
    const colour = readColour(answer, response.headers.get('inference-header-content-length'))
    expect([1, 0, 0, 0, 0, 0.5].slice(0, colour.length)).toEqual(colour)
    expect(colour.length === 3 || colour.length === 6).toBe(true)
  }
  expect(inferred).toBeGreaterThan(10)
})

test('tensors that do not fit are refused in the words of the protocol', async () => {
  const raw = (headers: Record<string, string>, body: string): Promise<Response> =>
    v2('/models/colours/infer', { method: 'POST', headers, body })
  const cases: [string, Promise<Response>, number][] = [
    ['wrong shape', inferJson([{ ...tensor, shape: [1, 3, 4, 16] }]), 400],
    ['too few', inferJson([{ ...tensor, data: [1, 2] }]), 400],
    ['wrong type', inferJson([{ ...tensor, datatype: 'INT64' }]), 400],
    ['unknown type', inferJson([{ ...tensor, datatype: 'FP8' }]), 400],
    ['text', inferJson([{ ...tensor, data: zeros.map(String) }]), 400],
    ['unknown input', inferJson([{ ...tensor, name: 'x' }]), 400],
    ['no input', inferJson([]), 400],
    ['unknown output', inferJson([tensor], { outputs: [{ name: 'y' }] }), 400],
    ['classification', inferJson([tensor], { outputs: [{ name: 'colour', parameters: { classification: 2 } }] }), 400],
    ['no JSON', raw({}, 'nonsense'), 400],
    ['header beyond', raw({ 'inference-header-content-length': '99' }, '{}'), 400],
    ['header no number', raw({ 'inference-header-content-length': 'x' }, '{}'), 400],
    ['not packed', raw({ 'content-encoding': 'gzip' }, '{}'), 400],
    ['unknown model', inferJson([tensor], {}, '/models/nothing/infer'), 404],
    ['unknown version', inferJson([tensor], {}, '/models/colours/versions/9/infer'), 404],
  ]
  for (const [what, asking, status] of cases) {
    const response = await asking
    expect([what, response.status, typeof (await read(response))['error']]).toEqual([what, status, 'string'])
  }
})

test('counts are told to people, to Prometheus and to clients of Triton', async () => {
  const stats = await read(await fetch(`${served.url}/v1/endpoints/colours/stats`))
  expect(stats['versions'][0]).toMatchObject({ role: 'primary', model: 'colours', waiting: 0 })
  expect(stats['versions'][0].latencyMs.p50).toBeGreaterThan(0)
  const lines = (await (await fetch(`${served.url}/metrics`)).text()).split('\n')
  const labels = 'endpoint="colours",role="primary",model="colours",version="1"'
  const after = await read(await v2('/models/colours/stats'))
  expect(lines).toContain(`fovea_endpoint_requests_total{${labels}} ${stats['versions'][0].requests}`)
  expect(lines).toContain(
    `fovea_endpoint_latency_seconds_count{${labels}} ${after['model_stats'][0].inference_stats.success.count}`,
  )
  expect(
    lines.some((line) => line.startsWith(`fovea_endpoint_failures_total{${labels},code="MEDIA_UNREADABLE"}`)),
  ).toBe(true)
})

test('an endpoint with keys asks for one, and a key opens no other', async () => {
  await deploy('locked', 'colours')
  const { key, id } = (await served.app.call('serving.key-add', {
    name: 'locked',
    label: 'line 3',
    ratePerMinute: 3,
  })) as Body
  const ask = async (headers: Record<string, string>, name = 'locked'): Promise<[number, string | undefined]> => {
    const response = await predict(name, picture('red'), { headers })
    return [response.status, (await read(response))['code']]
  }
  expect(await ask({})).toEqual([401, 'TOKEN_MISSING'])
  expect(await ask({ 'x-api-key': 'fovea_wrong' })).toEqual([403, 'TOKEN_WRONG'])
  expect(await ask({ authorization: 'Bearer fovea_wrong' })).toEqual([403, 'TOKEN_WRONG'])
  expect(await ask({ 'x-api-key': key })).toEqual([200, undefined])
  expect(await ask({ authorization: `Bearer ${key}` })).toEqual([200, undefined])
  expect(await ask({ authorization: `Bearer ${served.ownerToken}` })).toEqual([200, undefined])
  expect(await ask({ 'x-api-key': key }, 'colours')).toEqual([403, 'TOKEN_WRONG'])
  const list = await read(await fetch(`${served.url}/v1/endpoints`, { headers: { 'x-api-key': key } }))
  expect(list['endpoints'].map((one) => one['name'])).toEqual(['locked'])
  expect(JSON.stringify(list)).not.toContain(id)
  const slowed = await predict('locked', picture('red'), { headers: { 'x-api-key': key } })
  expect([slowed.status, (await read(slowed))['code']]).toEqual([429, 'TOO_MANY_REQUESTS'])
  expect(Number(slowed.headers.get('retry-after'))).toBeGreaterThan(0)
  const elsewhere = await fetch(`${served.url}/api/dataset.list`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', authorization: `Bearer ${key}` },
    body: '{}',
  })
  expect(elsewhere.status).toBe(403)
  expect(await readFile(join(served.app.workspace.serving, 'endpoints.json'), 'utf8')).not.toContain(key)
})

test('another site cannot ask an endpoint through a browser', async () => {
  const response = await predict('colours', picture('red'), { headers: { origin: 'http://evil.com' } })
  expect((await read(response))['code']).toBe('ORIGIN_REFUSED')
})
