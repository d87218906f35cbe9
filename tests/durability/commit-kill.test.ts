import { spawn } from 'node:child_process'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createApp, findWorkspace, initWorkspace, loadConfig, type App } from '#app'
import { createRng } from '#base'

// kill -9 at random moments of commits: every acknowledged version is there and whole, and the next commit goes on from there.

const kills = 6
const images = 12
const root = join(import.meta.dirname, '../..')
let folder: string

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-commit-kill-'))
  await mkdir(join(folder, 'source', 'a'), { recursive: true })
  for (let i = 0; i < images; i++)
    await sharp({ create: { width: 4 + i, height: 4, channels: 3, background: '#333' } })
      .png()
      .toFile(join(folder, 'source', 'a', `${i}.png`))
}, 240_000)
afterAll(() => rm(folder, { recursive: true, force: true }))

async function openApp(at: string): Promise<App> {
  const workspace = await findWorkspace({ cwd: at, named: at })
  return createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
}

/** Runs the victim, kills it so many milliseconds after it opened the workspace, and answers how many versions it acknowledged. */
async function runAndKill(workspace: string, delayMs: number): Promise<number> {
  const victim = join(import.meta.dirname, 'commit-victim.ts')
  const child = spawn(process.execPath, ['--conditions=fovea-source', '--import', 'tsx', victim, workspace], {
    cwd: root,
    stdio: ['ignore', 'pipe', 'pipe'],
  })
  let [said, complaint] = ['', '']
  let timer: NodeJS.Timeout | undefined
  child.stderr.on('data', (chunk: Buffer) => (complaint += chunk.toString()))
  child.stdout.on('data', (chunk: Buffer) => {
    said += chunk.toString()
    if (said.includes('open\n')) timer ??= setTimeout(() => child.kill('SIGKILL'), delayMs)
  })
  await new Promise<void>((resolve, reject) => {
    child.on('exit', (code, signal) => {
      clearTimeout(timer)
      if (signal === 'SIGKILL') resolve()
      else reject(new Error(`The victim ended by itself with ${code}: ${complaint}`))
    })
  })
  return said.split('\n').filter((line) => /^v\d+$/.test(line)).length
}

it(`versions survive kill -9 at ${kills} random moments`, async () => {
  const rng = createRng(13)
  let seen = 0
  for (let round = 0; round < kills; round++) {
    const at = join(folder, `w${round}`)
    await mkdir(at)
    await initWorkspace(at)
    const before = await openApp(at)
    await before.call('dataset.import', { path: join(folder, 'source'), dataset: 'set' })
    await before.close()

    const acknowledged = await runAndKill(at, rng.uniform(0, 1_500))
    const app = await openApp(at)
    try {
      const { total } = (await app.call('versions.list', {})) as { total: number }
      // The one after the last acknowledged may have been made too.
      expect([acknowledged, acknowledged + 1], `round ${round}`).toContain(total)
      for (let n = 1; n <= total; n++) {
        const dataset = `set@v${n}`
        expect(await app.call('query.count', { dataset, query: `tag:t${n}` })).toEqual({ count: images })
        expect(await app.call('dataset.show', { dataset })).toMatchObject({ samples: images })
      }
      seen += total
      await app.call('sample.tag', { query: '', tags: ['after'] })
      expect(await app.call('versions.commit', { message: 'After' })).toMatchObject({
        created: true,
        version: { version: `v${total + 1}`, samples: images },
      })
    } finally {
      await app.close()
    }
    await rm(at, { recursive: true, force: true })
  }
  expect(seen).toBeGreaterThan(0)
}, 600_000)
