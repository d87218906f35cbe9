// How long a person waits for the command line, against the built package (run: npm run build).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { measureMs, median, type BenchResult } from './bench.ts'

export const name = 'cli-start'

const repeats = 10
const main = join(import.meta.dirname, '../dist/cli/main.js')

/** Median wall time of whole Node processes, one after the other; files are in the page cache after the first. */
async function medianProcessMs(args: string[]): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < repeats; i++) {
    const { ms, value } = await measureMs(() => spawnSync(process.execPath, args, { encoding: 'utf8' }))
    if (value.status !== 0) throw new Error(`node ${args.join(' ')} left with ${value.status}: ${value.stderr}`)
    times.push(ms)
  }
  return median(times)
}

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(main)) throw new Error(`Expected the built package at ${main}. Run: npm run build`)
  const bare = await medianProcessMs(['-e', '0'])
  const help = await medianProcessMs([main, '--help'])
  return [
    { what: `node -e 0, median of ${repeats}`, value: bare, unit: 'ms' },
    { what: `fovea --help, median of ${repeats}`, value: help, unit: 'ms', atMost: 150 },
  ]
}
