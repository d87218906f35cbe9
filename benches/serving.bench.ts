// A served classifier (the built-in backbone, 224 px) beside a bare loop of ONNX Runtime and, where a Python has FastAPI, beside a service
// made of FastAPI, Pillow and ONNX Runtime (BENCH_SERVING_PYTHON, else python3). Servers run in processes of their own.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { Agent, request } from 'node:http'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { createRng } from '#base'
import { inputOf, openTaskModel, type TaskModel } from '#models'
import { median, type BenchResult } from './bench.ts'

export const name = 'serving'
const threads = availableParallelism()
const rows = 8
const clients = 16
const rounds = 3
const roundMs = 6_000
/** Px: a tile, a camera of 1.2 Mpx, one of 12 Mpx. */
const pictureSizes = [
  [320, 240],
  [1280, 960],
  [4000, 3000],
] as const
const root = join(import.meta.dirname, '..')
const main = join(root, 'dist/cli/main.js')
const builtIn = join(root, 'src/models/builtin')

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-serving-'))
  const children: ChildProcess[] = []
  try {
    const card = await writeModel(join(folder, 'model'))
    for (const args of [['init'], ['models', 'register', card, '--name', 'lite']]) runCli(args, folder)
    const served = await startServer(children, folder)
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

/** JPEGs from `clients` clients at once, ours and the peer's turn by turn. */
async function comparePeer(children: ChildProcess[], url: string, card: string): Promise<BenchResult[]> {
  const python = process.env['BENCH_SERVING_PYTHON'] ?? 'python3'
  if (spawnSync(python, ['-c', 'import fastapi, uvicorn, onnxruntime, PIL']).status !== 0) return []
  const script = join(import.meta.dirname, 'peers/serving.py')
  const child = spawn(
    python,
    [script, join(card, 'efficientnet-lite0.onnx'), join(card, 'imagenet-classes.json'), String(threads)],
    { stdio: ['pipe', 'pipe', 'inherit'] },
  )
  children.push(child)
  const peer = JSON.parse(await firstLine(child)) as { port: number; onnxruntime: string }
  const address = `http://127.0.0.1:${peer.port}/predict`
  const results: BenchResult[] = []
  for (const [width, height] of pictureSizes) {
    const jpeg = await makePicture(width, height)
    const ours = (agent: Agent) =>
      post(`${url}/v1/endpoints/lite/predict`, jpeg, { 'content-type': 'image/jpeg' }, agent)
    const theirs = (agent: Agent) => post(address, jpeg, { 'content-type': 'application/octet-stream' }, agent)
    const [us, them]: [number[], number[]] = [[], []]
    await untilAnswers(theirs)
    for (let round = 0; round < rounds; round++) {
      us.push(await perSecond(clients, ours))
      them.push(await perSecond(clients, theirs))
    }
    const what = `JPEGs of ${width} × ${height}, ${clients} clients`
    results.push(
      { what: `${what}: fovea`, value: median(us), unit: 'images/s' },
      { what: `${what}: FastAPI, ONNX Runtime ${peer.onnxruntime}, Pillow`, value: median(them), unit: 'images/s' },
      { what: `${what}: throughput of fovea ÷ of FastAPI`, value: median(us) / median(them), unit: '×', atLeast: 2 },
    )
  }
  return results
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

/** Noise over a gradient, as a camera sees a part. */
async function makePicture(width: number, height: number): Promise<Buffer> {
  const rng = createRng('picture of the bench')
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) data[i] = 60 + ((i / 3) % width) / 10 + rng.integer(0, 20)
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

function runCli(args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`fovea ${args.join(' ')} left with ${status}: ${stderr.slice(-400)}`)
}

async function startServer(children: ChildProcess[], cwd: string): Promise<string> {
  const child = spawn(process.execPath, [main, 'serve', 'lite', '--port', '0', '--json'], {
    cwd,
    env: { ...process.env, FOVEA_MODELS_THREADS: String(threads) },
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  children.push(child)
  return (JSON.parse(await firstLine(child)) as { url: string }).url
}

async function firstLine(child: ChildProcess): Promise<string> {
  for await (const line of createInterface({ input: child.stdout! })) return line
  throw new Error(`${child.spawnargs.join(' ')} ended before it was ready.`)
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return
  child.kill('SIGTERM')
  await once(child, 'exit')
}

async function untilAnswers(ask: (agent: Agent) => Promise<void>): Promise<void> {
  const agent = new Agent()
  for (let tries = 0; ; tries++) {
    const answered = await ask(agent).then(
      () => true,
      () => false,
    )
    if (answered) return
    if (tries === 100) throw new Error('The peer does not answer.')
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
}

/** Calls that ended in a second, made by several at once for a while. */
async function perSecond(callers: number, call: (agent: Agent) => Promise<unknown>): Promise<number> {
  const agent = new Agent({ keepAlive: true, maxSockets: callers })
  await call(agent)
  const start = performance.now()
  let done = 0
  const loop = async (): Promise<void> => {
    while (performance.now() - start < roundMs) {
      await call(agent)
      done++
    }
  }
  await Promise.all(Array.from({ length: callers }, loop))
  agent.destroy()
  return (1000 * done) / (performance.now() - start)
}

function post(url: string, body: Buffer, headers: Record<string, string>, agent: Agent): Promise<void> {
  return new Promise((resolve, reject) => {
    const sent = request(
      url,
      { method: 'POST', agent, headers: { ...headers, 'content-length': String(body.length) } },
      (answer) => {
        answer.resume()
        answer.on('error', reject)
        answer.on('end', () => {
          if (answer.statusCode === 200) resolve()
          else reject(new Error(`${url} answered ${answer.statusCode}.`))
        })
      },
    )
    sent.on('error', reject)
    sent.end(body)
  })
}
