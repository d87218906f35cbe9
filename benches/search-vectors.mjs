// Searches the space `mine` of a workspace with the built program and tells the parent how long it took and how much memory:
// a SearchReport. Plain JavaScript, so that no loader of TypeScript counts as memory.
import { createApp, findWorkspace, loadConfig } from '../dist/app/index.js'

const queries = 50
const [folder, index] = process.argv.slice(2)
const workspace = await findWorkspace({ cwd: folder, named: folder })
const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
const ask = (like, how) => app.call('spaces.similar', { like, index: how, limit: 10, space: 'mine' })

const around = []
const times = []
const found = []

// Opens catalogue and space, and looks names up as often as is done below, so that what stays of that counts as before.
await app.call('spaces.list', {})
for (let i = 0; i < queries; i++) {
  const ids = Array.from({ length: 10 }, (_, j) => `s_${1 + ((i * 1_999 + j * 9_973) % 100_000)}`)
  const start = performance.now()
  await app.call('query.run', { query: `id in (${ids.join(', ')})`, fields: [], limit: 10 })
  around.push(performance.now() - start)
}
globalThis.gc?.()
const baseMb = process.memoryUsage().rss / 1e6
let peakMb = 0
const look = () => {
  peakMb = Math.max(peakMb, process.memoryUsage().rss / 1e6)
}
const timer = setInterval(look, 50)

const likes = Array.from({ length: queries }, (_, i) => `s_${1 + i * 1_999}`)
// The first questions open the index and let the code become fast.
for (let i = 0; i < 20; i++) await ask(`s_${7 + 137 * i}`, index)
for (const like of likes) {
  const start = performance.now()
  const { neighbours } = await ask(like, index)
  times.push(performance.now() - start)
  look()
  found.push(new Set(neighbours.map(({ sample }) => sample)))
}
clearInterval(timer)
look()
let right = 0
let wanted = 0
if (index === 'approximate')
  for (const [i, like] of likes.entries()) {
    const { neighbours } = await ask(like, 'exact')
    wanted += neighbours.length
    right += neighbours.filter(({ sample }) => found[i].has(sample)).length
  }
const p95 = (values) => values.toSorted((a, b) => a - b)[Math.floor(values.length * 0.95)]
await app.close()
process.send({
  p95Ms: p95(times),
  searchP95Ms: Math.max(0, p95(times) - p95(around)),
  baseMb,
  peakMb,
  recall: wanted === 0 ? 1 : right / wanted,
})
