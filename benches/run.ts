// npm run bench [name…] [-- --no-record]: runs benches, prints a table, appends it to RESULTS.md.
// Leaves with 1 when a bench fails or a bound is missed.
import { execFileSync, fork } from 'node:child_process'
import { appendFileSync, existsSync, readdirSync, writeFileSync } from 'node:fs'
import { cpus, totalmem, type } from 'node:os'
import { join } from 'node:path'
import type { BenchResult } from './bench.ts'
import type { BenchReport } from './child.ts'

const here = import.meta.dirname
const resultsFile = join(here, 'RESULTS.md')

function runInChild(file: string): Promise<BenchReport> {
  return new Promise((resolve, reject) => {
    let report: BenchReport | undefined
    // fork hands on this process's own flags: the loader, the import condition, --expose-gc.
    const child = fork(join(here, 'child.ts'), [file], { cwd: join(here, '..') })
    child.on('message', (message) => {
      report = message as BenchReport
    })
    child.on('error', reject)
    child.on('exit', (code, signal) => {
      if (report !== undefined && code === 0) resolve(report)
      else reject(new Error(`${file} ended with ${signal ?? `exit code ${code}`} and ${report ? 'a' : 'no'} report.`))
    })
  })
}

function judge(result: BenchResult): 'pass' | 'miss' | '' {
  if (result.atMost === undefined && result.atLeast === undefined) return ''
  const low = result.atLeast === undefined || result.value >= result.atLeast
  const high = result.atMost === undefined || result.value <= result.atMost
  return low && high ? 'pass' : 'miss'
}

/** Three significant digits below 1000, whole numbers with commas above. */
function formatValue(value: number): string {
  if (!Number.isFinite(value)) return String(value)
  return Math.abs(value) >= 1000 ? Math.round(value).toLocaleString('en-US') : String(Number(value.toPrecision(3)))
}

function formatBound(result: BenchResult): string {
  const parts: string[] = []
  if (result.atLeast !== undefined) parts.push(`≥ ${formatValue(result.atLeast)} ${result.unit}`)
  if (result.atMost !== undefined) parts.push(`≤ ${formatValue(result.atMost)} ${result.unit}`)
  return parts.join(', ')
}

function formatTable(reports: readonly BenchReport[]): string {
  const rows = [['bench', 'measured', 'figure', 'bound', 'verdict']]
  for (const { name, results } of reports) {
    for (const result of results) {
      const figure = `${formatValue(result.value)} ${result.unit}`
      rows.push([name, result.what, figure, formatBound(result), judge(result)])
    }
  }
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)))
  const lines = rows.map((row) => `| ${row.map((cell, column) => cell.padEnd(widths[column]!)).join(' | ')} |`)
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`)
  return lines.join('\n')
}

function describeCommit(): string {
  try {
    const git = (...args: string[]): string => execFileSync('git', args, { cwd: here, encoding: 'utf8' }).trim()
    const dirty = git('status', '--porcelain', '--untracked-files=no', '--', '../src', '../package-lock.json') !== ''
    return `${git('rev-parse', '--short', 'HEAD')}${dirty ? ' with uncommitted changes' : ''}`
  } catch {
    return 'unknown'
  }
}

function describeMachine(): string {
  const cores = cpus()
  const memory = `${(totalmem() / 1e9).toFixed(1)} GB`
  const model = cores[0]?.model.trim() ?? 'unknown processor'
  return `${model}, ${cores.length} cores, ${memory}, ${type()}, Node ${process.version}`
}

const wanted = process.argv.slice(2).filter((argument) => !argument.startsWith('--'))
const record = !process.argv.includes('--no-record')
const suffix = '.bench.ts'
const names = readdirSync(here)
  .filter((file) => file.endsWith(suffix))
  .map((file) => file.slice(0, -suffix.length))
  .sort()
const unknown = wanted.filter((name) => !names.includes(name))
if (unknown.length > 0) {
  console.error(`No bench is called ${unknown.join(', ')}. There are: ${names.join(', ')}`)
  process.exit(2)
}

const reports: BenchReport[] = []
const failures: string[] = []
for (const name of wanted.length > 0 ? wanted : names) {
  console.error(`running ${name} …`)
  try {
    reports.push(await runInChild(join(here, `${name}${suffix}`)))
  } catch (error) {
    failures.push(name)
    console.error(error instanceof Error ? error.message : error)
  }
}

const section = [
  `## ${new Date().toISOString().slice(0, 16).replace('T', ' ')} UTC, commit ${describeCommit()}`,
  describeMachine(),
  ...(reports.length > 0 ? [formatTable(reports)] : []),
  ...(failures.length > 0 ? [`Failed: ${failures.join(', ')}.`] : []),
].join('\n\n')
console.log(`\n${section}`)
if (record && reports.length > 0) {
  if (!existsSync(resultsFile)) {
    writeFileSync(resultsFile, '# Measured\n\nWritten by `npm run bench`, newest last. MB are 10⁶ bytes.\n')
  }
  appendFileSync(resultsFile, `\n${section}\n`)
}
const missed = reports.flatMap((report) => report.results).filter((result) => judge(result) === 'miss')
process.exitCode = missed.length + failures.length > 0 ? 1 : 0
