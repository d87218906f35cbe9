// Writes the lint rules for the direction of imports (.oxlintrc.layers.json) from layers.json.
//   node scripts/layers.mjs           writes the file
//   node scripts/layers.mjs --check   leaves with 1 when the file is not what layers.json says
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'

const root = join(dirname(fileURLToPath(import.meta.url)), '..')
const target = join(root, '.oxlintrc.layers.json')
const { layers, siblings, external, impure } = JSON.parse(readFileSync(join(root, 'layers.json'), 'utf8'))
const rooms = layers.flat()

function listFaults() {
  const faults = []
  const folders = readdirSync(join(root, 'src'), { withFileTypes: true }).filter((entry) => entry.isDirectory())
  for (const room of new Set(rooms)) {
    if (rooms.indexOf(room) !== rooms.lastIndexOf(room)) faults.push(`layers.json names ${room} twice.`)
  }
  for (const { name } of folders) {
    if (!rooms.includes(name)) faults.push(`src/${name} is no room of layers.json. Give it a line there.`)
  }
  for (const [room, others] of Object.entries(siblings)) {
    const line = layers.find((names) => names.includes(room)) ?? []
    for (const other of others) {
      if (!line.includes(other)) faults.push(`siblings: ${room} and ${other} do not stand on one line.`)
      if (siblings[other]?.includes(room)) faults.push(`siblings: ${room} and ${other} would import each other.`)
    }
  }
  for (const room of [...Object.keys(external), ...impure]) {
    if (!rooms.includes(room)) faults.push(`"${room}" under external or impure is no room.`)
  }
  return faults
}

function writeRules() {
  const overrides = []
  for (const [line, names] of layers.entries()) {
    for (const room of names) {
      const options = {
        room,
        rooms,
        may: [...layers.slice(0, line).flat(), ...(siblings[room] ?? [])],
        siblings: names.filter((name) => name !== room),
        ...(external[room] ? { external: external[room] } : {}),
      }
      overrides.push({ files: [`src/${room}/**`], rules: { 'house/imports': ['error', options] } })
      // The tests of a room that is narrow about packages may still use what drives tests.
      if (external[room]) {
        const forTests = { ...options, external: [...external[room], 'vitest', 'fast-check'] }
        overrides.push({ files: [`src/${room}/**/*.test.ts`], rules: { 'house/imports': ['error', forTests] } })
      }
    }
  }
  overrides.push({
    files: ['tests/**', 'benches/**', 'fixtures/**', 'edge/**'],
    rules: { 'house/imports': ['error', { room: '', rooms, may: rooms, siblings: [] }] },
  })
  overrides.push({
    files: rooms.filter((room) => !impure.includes(room)).map((room) => `src/${room}/**`),
    excludeFiles: ['**/*.test.ts'],
    rules: { 'house/pure': 'error' },
  })
  return `${JSON.stringify({ jsPlugins: ['./scripts/lint-plugin.mjs'], overrides }, null, 2)}\n`
}

const faults = listFaults()
if (faults.length > 0) {
  console.error(faults.join('\n'))
  process.exit(1)
}
const text = writeRules()
if (process.argv.includes('--check')) {
  if (!existsSync(target) || readFileSync(target, 'utf8') !== text) {
    console.error('.oxlintrc.layers.json is not what layers.json says. Run: node scripts/layers.mjs')
    process.exit(1)
  }
} else {
  writeFileSync(target, text)
}
