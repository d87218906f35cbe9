// Neighbours among 100 000 vectors, exact and approximate, with what they take in memory; a map of 50 000; accuracy of neighbours.
import { fork } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createApp, findWorkspace, initWorkspace, loadConfig, type App } from '#app'
import { measureMs, type BenchResult } from './bench.ts'
import { makeVectors } from './make-vectors.ts'
import { makeSyntheticCatalog } from './synthetic-catalog.ts'

interface SearchReport {
  p95Ms: number
  /** Without what the operation does around it: names and paths of ten samples. */
  searchP95Ms: number
  /** Of the process before the first search, and the most after. */
  baseMb: number
  peakMb: number
  recall: number
}

export const name = 'neighbours'
const data = resolve(import.meta.dirname, '../../shared/data/cifar10-test')
const searched = 100_000
const mapped = 50_000

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(data)) return []
  const scratch = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  try {
    const results: BenchResult[] = []
    const photographs = join(scratch, 'photographs')
    results.push(...(await embedPhotographs(photographs)))
    const space = join(photographs, '.fovea/spaces/d1/efficientnet-lite0')

    const many = join(scratch, 'many')
    const buildMs = await importVectors(many, space, searched)
    results.push({ what: `building the approximate index of ${searched} × 1280`, value: buildMs / 1000, unit: 's' })
    for (const index of ['exact', 'approximate'] as const) {
      const report = await searchInChild(many, index)
      const vectorsMb = (searched * 1280 * 4) / 1e6
      results.push(
        {
          what: `${index} 10-NN of ${searched} × 1280 through spaces.similar, names and paths looked up, p95 of 50`,
          value: report.p95Ms,
          unit: 'ms',
          ...(index === 'exact' ? { atMost: 80 } : {}),
        },
        {
          what: `${index}: the search alone, p95 of 50`,
          value: report.searchP95Ms,
          unit: 'ms',
          ...(index === 'approximate' ? { atMost: 10 } : {}),
        },
        {
          what: `${index}: memory over that of the process before (${report.baseMb.toFixed(0)} MB) ÷ raw vectors (${vectorsMb} MB)`,
          value: (report.peakMb - report.baseMb) / vectorsMb,
          unit: '×',
          atMost: 1.2,
        },
      )
      if (index === 'approximate')
        results.push({
          what: 'approximate: recall@10 against exact, 50 queries',
          value: report.recall,
          unit: '',
          atLeast: 0.98,
        })
    }

    const map = join(scratch, 'map')
    await importVectors(map, space, mapped)
    const app = await openApp(map)
    try {
      const { ms, value } = await measureMs(
        () => app.call('spaces.map', { space: 'mine' }) as Promise<{ trustworthiness: number }>,
      )
      results.push(
        { what: `${mapped} × 1280 to the map`, value: ms / 1000, unit: 's', atMost: 120 },
        { what: `${mapped} × 1280: trustworthiness of the map, 15 neighbours`, value: value.trustworthiness, unit: '' },
      )
    } finally {
      await app.close()
    }
    return results
  } finally {
    await rm(scratch, { recursive: true, force: true })
  }
}

async function openApp(folder: string): Promise<App> {
  const workspace = await findWorkspace({ cwd: folder, named: folder })
  return createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
}

/** Embeds the photographs and measures how often the five nearest have the class of the sixth. */
async function embedPhotographs(folder: string): Promise<BenchResult[]> {
  await initWorkspace(folder)
  const app = await openApp(folder)
  try {
    await app.call('dataset.import', { path: data, dataset: 'photographs' })
    const { ms } = await measureMs(() => app.call('spaces.embed', {}))
    const classes = await app.view.fieldValues('photographs', 'class')
    const classOf = new Map<number, number>()
    classes.ids.forEach((id, i) => classOf.set(id, classes.values[i]!))
    let right = 0
    let asked = 0
    for (const id of classes.ids) {
      if (id % 10 !== 0) continue
      const { neighbours } = (await app.call('spaces.similar', { like: `s_${id}`, limit: 5 })) as {
        neighbours: { sample: string }[]
      }
      const votes = new Map<number, number>()
      for (const { sample } of neighbours) {
        const own = classOf.get(Number(sample.slice(2)))!
        votes.set(own, (votes.get(own) ?? 0) + 1)
      }
      const most = Math.max(...votes.values())
      // Of equal votes the nearest decides.
      const first = neighbours
        .map(({ sample }) => classOf.get(Number(sample.slice(2)))!)
        .find((own) => votes.get(own) === most)
      if (first === classOf.get(id)) right++
      asked++
    }
    return [
      { what: 'cifar10-test: embedding 10 000 photographs', value: ms / 1000, unit: 's' },
      {
        what: `cifar10-test: 5-NN accuracy, leave one out, ${asked} asked of 10 000`,
        value: (100 * right) / asked,
        unit: '%',
      },
    ]
  } finally {
    await app.close()
  }
}

async function importVectors(folder: string, space: string, rows: number): Promise<number> {
  const workspace = await initWorkspace(folder)
  await makeSyntheticCatalog(workspace.catalogFile, { samples: rows, labelsPerSample: 1 })
  const file = join(folder, 'vectors.npy')
  makeVectors(space, file, rows)
  const app = await openApp(folder)
  try {
    await app.call('spaces.import', { path: file, space: 'mine' })
    // Builds the index and writes it beside the vectors, as the first question does anywhere.
    return (await measureMs(() => app.call('spaces.similar', { like: 's_1', space: 'mine', index: 'approximate' }))).ms
  } finally {
    await app.close()
  }
}

/** Searches in a process of its own and with the built program, so that nothing else counts as its memory. */
function searchInChild(folder: string, index: 'exact' | 'approximate'): Promise<SearchReport> {
  return new Promise((done, failed) => {
    const child = fork(join(import.meta.dirname, 'search-vectors.mjs'), [folder, index], {
      execArgv: ['--expose-gc'],
    })
    let report: SearchReport | undefined
    child.on('message', (message) => (report = message as SearchReport))
    child.on('exit', (code) =>
      report === undefined ? failed(new Error(`The search ended with ${code} and no report.`)) : done(report),
    )
  })
}
