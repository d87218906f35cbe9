// 1 M samples and 5 M labels: every kind of check about pictures, schema and geometry of labels, one after the other.
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fork } from 'node:child_process'
import { systemClock } from '#base'
import { openCatalog } from '#catalog'
import { createCheckKinds } from '#quality'
import { measureMs, type BenchResult } from './bench.ts'

export const name = 'checks: 1 M samples, 5 M labels'
export const peakMemoryAtMostMb = 2.5 * 1024 * 1.048576

/** What the bound is about. */
const bounded = [
  'dark',
  'light',
  'odd-aspect',
  'low-information',
  'blurry',
  'odd-size',
  'grayscale',
  'exif-orientation',
  'property-outliers',
  'schema',
  'label-outside',
  'label-empty',
  'label-tiny',
  'label-huge',
  'label-duplicates',
  'label-outliers',
  'polygon-crossing',
  'missing-labels',
]

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
    const catalog = await openCatalog({ file, clock: systemClock, threads: 2 })
    const dataset = await catalog.resolveDataset('big')
    const reference = { dataset, query: 'split = "train"' }
    const { signal } = new AbortController()
    const times = new Map<string, number>()
    for (const kind of createCheckKinds({ catalog: catalog.quality })) {
      // Without vectors the synthetic dataset cannot show outliers; that is the business of the bench of neighbours.
      if (kind.needs.includes('vectors')) continue
      const against = kind.needs.includes('against')
      const scope = against ? 'split = "test"' : ''
      const { ms, value } = await measureMs(() =>
        kind.look(
          { dataset, scope, reference: against ? reference : undefined, signal, clock: systemClock },
          kind.parameters.parse({}),
        ),
      )
      times.set(kind.name, ms)
      if (process.env['BENCH_VERBOSE'])
        console.error(ms.toFixed(0).padStart(6), kind.name.padEnd(22), value.looked, value.found)
    }
    await catalog.close()
    const sum = (names: readonly string[]): number => names.reduce((all, one) => all + times.get(one)!, 0)
    const others = [...times.keys()].filter((one) => !bounded.includes(one))
    const slowest = (names: readonly string[]): string => names.toSorted((a, b) => times.get(b)! - times.get(a)!)[0]!
    return [
      {
        what: `all ${bounded.length} checks of pictures, schema and geometry, slowest ${slowest(bounded)}`,
        value: sum(bounded) / 1000,
        unit: 's',
        atMost: 10,
      },
      {
        what: `the other ${others.length}, duplicates, balance, drift and pillars, slowest ${slowest(others)}`,
        value: sum(others) / 1000,
        unit: 's',
      },
    ]
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}
