import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { floats, node } from '#models'
import { encodeNetwork, writeTaskModel } from '../src/models/tasks/testing.ts'
import type { Body } from './support/endpoint-answers.ts'
import { serveReal } from './support/served.ts'

let root: string
let served: Awaited<ReturnType<typeof serveReal>>
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-serving-anomaly-'))
  served = await serveReal({})
}, 600_000)
afterAll(async () => {
  await served.close()
  await rm(root, { recursive: true, force: true })
})

const read = async (response: Promise<Response>): Promise<Body> => (await (await response).json()) as Body

test('an anomaly comes as a heat map whose greys stand for scores, as a mask, or as numbers', async () => {
  const folder = await writeTaskModel(await mkdtemp(join(root, 'model-')), {
    task: 'anomaly',
    output: 'score = "score"\nmap = "map"\nthreshold = 0.25',
    network: encodeNetwork({
      nodes: [
        node('Conv', ['image', 'blueOnly'], 'map'),
        node('GlobalMaxPool', ['map'], 'highest'),
        node('Flatten', ['highest'], 'score'),
      ],
      initializers: [floats('blueOnly', [1, 3, 1, 1], [0, 0, 1])],
      outputs: { score: ['n', 1], map: ['n', 1, 8, 8] },
    }),
  })
  await served.app.call('registry.register', { path: folder, name: 'odd' })
  await served.app.call('serving.deploy', { name: 'odd', model: 'odd' })
  // From no blue on the left to all of it on the right.
  const ramp = Uint8Array.from({ length: 3 * 64 * 64 }, (_, i) => (i % 3 === 2 ? 4 * (Math.floor(i / 3) % 64) : 0))
  const body = new Uint8Array(
    await sharp(ramp, { raw: { width: 64, height: 64, channels: 3 } })
      .png()
      .toBuffer(),
  )
  const ask = (query: string, accept = 'image/png') =>
    fetch(`${served.url}/v1/endpoints/odd/predict${query}`, { method: 'POST', headers: { accept }, body })
  const readGrey = async (png: Buffer): Promise<Buffer> => sharp(png).extractChannel(0).raw().toBuffer()

  const heat = await ask('')
  const told = Object.fromEntries([...heat.headers].filter(([name]) => name.startsWith('x-anomaly')))
  expect(told).toEqual({
    'x-anomaly-score': expect.stringMatching(/^0\.9/),
    'x-anomaly-threshold': '0.25',
    'x-anomaly-threshold-grey': '128',
    'x-anomaly-unit': '0.25',
  })
  const grey = await readGrey(Buffer.from(await heat.arrayBuffer()))
  const mask = await readGrey(Buffer.from(await (await ask('?mask=png')).arrayBuffer()))
  expect(grey).toHaveLength(64 * 64)
  expect([...grey].map((value) => (value >= 128 ? 255 : 0))).toEqual([...mask])
  expect(new Set(mask)).toEqual(new Set([0, 255]))

  const [inline] = (await read(ask('?map=png', 'application/json')))['predictions']
  expect(inline.anomaly).toMatchObject({
    threshold: 0.25,
    anomalous: true,
    map: { size: [64, 64], thresholdGrey: 128 },
  })
  expect(await readGrey(Buffer.from(inline.anomaly.map.png, 'base64'))).toEqual(grey)
  const [numbers] = (await read(ask('?map=raw&mask=none', 'application/json')))['predictions']
  const { size, data } = numbers.anomaly.map
  const bytes = Buffer.from(data, 'base64')
  const scores = Array.from({ length: bytes.length / 4 }, (_, i) => bytes.readFloatLE(4 * i))
  expect([size, scores.length]).toEqual([[8, 8], 64])
  expect(Math.max(...scores)).toBeCloseTo(numbers.anomaly.score, 5)
  // The middle of a part of the map has its score, to a grey.
  const at = (column: number): number => 0.25 + ((grey[4 * 64 + 8 * column + 4]! - 128) / 128) * 0.25
  expect(at(2)).toBeCloseTo(scores[2]!, 1)
  const [plain] = (await read(ask('', 'application/json')))['predictions']
  expect(plain.anomaly).not.toHaveProperty('map')
  // A threshold of the request moves the scale with it.
  expect((await ask('?threshold=0.5')).headers.get('x-anomaly-unit')).toBe('0.5')
})
