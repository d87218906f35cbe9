// 1 M samples and 5 M labels: counts, sorted pages, histograms, bulk tags and their undo.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { systemClock } from '#base'
import { openCatalog } from '#catalog'
import { measureMs, type BenchResult } from './bench.ts'

export const name = 'catalog: 1 M samples, 5 M labels'
export const peakMemoryAtMostMb = 2.5 * 1024 * 1.048576
const rounds = 20

const counts = [
  'labels[class = "crack" and area > 0.01].count >= 2',
  'labels[class = "crack" and area > 0.01]',
  'objects > 0',
  'objects > 4',
  'class = "free" and brightness < 0.3',
  'crack > 3',
  'labels.count > 5',
  'not labels[kind = "box" and score > 0.9].count > 0',
  'width >= 640 and split = "val" and tag:blurry',
  'path ~ "line-3/*.jpg" and labels[score > 0.95 and class in ("dent", "chip")]',
]
const pages = [
  'order by sharpness desc',
  'brightness < 0.5 order by captured_at',
  'labels[class = "crack" and area > 0.01].count >= 2 order by entropy',
  'tag:reviewed order by width desc, contrast',
]
const histogramFields = [
  'brightness',
  'contrast',
  'sharpness',
  'entropy',
  'width',
  'captured_at',
  'split',
  'exif.model',
]
const filters = ['', 'brightness < 0.5', 'tag:blurry', 'labels[class = "crack" and area > 0.01].count >= 2']

function p95(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b)
  return sorted[Math.ceil(sorted.length * 0.95) - 1]!
}

/** Slowest of several kinds of question, each by its 95th percentile. */
async function worst(
  questions: readonly string[],
  ask: (question: string) => Promise<unknown>,
): Promise<{ value: number; question: string }> {
  let result = { value: 0, question: '' }
  for (const question of questions) {
    const times: number[] = []
    await ask(question)
    for (let round = 0; round < rounds; round++) times.push((await measureMs(() => ask(question))).ms)
    const value = p95(times)
    if (process.env['BENCH_VERBOSE']) console.error(value.toFixed(1).padStart(8), question)
    if (value > result.value) result = { value, question }
  }
  return result
}

/** The catalogue is made in a process of its own, so that the memory measured is that of using it. */
function makeApart(file: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = fork(join(import.meta.dirname, 'make-catalog.ts'), [file])
    child.on('error', reject)
    child.on('exit', (code) => (code === 0 ? resolve() : reject(new Error(`make-catalog.ts ended with ${code}.`))))
  })
}

export async function run(): Promise<BenchResult[]> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  try {
    const file = join(folder, 'catalog.duckdb')
    await makeApart(file)
    const opened = await measureMs(() => openCatalog({ file, clock: systemClock, threads: 2 }))
    const catalog = opened.value
    const dataset = await catalog.resolveDataset('big')
    const total = await catalog.count(dataset, { query: '' })
    if (total !== 1_000_000) throw new Error(`Expected a million samples, got ${total}.`)
    const count = await worst(counts, (query) => catalog.count(dataset, { query }))
    const nested = await worst(counts.slice(0, 1), (query) => catalog.count(dataset, { query }))
    const page = await worst(pages, (query) =>
      catalog.page(dataset, { selection: { query }, fields: ['brightness'], limit: 100, offset: 0 }),
    )
    const histograms = await worst(filters, (query) =>
      catalog.stats(dataset, { selection: { query }, by: histogramFields, bins: 20, top: 20 }),
    )
    const change = catalog.openChange({ actor: 'bench', operation: 'sample.tag', dataset })
    const tag = await measureMs(async () => {
      const tagged = await change.step((step) => step.addTags({ query: 'brightness < 0.5 limit 100000' }, ['bulk']))
      await change.close('bulk')
      if (tagged !== 100_000) throw new Error(`Expected 100 000 samples to be tagged, got ${tagged}.`)
    })
    const undo = await measureMs(() => catalog.undo(null, null))
    if ((await catalog.page(dataset, { selection: { query: '' }, limit: 1, offset: 0 }))[0]!.tags.includes('bulk'))
      throw new Error('Undo left a tag.')
    await catalog.close()
    return [
      { what: 'open the catalogue', value: opened.ms, unit: 'ms' },
      { what: `count under a nested label filter, p95 of ${rounds}`, value: nested.value, unit: 'ms', atMost: 100 },
      {
        what: `slowest of ${counts.length} counts, p95: ${count.question}`,
        value: count.value,
        unit: 'ms',
        atMost: 100,
      },
      {
        what: `first 100 sorted, slowest of ${pages.length}, p95: ${page.question}`,
        value: page.value,
        unit: 'ms',
        atMost: 100,
      },
      {
        what: `histograms of 8 fields under a filter, slowest of ${filters.length}, p95: ${histograms.question || 'all'}`,
        value: histograms.value,
        unit: 'ms',
        atMost: 300,
      },
      { what: 'tag 100 k samples', value: tag.ms, unit: 'ms', atMost: 2_000 },
      { what: 'undo it', value: undo.ms, unit: 'ms', atMost: 2_000 },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
