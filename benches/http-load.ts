// Servers in processes of their own, and clients that ask them as fast as they answer.
import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { Agent, request } from 'node:http'
import { join } from 'node:path'
import { createInterface } from 'node:readline'
import sharp from 'sharp'
import { createRng } from '#base'
import { median, type BenchResult } from './bench.ts'

const clients = 16
const rounds = 3
const roundMs = 6_000
/** Px: a tile, a camera of 1.2 Mpx, full HD, a camera of 12 Mpx. */
export const pictureSizes = [
  [320, 240],
  [1280, 960],
  [1920, 1080],
  [4000, 3000],
] as const
const main = join(import.meta.dirname, '../dist/cli/main.js')

export interface Peer {
  url: string
  /** `ONNX Runtime 1.31.1` or the like. */
  runtime: string
}

/** Starts benches/peers/serving.py; undefined where the Python (BENCH_SERVING_PYTHON, else python3) lacks what it needs. */
export async function servePeer(children: ChildProcess[], args: readonly string[]): Promise<Peer | undefined> {
  const python = process.env['BENCH_SERVING_PYTHON'] ?? 'python3'
  if (spawnSync(python, ['-c', 'import fastapi, uvicorn, onnxruntime, PIL']).status !== 0) return undefined
  const script = join(import.meta.dirname, 'peers/serving.py')
  const child = spawn(python, [script, ...args], { stdio: ['pipe', 'pipe', 'inherit'] })
  children.push(child)
  const peer = JSON.parse(await firstLine(child)) as { port: number; onnxruntime: string }
  return { url: `http://127.0.0.1:${peer.port}/predict`, runtime: `ONNX Runtime ${peer.onnxruntime}` }
}

/** Pictures from `clients` clients at once, ours and the peer's turn by turn. */
export async function compareWithPeer(
  ours: { url: string; headers: Record<string, string> },
  peer: Peer,
  sizes: readonly (readonly [number, number])[],
  work: string,
): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const [width, height] of sizes) {
    const jpeg = await makePicture(width, height)
    const askUs = (agent: Agent) => post(ours.url, jpeg, { 'content-type': 'image/jpeg', ...ours.headers }, agent)
    const askThem = (agent: Agent) => post(peer.url, jpeg, { 'content-type': 'application/octet-stream' }, agent)
    const [us, them]: [number[], number[]] = [[], []]
    await untilAnswers(askThem)
    for (let round = 0; round < rounds; round++) {
      us.push(await perSecond(clients, askUs))
      them.push(await perSecond(clients, askThem))
    }
    const what = `${work} of JPEGs of ${width} × ${height}, ${clients} clients`
    results.push(
      { what: `${what}: fovea`, value: median(us), unit: 'images/s' },
      { what: `${what}: FastAPI, ${peer.runtime}, Pillow`, value: median(them), unit: 'images/s' },
      { what: `${what}: throughput of fovea ÷ of FastAPI`, value: median(us) / median(them), unit: '×', atLeast: 2 },
    )
  }
  return results
}

/** Noise over a gradient, as a camera sees a part. */
export async function makePicture(width: number, height: number): Promise<Buffer> {
  const rng = createRng('picture of the bench')
  const data = new Uint8Array(width * height * 3)
  for (let i = 0; i < data.length; i++) data[i] = 60 + ((i / 3) % width) / 10 + rng.integer(0, 20)
  return sharp(data, { raw: { width, height, channels: 3 } })
    .jpeg({ quality: 90 })
    .toBuffer()
}

export function runCli(args: readonly string[], cwd: string): void {
  const { status, stderr } = spawnSync(process.execPath, [main, ...args], { cwd, encoding: 'utf8' })
  if (status !== 0) throw new Error(`fovea ${args.join(' ')} left with ${status}: ${stderr.slice(-400)}`)
}

export async function serveModel(
  children: ChildProcess[],
  cwd: string,
  { model, threads }: { model: string; threads: number },
): Promise<string> {
  const child = spawn(process.execPath, [main, 'serve', model, '--port', '0', '--json'], {
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

export async function stop(child: ChildProcess): Promise<void> {
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
export async function perSecond(callers: number, call: (agent: Agent) => Promise<unknown>): Promise<number> {
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

export function post(url: string, body: Buffer, headers: Record<string, string>, agent: Agent): Promise<void> {
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
