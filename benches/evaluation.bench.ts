// Average precision of 36 000 boxes on 5 000 pictures, beside pycocotools where a Python has it (BENCH_PYTHON, else python3).
import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createRng } from '#base'
import { evaluateBoxes } from '#evaluation'
import { measureMs, median, type BenchResult } from './bench.ts'

export const name = 'evaluation'
const images = 5_000
const truthCount = 36_000
const categories = 80
const rounds = 3

export async function run(): Promise<BenchResult[]> {
  const { truths, predictions } = drawBoxes()
  const truth = {
    ...asColumns(truths),
    area: Float64Array.from(truths, ({ bbox }) => bbox[2] * bbox[3]),
    crowd: new Uint8Array(truths.length),
  }
  const predicted = { ...asColumns(predictions), score: Float64Array.from(predictions, ({ score }) => score) }
  const times: number[] = []
  let ap: number | null = null
  for (let round = 0; round < rounds; round++) {
    const { ms, value } = await measureMs(async () => evaluateBoxes(truth, predicted))
    times.push(ms)
    ap = value.figures.ap
  }
  const results: BenchResult[] = [
    {
      what: `boxes: ${truths.length} true, ${predictions.length} predicted, ${images} pictures, median of ${rounds}`,
      value: median(times),
      unit: 'ms',
    },
  ]
  const peer = await runPeer(truths, predictions)
  if (peer === undefined || ap === null) return results
  results.push(
    { what: `boxes: pycocotools ${peer.version}, reading of JSON left out`, value: peer.ms, unit: 'ms' },
    { what: 'boxes: time of pycocotools ÷ of fovea', value: peer.ms / median(times), unit: '×', atLeast: 3 },
    { what: 'boxes: difference of AP', value: Math.abs(peer.ap - ap), unit: '', atMost: 1e-6 },
  )
  return results
}

interface Drawn {
  image: number
  category: number
  bbox: [number, number, number, number]
  score: number
}

function drawBoxes(): { truths: Drawn[]; predictions: Drawn[] } {
  const rng = createRng('boxes of the bench')
  const jitter = (box: Drawn['bbox'], by: number): Drawn['bbox'] =>
    box.map((value, i) => value + rng.uniform(-by, by) * box[2 + (i % 2)]!) as Drawn['bbox']
  const truths = Array.from({ length: truthCount }, () => {
    const side = Math.exp(rng.uniform(2, 5.5))
    const bbox: Drawn['bbox'] = [rng.uniform(0, 400), rng.uniform(0, 400), side, side * rng.uniform(0.5, 2)]
    return { image: rng.integer(1, images), category: rng.integer(1, categories), bbox, score: 1 }
  })
  const predictions = truths.flatMap((one) =>
    Array.from({ length: rng.integer(1, 4) }, () => ({
      ...one,
      category: rng.uniform(0, 1) < 0.9 ? one.category : rng.integer(1, categories),
      bbox: jitter(one.bbox, rng.uniform(0, 0.3)),
      score: rng.uniform(0, 1),
    })),
  )
  return { truths, predictions }
}

function asColumns(rows: readonly Drawn[]): { image: Int32Array; category: Int32Array; boxes: Float64Array } {
  return {
    image: Int32Array.from(rows, ({ image }) => image),
    category: Int32Array.from(rows, ({ category }) => category),
    boxes: Float64Array.from(rows.flatMap(({ bbox }) => bbox)),
  }
}

const peerScript = `
import contextlib, io, json, sys, time
from importlib.metadata import version
from pycocotools.coco import COCO
from pycocotools.cocoeval import COCOeval
data = json.load(open(sys.argv[1]))
with contextlib.redirect_stdout(io.StringIO()):
    coco = COCO()
    coco.dataset = data["truth"]
    coco.createIndex()
    found = coco.loadRes(data["predictions"])
    start = time.perf_counter()
    evaluation = COCOeval(coco, found, "bbox")
    evaluation.evaluate()
    evaluation.accumulate()
    evaluation.summarize()
    ms = 1000 * (time.perf_counter() - start)
print(json.dumps(dict(version=version("pycocotools"), ms=ms, ap=evaluation.stats[0])))
`

async function runPeer(
  truths: readonly Drawn[],
  predictions: readonly Drawn[],
): Promise<{ version: string; ms: number; ap: number } | undefined> {
  const python = process.env['BENCH_PYTHON'] ?? 'python3'
  if (spawnSync(python, ['-c', 'import pycocotools']).status !== 0) return undefined
  const scratch = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  try {
    const plain = ({ image, category, bbox, score }: Drawn, i: number): object => ({
      id: i + 1,
      image_id: image,
      category_id: category,
      bbox,
      area: bbox[2] * bbox[3],
      iscrowd: 0,
      score,
    })
    const file = join(scratch, 'boxes.json')
    const truth = {
      images: Array.from({ length: images }, (_, i) => ({ id: i + 1 })),
      categories: Array.from({ length: categories }, (_, i) => ({ id: i + 1 })),
      annotations: truths.map(plain),
    }
    await writeFile(file, JSON.stringify({ truth, predictions: predictions.map(plain) }))
    const { stdout, stderr } = spawnSync(python, ['-c', peerScript, file], { encoding: 'utf8' })
    if (stdout === '') throw new Error(`pycocotools ended without an answer: ${stderr.slice(-400)}`)
    return JSON.parse(stdout) as { version: string; ms: number; ap: number }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}
