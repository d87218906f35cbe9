import { mkdtemp, readdir, readFile, rm, stat } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createRng, encodeMask, FoveaError, silentProgress } from '#base'
import type { Label } from '#contract'
import { builtInBackbone, readTaskCard } from '#models'
import { openGraph } from '../../graph/session.ts'
import type { Example, TrainingJob } from '../../types.ts'
import { featureMaps, startWeights } from './decoder.ts'
import { openFeatures } from './features.ts'
import { segmentParams, trainSegmentHead, type SegmentParams } from './index.ts'
import { encodeJudge, encodeSegmenter } from './network.ts'
import { rasterizeTarget } from './targets.ts'
import { mapView } from './views.ts'

const sidePx = 64
const params: SegmentParams = segmentParams.parse({ size: sidePx, width: 8, epochs: 3, batch: 4 })
let folder: string
let examples: Example[]

const labelOf = (geometry: Label['geometry'], name: string): Label => ({
  kind: geometry?.type === 'polygon' ? 'polygon' : 'mask',
  class: name,
  box: null,
  geometry,
  area: null,
  score: null,
  attributes: {},
  author: null,
})

/** Bright squares on noise; masks and polygons in turn. */
async function drawExample(id: number): Promise<Example> {
  const rng = createRng(`square ${id}`)
  const [x, y, side] = [rng.integer(0, 40), rng.integer(0, 40), rng.integer(12, 22)]
  const isInside = (i: number): boolean => {
    const [column, row] = [i % sidePx, Math.floor(i / sidePx)]
    return column >= x && column < x + side && row >= y && row < y + side
  }
  const pixels = Uint8Array.from({ length: sidePx ** 2 }, (_, i) => rng.integer(0, 90) + (isInside(i) ? 150 : 0))
  const file = join(folder, `${id}.png`)
  await sharp(pixels, { raw: { width: sidePx, height: sidePx, channels: 1 } })
    .png()
    .toFile(file)
  const mask = Uint8Array.from(pixels, (_, i) => (isInside(i) ? 1 : 0))
  const ring = [x, y, x + side, y, x + side, y + side, x, y + side].map((each) => Math.min(sidePx, each))
  const geometry: Label['geometry'] =
    id % 2 === 0 ? encodeMask(mask, sidePx, sidePx) : { type: 'polygon', parts: [[ring]] }
  return {
    id,
    file,
    widthPx: sidePx,
    heightPx: sidePx,
    labels: [labelOf(geometry, 'square')],
    class: null,
    value: null,
  }
}

async function makeJob(over: Partial<TrainingJob> = {}): Promise<TrainingJob & { curves: Record<string, number>[] }> {
  const curves: Record<string, number>[] = []
  return {
    task: 'segmentation',
    train: examples.slice(0, 12),
    validation: examples.slice(12),
    classes: ['square'],
    target: null,
    params: {},
    seed: 1,
    folder: await mkdtemp(join(folder, 'job-')),
    threads: 1,
    maxPixels: 1e6,
    signal: new AbortController().signal,
    progress: silentProgress,
    logMetrics: async (values, step) => {
      curves[step - 1] = { ...values }
    },
    log: () => {},
    curves,
    ...over,
  }
}

const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'no error',
    (error: unknown) => (error instanceof FoveaError ? error.code : String(error)),
  )

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-segment-'))
  examples = await Promise.all(Array.from({ length: 16 }, (_, id) => drawExample(id)))
})
afterAll(() => rm(folder, { recursive: true, force: true }))

