// Runs one bench file and sends its figures to benches/run.ts, so that the peak memory is that of this bench alone.
import { resolve } from 'node:path'
import { pathToFileURL } from 'node:url'
import type { BenchModule, BenchResult } from './bench.ts'

/** What a bench's process answers. */
export interface BenchReport {
  name: string
  results: BenchResult[]
}

const file = process.argv[2]
if (file === undefined || process.send === undefined) {
  throw new Error('Expected to be started by benches/run.ts with a bench file. Run: npm run bench')
}
const bench = (await import(pathToFileURL(resolve(file)).href)) as BenchModule
const results = await bench.run()
// maxRSS is in KiB on Linux and macOS, and covers worker threads, not child processes.
results.push({
  what: 'peak memory of the process',
  value: (process.resourceUsage().maxRSS * 1024) / 1e6,
  unit: 'MB',
  atMost: bench.peakMemoryAtMostMb,
})
const report: BenchReport = { name: bench.name, results }
process.send(report, () => process.disconnect())
