// The defect API: a picture in, the PNG of its mask out, from a segmenter of fovea's own making, beside a service of FastAPI, Pillow and
// ONNX Runtime with the same network (BENCH_SERVING_PYTHON, else python3). What the network has learnt does not matter to either.
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ChildProcess } from 'node:child_process'
import { encodeMask, silentProgress } from '#base'
import { createTrainers } from '#training'
import type { BenchResult } from './bench.ts'
import { compareWithPeer, makePicture, pictureSizes, runCli, serveModel, servePeer, stop } from './http-load.ts'
import type { Example } from './tiles.ts'

export const name = 'masks'
const threads = availableParallelism()

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-masks-'))
  const children: ChildProcess[] = []
  try {
    const trained = await trainSegmenter(folder)
    for (const args of [['init'], ['models', 'register', trained, '--name', 'spots']]) runCli(args, folder)
    const url = await serveModel(children, folder, { model: 'spots', threads })
    const peer = await servePeer(children, ['masks', join(trained, 'model.onnx'), String(threads)])
    if (peer === undefined) return []
    const ours = { url: `${url}/v1/endpoints/spots/predict`, headers: { accept: 'image/png' } }
    return await compareWithPeer(ours, peer, pictureSizes, 'masks')
  } finally {
    await Promise.all(children.map(stop))
    await rm(folder, { recursive: true, force: true })
  }
}

/** A decoder over the backbone that has seen four pictures for two epochs; answers where it lies. */
async function trainSegmenter(folder: string): Promise<string> {
  const [widthPx, heightPx] = [320, 240]
  const [file, model] = [join(folder, 'spot.jpg'), join(folder, 'model')]
  await writeFile(file, await makePicture(widthPx, heightPx))
  await mkdir(model)
  const isSpot = Uint8Array.from({ length: widthPx * heightPx }, (_, i) => Number(i % widthPx < widthPx / 4))
  const geometry = encodeMask(isSpot, widthPx, heightPx)
  const label = { kind: 'mask', class: 'spot', box: null, geometry, area: null, score: null } as const
  const train = Array.from({ length: 4 }, (_, id): Example => {
    const labels = [{ ...label, attributes: {}, author: null }]
    return { id, file, widthPx, heightPx, labels, class: null, value: null }
  })
  const head = await createTrainers({ python: 'python3', commands: {}, cwd: folder, env: {} }).head()
  const result = await head.train({
    task: 'segmentation',
    train,
    validation: [],
    classes: ['spot'],
    target: null,
    params: { epochs: 2 },
    seed: 0,
    folder: model,
    threads,
    maxPixels: 1e8,
    signal: new AbortController().signal,
    progress: silentProgress,
    logMetrics: async () => {},
    log: () => {},
  })
  return result.folder
}