describe('training a segmenter', { timeout: 180_000 }, () => {
  let job: Awaited<ReturnType<typeof makeJob>>
  let model: Buffer

  it('learns bright squares and leaves a model that answers so', async () => {
    job = await makeJob()
    const trained = await trainSegmentHead(job, params)
    expect(trained.metrics['dice']).toBeGreaterThan(0.9)
    expect(job.curves.map((each) => Object.keys(each).toSorted())).toEqual(
      Array.from({ length: 3 }, () => ['classDice', 'dice', 'iou', 'trainLoss']),
    )
    expect(job.curves[2]!['trainLoss']).toBeLessThan(job.curves[0]!['trainLoss']!)
    expect((await readdir(trained.folder)).toSorted()).toEqual(['card.toml', 'classes.json', 'model.onnx'])
    expect(JSON.parse(await readFile(join(trained.folder, 'classes.json'), 'utf8'))).toEqual(['square'])
    const card = await readTaskCard(join(trained.folder, 'card.toml'))
    expect(card.input).toMatchObject({ size: [sidePx, sidePx], resize: 'exact', layout: 'nchw' })
    model = await readFile(join(trained.folder, card.weights))

    const session = await InferenceSession.create(model, { intraOpNumThreads: 1 })
    const { data } = await sharp(examples[13]!.file)
      .removeAlpha()
      .toColourspace('srgb')
      .raw()
      .toBuffer({ resolveWithObject: true })
    const image = Float32Array.from({ length: 3 * sidePx ** 2 }, (_, i) => {
      const [plane, at] = [Math.floor(i / sidePx ** 2), i % sidePx ** 2]
      return (data[at * 3 + plane]! * card.input.scale - card.input.mean[plane]!) / card.input.std[plane]!
    })
    const { probabilities } = await session.run({ image: new Tensor('float32', image, [1, 3, sidePx, sidePx]) })
    await session.release()
    expect(probabilities!.dims).toEqual([1, 2, sidePx, sidePx])
    const found = (probabilities!.data as Float32Array).subarray(sidePx ** 2)
    const target = rasterizeTarget(examples[13]!, ['square'], sidePx)
    const right = target.filter((each, i) => each === (found[i]! > 0.5 ? 1 : 0)).length
    expect(right / target.length).toBeGreaterThan(0.95)
  })

  it('gives the same bytes again, also when it was cancelled in between', async () => {
    const cancel = new AbortController()
    const again = await makeJob({
      signal: cancel.signal,
      progress: {
        report: ({ stage, done, total }) => {
          if (stage === 'train' && done > total! / 2) cancel.abort()
        },
      },
    })
    expect(await codeOf(trainSegmentHead(again, params))).toBe('CANCELLED')
    expect((await readdir(again.folder)).toSorted()).toEqual(['checkpoint.bin', 'segment-features'])
    expect(again.curves).toHaveLength(1)
    const said: string[] = []
    const rest = {
      ...again,
      signal: new AbortController().signal,
      progress: silentProgress,
      log: (text: string) => said.push(text),
    }
    const trained = await trainSegmentHead(rest, params)
    expect(said).toEqual(['Goes on after epoch 1.'])
    expect(again.curves).toEqual(job.curves)
    expect((await readFile(join(trained.folder, 'model.onnx'))).equals(model)).toBe(true)
  })

  it('stops when the validation gets no better, and keeps the best', async () => {
    const short = await makeJob({ train: examples.slice(0, 4), validation: examples.slice(4, 6) })
    const trained = await trainSegmentHead(short, {
      ...params,
      epochs: 40,
      patience: 1,
      learningRate: 1e-7,
      augment: 'none',
    })
    expect(short.curves.length).toBeLessThan(40)
    expect(trained.metrics['dice']).toBe(Math.max(...short.curves.map((each) => each['dice']!)))
  })

  it('keeps features of other sizes within bounds, and its own as long as there is room', async () => {
    const few = await makeJob({ train: examples.slice(0, 3), validation: [] })
    const kept = join(few.folder, 'kept')
    const planes = new Uint8Array(3 * sidePx ** 2)
    const small = { at: sidePx / 2, planes: planes.subarray(0, 3 * (sidePx / 2) ** 2) }
    const visit = async (size: number, shown: Uint8Array, mostBytes: number): Promise<Uint16Array[]> => {
      const features = await openFeatures(few, kept, size, mostBytes)
      try {
        return await features.read(few.train.map((example) => ({ example, view: 0, planes: shown })))
      } finally {
        await features.close()
      }
    }
    const bytesThere = async (): Promise<number[]> =>
      Promise.all((await readdir(kept)).map(async (name) => (await stat(join(kept, name))).size))
    const first = await visit(small.at, small.planes, 1e9)
    const old = await bytesThere()
    expect(old).toHaveLength(3)
    await visit(sidePx, planes, 1e9)
    const all = await bytesThere()
    expect(all).toHaveLength(6)
    const own = Math.max(...all)
    // Room for those of one size only: the others go, and are worked out again when they are wanted.
    await rm(kept, { recursive: true })
    await visit(small.at, small.planes, 1e9)
    await visit(sidePx, planes, own * 3)
    expect(await bytesThere()).toEqual([own, own, own])
    expect(await visit(small.at, small.planes, 1e9)).toEqual(first)
  })

  it('does without a validation', async () => {
    const alone = await makeJob({ train: examples.slice(0, 2), validation: [] })
    const trained = await trainSegmentHead(alone, { ...params, epochs: 1 })
    expect(Object.keys(trained.metrics).toSorted()).toEqual(['epoch', 'trainLoss'])
  })

  it('refuses what it cannot learn from', async () => {
    const bare = examples.map((example) => ({ ...example, labels: [] }))
    expect(await codeOf(trainSegmentHead(await makeJob({ train: bare }), params))).toBe('TRAINING_DATA')
    const full = encodeMask(new Uint8Array(sidePx ** 2).fill(1), sidePx, sidePx)
    const whole = examples.slice(0, 2).map((example) => ({ ...example, labels: [labelOf(full, 'square')] }))
    expect(await codeOf(trainSegmentHead(await makeJob({ train: whole }), params))).toBe('TRAINING_DATA')
    const other = examples.slice(0, 2).map((example) => ({ ...example, labels: [labelOf(full, 'circle')] }))
    expect(await codeOf(trainSegmentHead(await makeJob({ train: other }), params))).toBe('TRAINING_DATA')
    const wrong = examples.slice(0, 2).map((example) => ({ ...example, widthPx: 32 }))
    expect(await codeOf(trainSegmentHead(await makeJob({ train: wrong }), params))).toBe('TRAINING_DATA')
    const gone = await makeJob({ train: [{ ...examples[0]!, file: join(folder, 'none.png') }] })
    expect(await codeOf(trainSegmentHead(gone, params))).toBe('MEDIA_MISSING')
    expect(await readdir(gone.folder)).toEqual(['segment-features'])
  })

  it('says so when it diverges', async () => {
    const wild = await makeJob({ train: examples.slice(0, 4), validation: [] })
    expect(await codeOf(trainSegmentHead(wild, { ...params, learningRate: 1e30, epochs: 2 }))).toBe('TRAINER_FAILED')
  })
})

