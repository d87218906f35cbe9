// Embedding, decode included, against a bare loop of session.run over batches made beforehand, on as many threads.
import { existsSync } from 'node:fs'
import { cp, mkdtemp, readdir, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { createRng } from '#base'
import { measureMs, median, type BenchResult } from './bench.ts'

export const name = 'embed'
const rounds = 3
const batch = 8
const sidePx = 224
const data = resolve(import.meta.dirname, '../../shared/data')
const weights = resolve(import.meta.dirname, '../src/models/builtin/efficientnet-lite0.onnx')

export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  const bare = await openBareLoop()
  for (const [set, limit] of [
    ['magnetic-tiles', 1_344],
    ['cifar10-test', 1_000],
  ] as const) {
    if (!existsSync(join(data, set))) continue
    const scratch = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
    const app = await openApp(join(scratch, 'workspace'))
    try {
      const count = await copySome(join(data, set), join(scratch, 'pictures'), limit)
      await app.call('dataset.import', { path: join(scratch, 'pictures'), dataset: 'bench' })
      // The threads open the network once for all; a server keeps them.
      await app.call('spaces.embed', { query: 'id < s_20', space: 'warm-up' })
      const ours: number[] = []
      const loop: number[] = []
      for (let round = 0; round < rounds; round++) {
        // The two alternate, so that a change of the machine's speed touches both.
        loop.push((await measureMs(() => bare.run(count))).ms)
        ours.push((await measureMs(() => app.call('spaces.embed', { space: `round-${round}` }))).ms)
      }
      results.push(
        {
          what: `${set}: pictures a second of fovea ÷ of a bare loop of session.run, ${count} pictures, median of ${rounds}`,
          value: median(loop) / median(ours),
          unit: '×',
          atLeast: 0.75,
        },
        { what: `${set}: fovea embed, decode included`, value: (1000 * count) / median(ours), unit: 'pictures/s' },
        { what: `${set}: bare loop`, value: (1000 * count) / median(loop), unit: 'pictures/s' },
      )
    } finally {
      await app.close()
      await rm(scratch, { recursive: true, force: true })
    }
  }
  await bare.close()
  return results
}

async function openApp(folder: string): Promise<App> {
  const workspace = await initWorkspace(folder)
  return createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
}

/** Copies pictures spread evenly over a set. */
async function copySome(from: string, to: string, limit: number): Promise<number> {
  const all = (await readdir(from, { recursive: true, encoding: 'utf8' }))
    .filter((file) => file.endsWith('.jpg'))
    .toSorted()
  const step = Math.max(1, Math.floor(all.length / limit))
  const chosen = all.filter((_, i) => i % step === 0).slice(0, limit)
  for (const file of chosen) await cp(join(from, file), join(to, file))
  return chosen.length
}

async function openBareLoop(): Promise<{ run(pictures: number): Promise<void>; close(): Promise<void> }> {
  const session = await InferenceSession.create(weights, { intraOpNumThreads: availableParallelism() })
  const rng = createRng('batches')
  const batches = Array.from({ length: 4 }, () => {
    const pixels = Float32Array.from({ length: batch * 3 * sidePx * sidePx }, () => rng.uniform(-1, 1))
    return new Tensor('float32', pixels, [batch, 3, sidePx, sidePx])
  })
  const step = async (i: number): Promise<void> => {
    await session.run({ image: batches[i % batches.length]! }, ['features', 'logits'])
  }
  for (let i = 0; i < 4; i++) await step(i)
  return {
    async run(pictures) {
      for (let i = 0; i < Math.ceil(pictures / batch); i++) await step(i)
    },
    close: () => session.release(),
  }
}
