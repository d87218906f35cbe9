// Wrong labels: how fast confident learning is, and how many of 5 % flipped classes of photographs are found with the built-in backbone.
import { existsSync } from 'node:fs'
import { cp, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { createRng } from '#base'
import { checkProbabilities, learnConfidently, scoreGiven } from '#quality'
import { makeNoisy } from '../src/quality/labels/testing.ts'
import { measureMs, median, type BenchResult } from './bench.ts'

export const name = 'labels'
const data = resolve(import.meta.dirname, '../../shared/data/cifar10-test')
const flippedShare = 0.05
const rounds = 3

interface Found {
  count: number
  agreement: number
}
interface Page {
  rows: { path: string }[]
}

export async function run(): Promise<BenchResult[]> {
  return [measureLearning(), ...(existsSync(data) ? await measureFlow() : [])]
}

function measureLearning(): BenchResult {
  const { probabilities, given } = makeNoisy({ rows: 50_000, classes: 10, seed: 3, noise: 0.05, sureness: 2 })
  const times = Array.from({ length: 7 }, () => {
    const start = performance.now()
    checkProbabilities(probabilities, given)
    learnConfidently(probabilities, given).flag('noise-rate')
    scoreGiven(probabilities, given, 'self-confidence')
    return performance.now() - start
  })
  return {
    what: 'confident learning, 50 000 × 10, checked, flagged and scored, median of 7',
    value: median(times) / 1000,
    unit: 's',
    atMost: 0.1,
  }
}

async function measureFlow(): Promise<BenchResult[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  const folder = join(scratch, 'cifar')
  const results: BenchResult[] = []
  const precisions: number[] = []
  try {
    await cp(data, folder, { recursive: true })
    const workspace = await initWorkspace(join(scratch, 'workspace'))
    const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
    try {
      const dataset = 'cifar'
      await app.call('dataset.import', { path: folder, dataset })
      const files = await pathsOf(app, dataset, '')
      const embedding = await measureMs(() => app.call('spaces.embed', { dataset }))
      results.push({
        what: `embedding ${files.length} pictures of cifar10-test`,
        value: embedding.ms / 1000,
        unit: 's',
      })
      for (let round = 1; round <= rounds; round++) {
        const layer = `flipped-${round}`
        const wrong = await importFlipped(app, { folder, files, dataset, layer })
        const { ms, value } = await measureMs(() => app.call('quality.label-errors', { dataset, layer, seed: round }))
        const { count, agreement } = value as Found
        const ranked = await pathsOf(app, dataset, 'order by label_quality')
        const tagged = await pathsOf(app, dataset, 'tag:label_error')
        const hits = tagged.filter((path) => wrong.has(path)).length
        precisions.push(precisionAt(ranked, wrong, 0.8))
        const what = `${wrong.size} of ${files.length} classes flipped, draw ${round}`
        for (const recall of [0.5, 0.7, 0.8, 0.9])
          results.push({
            what: `${what}: precision where recall is ${recall}`,
            value: precisionAt(ranked, wrong, recall),
            unit: '',
          })
        results.push(
          { what: `${what}: tagged label_error`, value: count, unit: 'samples' },
          { what: `${what}: precision of the tagged`, value: hits / tagged.length, unit: '' },
          { what: `${what}: recall of the tagged`, value: hits / wrong.size, unit: '' },
          { what: `${what}: agreement of model and labels`, value: agreement, unit: '' },
          { what: `${what}: models in 5 folds, flags, fields`, value: ms / 1000, unit: 's', atMost: 60 },
        )
      }
    } finally {
      await app.close()
    }
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
  const mean = precisions.reduce((sum, one) => sum + one, 0) / precisions.length
  return [
    ...results,
    { what: `precision where recall is 0.8, mean of ${rounds} draws`, value: mean, unit: '', atLeast: 0.6 },
    { what: `precision where recall is 0.8, least of ${rounds} draws`, value: Math.min(...precisions), unit: '' },
  ]
}

/** Imports a layer of classes of which a share is another one. Answers the paths of these. */
async function importFlipped(
  app: App,
  { folder, files, dataset, layer }: { folder: string; files: readonly string[]; dataset: string; layer: string },
): Promise<Set<string>> {
  const rng = createRng(layer)
  const classes = [...new Set(files.map(classOf))].toSorted()
  const wrong = new Set(rng.shuffle(files).slice(0, Math.round(files.length * flippedShare)))
  const lines = files.map((path) => {
    const own = classOf(path)
    const step = wrong.has(path) ? rng.integer(1, classes.length - 1) : 0
    const given = classes[(classes.indexOf(own) + step) % classes.length]!
    const labels = [{ kind: 'class', class: given }]
    return JSON.stringify({ path, split: null, width: 32, height: 32, tags: [], fields: {}, labels })
  })
  await writeFile(join(folder, 'samples.jsonl'), lines.join('\n'))
  await app.call('dataset.import', { path: folder, dataset, layer, format: 'jsonl' })
  await rm(join(folder, 'samples.jsonl'))
  return wrong
}

const classOf = (path: string): string => path.split('/')[0]!

/** Of at most 10 000 samples. */
async function pathsOf(app: App, dataset: string, query: string): Promise<string[]> {
  const { rows } = (await app.call('query.run', { dataset, query, fields: [], limit: 10_000 })) as Page
  return rows.map(({ path }) => path)
}

function precisionAt(ranked: readonly string[], wrong: ReadonlySet<string>, recall: number): number {
  const wanted = Math.ceil(wrong.size * recall)
  let found = 0
  for (const [i, path] of ranked.entries()) {
    if (wrong.has(path) && ++found >= wanted) return found / (i + 1)
  }
  return 0
}