it('one network answers as backbone and decoder do, at any size', { timeout: 180_000 }, async () => {
  const { file } = await builtInBackbone()
  const backbone = await readFile(file)
  const rng = createRng('whole')
  const plan = {
    width: 8,
    classes: 4,
    scales: featureMaps.map(({ channels }) => ({
      mean: Array.from({ length: channels }, () => rng.normal()),
      deviation: Array.from({ length: channels }, () => rng.uniform(0.5, 2)),
    })),
  }
  const weights = startWeights(plan, 3)
  weights['out.bias']!.data.fill(0)
  weights['out.weight']!.data.forEach((each, i, all) => (all[i] = each * 10))
  const [height, width] = [64, 96]
  const image = Float32Array.from({ length: 3 * height * width }, () => rng.uniform(-1, 1))
  const dims = [1, 3, height, width]
  const whole = await InferenceSession.create(encodeSegmenter(plan, weights, backbone), { intraOpNumThreads: 1 })
  const { probabilities } = await whole.run({ image: new Tensor('float32', image, dims) })
  const first = await InferenceSession.create(backbone, { intraOpNumThreads: 1 })
  const maps = await first.run(
    { image: new Tensor('float32', image, dims) },
    featureMaps.map(({ name }) => name),
  )
  const judge = await openGraph(encodeJudge(plan, weights), 1)
  const { classes } = await judge.run({
    image: { type: 'float32', data: image, dims },
    ...Object.fromEntries(
      featureMaps.map(({ name }) => {
        const { data, dims: sizes } = maps[name]!
        return [name, { type: 'float16', data: Uint16Array.from(data as Float32Array, narrowFloat), dims: sizes }]
      }),
    ),
    ...Object.fromEntries(Object.entries(weights).map(([name, each]) => [name, { type: 'float32', ...each }])),
  })
  for (const each of [whole, first]) await each.release()
  await judge.close()
  const [data, area] = [probabilities!.data as Float32Array, height * width]
  const best = Array.from({ length: area }, (_, i) => {
    const scores = [0, 1, 2, 3].map((k) => data[k * area + i]!)
    expect(scores.reduce((sum, each) => sum + each, 0)).toBeCloseTo(1, 4)
    return scores.indexOf(Math.max(...scores))
  })
  expect(new Set(best).size).toBeGreaterThan(1)
  // The decoder saw features in 16 bits: now and then two classes are as good as each other.
  expect(best.filter((each, i) => each === classes![i]).length / area).toBeGreaterThan(0.99)
})

/** The nearest 16-bit float, bits. */
function narrowFloat(value: number): number {
  if (value === 0) return 0
  const sign = value < 0 ? 0x8000 : 0
  const exponent = Math.max(-14, Math.min(15, Math.floor(Math.log2(Math.abs(value)))))
  const fraction = Math.round((Math.abs(value) / 2 ** exponent) * 1024)
  return sign | (fraction < 1024 ? fraction : ((exponent + 15) << 10) + (fraction - 1024))
}

describe('targets', () => {
  it('take what lies under the centre of each pixel, the later label on top', () => {
    const left = encodeMask(Uint8Array.of(1, 1, 0, 0, 1, 1, 0, 0), 4, 2)
    const low: Label['geometry'] = { type: 'polygon', parts: [[[0, 1, 4, 1, 4, 2, 0, 2]]] }
    const labels = [labelOf(left, 'a'), labelOf(low, 'b'), labelOf(left, 'unknown'), labelOf(null, 'a')]
    const example = { labels, widthPx: 4, heightPx: 2 }
    expect([...rasterizeTarget(example, ['a', 'b'], 4)]).toEqual([1, 1, 0, 0, 1, 1, 0, 0, 2, 2, 2, 2, 2, 2, 2, 2])
    expect([...rasterizeTarget(example, ['a', 'b'], 2)]).toEqual([1, 0, 2, 2])
    expect([...rasterizeTarget(example, ['b'], 2)]).toEqual([0, 0, 1, 1])
  })
})

it('views are the eight symmetries of the square', () => {
  const all = Array.from({ length: 8 }, (_, view) => [...mapView(view, 3)].join())
  expect(new Set(all).size).toBe(8)
  expect(all[0]).toBe('0,1,2,3,4,5,6,7,8')
  expect(all[1]).toBe('2,1,0,5,4,3,8,7,6')
  expect(all[4]).toBe('0,3,6,1,4,7,2,5,8')
})
