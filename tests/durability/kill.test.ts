import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createRng } from '#base'
import { createApp, findWorkspace, initWorkspace, loadConfig, type App } from '#app'

// kill -9 at random moments of an import or a bulk write: the catalogue opens, every acknowledged write is there,
// and the same import completes the work without duplicates.

const kills = 50
const images = 120
const root = join(import.meta.dirname, '../..')
let folder: string
let source: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-kill-'))
  source = join(folder, 'source')
  const rng = createRng(5)
  for (const name of ['a', 'b']) await mkdir(join(source, name), { recursive: true })
  await Promise.all(
    Array.from({ length: images }, async (_, i) => {
      const data = Buffer.from(Array.from({ length: 12 }, () => rng.integer(0, 255)))
      await sharp(data, { raw: { width: 2, height: 2, channels: 3 } })
        .png()
        .toFile(join(source, i % 2 ? 'a' : 'b', `${i}.png`))
    }),
  )
}, 240_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function openApp(at: string): Promise<App> {
  const workspace = await findWorkspace({ cwd: at, named: at })
  return createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
}

/** Runs the victim, kills it so many milliseconds after it said a word, and answers all it had said. */
async function runAndKill(workspace: string, word: string, delayMs: number): Promise<string[]> {
  const child = spawn(
    process.execPath,
    ['--conditions=fovea-source', '--import', 'tsx', join(import.meta.dirname, 'victim.ts'), workspace, source],
    {
      cwd: root,
      stdio: ['ignore', 'pipe', 'pipe'],
    },
  )
  let said = ''
  let complaint = ''
  let timer: NodeJS.Timeout | undefined
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.includes(`${word}\n`)) timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  await new Promise<void>((resolve, reject) => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve()
      else reject(new Error(`The victim ended by itself with ${code}: ${complaint}`))
    })
  })
  return said.split('\n').filter((line) => line !== '')
}

const count = async (app: App, query: string): Promise<number> =>
  ((await app.call('query.count', { dataset: 'set', query })) as { count: number }).count

async function expectAcknowledged(app: App, said: readonly string[]): Promise<void> {
  if (!said.includes('imported')) return
  expect(await count(app, '')).toBe(images)
  const undone = new Set(said.filter((line) => line.startsWith('undone ')).map((line) => line.slice(7)))
  const lastTagged = said.findLast((line) => line.startsWith('tagged '))?.slice(7)
  for (const line of said) {
    if (!line.startsWith('tagged ')) continue
    const tag = line.slice(7)
    // The last one may have been undone without there having been time to say so.
    if (tag === lastTagged && !undone.has(tag)) continue
    const { rows } = (await app.call('query.run', { dataset: 'set', limit: 1 })) as { rows: { tags: string[] }[] }
    expect(rows[0]!.tags.includes(tag), `tag ${tag}`).toBe(!undone.has(tag))
    if (!undone.has(tag)) expect(await count(app, `tag:${tag}`)).toBe(images)
  }
  const lastSet = said.findLast((line) => line.startsWith('set '))
  // The write after the last acknowledged one may have been made too.
  if (lastSet) expect(await count(app, `round >= ${lastSet.slice(4)}`)).toBe(images)
}

it(`survives kill -9 at ${kills} random moments`, async () => {
  const rng = createRng(11)
  let midImport = 0
  let partial = 0
  let midWrites = 0
  for (let round = 0; round < kills; round++) {
    const workspace = join(folder, `w${round}`)
    await mkdir(workspace)
    await initWorkspace(workspace)
    // Three of five strike while the import runs, the others among the bulk writes after it.
    const said =
      round % 5 < 3
        ? await runAndKill(workspace, 'open', rng.uniform(0, 1_100))
        : await runAndKill(workspace, 'imported', rng.uniform(0, 600))
    if (said.includes('imported')) midWrites++
    else midImport++
    const app = await openApp(workspace)
    try {
      await expectAcknowledged(app, said)
      const result = (await app.call('dataset.import', { path: source, dataset: 'set' })) as Record<
        'added' | 'updated' | 'unchanged',
        number
      >
      if (result.added > 0 && result.unchanged > 0) partial++
      expect(result.added + result.unchanged, `round ${round}`).toBe(images)
      expect(result.updated).toBe(0)
      expect(await count(app, '')).toBe(images)
      expect(await count(app, 'labels.count = 1 and class in ("a", "b")')).toBe(images)
      const { rows } = (await app.call('query.run', { dataset: 'set', limit: 10_000, fields: ['source'] })) as {
        rows: { fields: { source: string } }[]
      }
      expect(new Set(rows.map((row) => row.fields.source)).size).toBe(images)
    } finally {
      await app.close()
    }
    await rm(workspace, { recursive: true, force: true })
  }
  // Both kinds of moment must really have been met.
  expect(midImport).toBeGreaterThan(5)
  expect(partial).toBeGreaterThan(0)
  expect(midWrites).toBeGreaterThan(5)
}, 1_200_000)
