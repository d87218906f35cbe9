// Searches the space `mine` of a workspace and tells the parent how long it took and how much memory.
import { createApp, findWorkspace, loadConfig } from '#app'

export interface SearchReport {
  p95Ms: number
  /** Without what the operation does around it: names and paths of ten samples. */
  searchP95Ms: number
  baseMb: number
  peakMb: number
  recall: number
}

const queries = 50
const [folder, index] = process.argv.slice(2) as [string, 'exact' | 'approximate']
const workspace = await findWorkspace({ cwd: folder, named: folder })
const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
type Found = { neighbours: { sample: string }[] }
const ask = (like: string, how: string, limit = 10): Promise<Found> =>
  app.call('spaces.similar', { like, index: how, limit, space: 'mine' }) as Promise<Found>

// Opens catalogue and space, and what of them stays: all but the vectors.
await app.call('spaces.list', {})
await app.call('query.run', { limit: 10 })
globalThis.gc?.()
const baseMb = process.memoryUsage().rss / 1e6
let peakMb = 0
const look = (): void => {
  peakMb = Math.max(peakMb, process.memoryUsage().rss / 1e6)
}
const timer = setInterval(look, 50)

const likes = Array.from({ length: queries }, (_, i) => `s_${1 + i * 1_999}`)
await ask('s_7', index)
const times: number[] = []
const around: number[] = []
const found: Set<string>[] = []
for (const like of likes) {
  const start = performance.now()
  const { neighbours } = await ask(like, index)
  times.push(performance.now() - start)
  look()
  found.push(new Set(neighbours.map(({ sample }) => sample)))
  const again = performance.now()
  await app.call('query.run', { query: `id in (${[...found.at(-1)!].join(', ')})`, fields: [], limit: 10 })
  around.push(performance.now() - again)
}
clearInterval(timer)
look()
let right = 0
let wanted = 0
if (index === 'approximate')
  for (const [i, like] of likes.entries()) {
    const { neighbours } = await ask(like, 'exact')
    wanted += neighbours.length
    right += neighbours.filter(({ sample }) => found[i]!.has(sample)).length
  }
const p95 = (values: readonly number[]): number => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)]!
const report: SearchReport = {
  p95Ms: p95(times),
  searchP95Ms: Math.max(0, p95(times) - p95(around)),
  baseMb,
  peakMb,
  recall: wanted === 0 ? 1 : right / wanted,
}
await app.close()
process.send!(report)
