// A served classifier (the built-in backbone, 224 px) beside a bare loop of ONNX Runtime and, where a Python has FastAPI, beside a service
// made of FastAPI, Pillow and ONNX Runtime (BENCH_SERVING_PYTHON, else python3). Servers run in processes of their own.
import type { ChildProcess } from 'node:child_process'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createRng } from '#base'
import { inputOf, openTaskModel, type TaskModel } from '#models'
import { median, type BenchResult } from './bench.ts'
import {
  compareWithPeer,
  makePicture,
  perSecond,
  pictureSizes,
  post,
  runCli,
  serveModel,
  servePeer,
  stop,
} from './http-load.ts'

export const name = 'serving'
const threads = availableParallelism()
const rows = 8
const rounds = 3
const builtIn = join(import.meta.dirname, '../src/models/builtin')

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-serving-'))
  const children: ChildProcess[] = []
  try {
    const card = await writeModel(join(folder, 'model'))
    for (const args of [['init'], ['models', 'register', card, '--name', 'lite']]) runCli(args, folder)
    const served = await serveModel(children, folder, { model: 'lite', threads })
    const model = await openTaskModel({ folder: card, threads, maxPixels: 64_000_000 })
    const bare = await InferenceSession.create(join(card, 'efficientnet-lite0.onnx'), { intraOpNumThreads: threads })
    try {
      return [
        ...(await compareTensors(served, bare)),
        ...(await compareSingle(served, model, bare)),
        ...(await comparePeer(children, served, card)),
      ]
    } finally {
      await model.close()
      await bare.release()
    }
  } finally {
    await Promise.all(children.map(stop))
    await rm(folder, { recursive: true, force: true })
  }
}

/** Decode left out on both sides: tensors of `rows` pictures, in binary over HTTP and in a bare loop. The sides take turns. */
async function compareTensors(url: string, session: InferenceSession): Promise<BenchResult[]> {
  const rng = createRng('tensors of the bench')
  const data = Float32Array.from({ length: rows * 3 * 224 * 224 }, () => rng.uniform(-1, 1))
  const head = Buffer.from(
    JSON.stringify({
      inputs: [
        {
          name: 'image',
          shape: [rows, 3, 224, 224],
          datatype: 'FP32',
          parameters: { binary_data_size: data.byteLength },
        },
      ],
      outputs: [{ name: 'logits', parameters: { binary_data: true } }],
    }),
  )
  const body = Buffer.concat([head, Buffer.from(data.buffer)])
  const headers = { 'inference-header-content-length': String(head.length) }
  const bare: number[] = []
  const overHttp: number[] = []
  for (let round = 0; round < rounds; round++) {
    bare.push(
      rows *
        (await perSecond(1, () =>
          session.run({ image: new Tensor('float32', data, [rows, 3, 224, 224]) }, ['logits']),
        )),
    )
    overHttp.push(rows * (await perSecond(4, (agent) => post(`${url}/v2/models/lite/infer`, body, headers, agent))))
  }
  return [
    { what: `bare ONNX Runtime, batches of ${rows}, ${threads} threads`, value: median(bare), unit: 'images/s' },
    { what: `tensors of ${rows} over HTTP, 4 clients`, value: median(overHttp), unit: 'images/s' },
    {
      what: 'throughput of batched requests ÷ of the bare loop',
      value: median(overHttp) / median(bare),
      unit: '×',
      atLeast: 0.85,
    },
  ]
}

/** One request after the other, beside decoding and a bare run without a server. */
async function compareSingle(url: string, model: TaskModel, session: InferenceSession): Promise<BenchResult[]> {
  const jpeg = await makePicture(1280, 960)
  const agent = new Agent({ keepAlive: true })
  const bare: number[] = []
  const overHttp: number[] = []
  const onBare = async (): Promise<void> => {
    const input = inputOf(model.card.input, await model.prepare({ bytes: jpeg }))
    await session.run({ image: new Tensor('float32', input, [1, 3, 224, 224]) }, ['logits'])
  }
  const onServer = (): Promise<void> =>
    post(`${url}/v1/endpoints/lite/predict`, jpeg, { 'content-type': 'image/jpeg' }, agent)
  // In blocks, for threads of ONNX Runtime by default spin on for some 30 ms after a run, in the way of the other side.
  for (let block = 0; block < 5; block++) {
    bare.push(...(await timeEach(onBare)))
    overHttp.push(...(await timeEach(onServer)))
  }
  agent.destroy()
  return [
    {
      what: 'one picture of 1280 × 960, decode and bare run without a server, p50 of 100',
      value: median(bare),
      unit: 'ms',
    },
    { what: 'the same over HTTP, p50 of 100', value: median(overHttp), unit: 'ms' },
    { what: 'added by the server, p50', value: median(overHttp) - median(bare), unit: 'ms', atMost: 5 },
  ]
}

/** Milliseconds of 20 calls one after the other, after 5 that do not count. */
async function timeEach(call: () => Promise<void>): Promise<number[]> {
  const times: number[] = []
  for (let i = 0; i < 25; i++) {
    const start = performance.now()
    await call()
    if (i >= 5) times.push(performance.now() - start)
  }
  return times
}

async function writeModel(folder: string): Promise<string> {
  await mkdir(folder)
  for (const file of ['efficientnet-lite0.onnx', 'imagenet-classes.json'])
    await copyFile(join(builtIn, file), join(folder, file))
  const card = await readFile(join(builtIn, 'efficientnet-lite0.toml'), 'utf8')
  const input = card.slice(0, card.indexOf('[output]')).replace(/^task = .*$/m, 'task = "classification"')
  const output = '[output]\nscores = "logits"\nactivation = "softmax"\nclasses = "imagenet-classes.json"\n'
  await writeFile(join(folder, 'card.toml'), input + output)
  return folder
}

async function comparePeer(children: ChildProcess[], url: string, card: string): Promise<BenchResult[]> {
  const [weights, classes] = ['efficientnet-lite0.onnx', 'imagenet-classes.json'].map((file) => join(card, file))
  const peer = await servePeer(children, ['classes', weights!, String(threads), classes!])
  if (peer === undefined) return []
  return compareWithPeer({ url: `${url}/v1/endpoints/lite/predict`, headers: {} }, peer, pictureSizes, 'classes')
}
