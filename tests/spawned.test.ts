import { spawn, type ChildProcess } from 'node:child_process'
import { mkdir, mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import type { Job } from '#contract'
import { runCaptured } from './support/cli.ts'
import { post, send } from './support/request.ts'

const main = resolve(import.meta.dirname, '../src/cli/main.ts')
const tsx = import.meta.resolve('tsx')
let root: string
const children = new Set<ChildProcess>()

interface Running {
  child: ChildProcess
  out: () => string
  ended: Promise<{ code: number | null; out: string; err: string }>
}

/** The command line as a process of its own. */
function start(args: string[], cwd = root): Running {
  const child = spawn(process.execPath, ['--conditions=fovea-source', '--import', tsx, main, ...args], {
    cwd,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NO_COLOR: '1' },
  })
  children.add(child)
  let out = ''
  let err = ''
  child.stdout.on('data', (part: Buffer) => (out += part.toString()))
  child.stderr.on('data', (part: Buffer) => (err += part.toString()))
  const ended = new Promise<{ code: number | null; out: string; err: string }>((done) =>
    child.on('close', (code) => {
      children.delete(child)
      done({ code, out, err })
    }),
  )
  return { child, out: () => out, ended }
}

/** Looks again and again, for as long as the test may take. */
async function until<T>(look: () => T | undefined | Promise<T | undefined>): Promise<T> {
  for (;;) {
    const found = await look()
    if (found !== undefined) return found
    await new Promise((done) => setTimeout(done, 25))
  }
}

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-spawned-'))
  await mkdir(join(root, 'images', 'deep'), { recursive: true })
  for (let i = 0; i < 12; i++) {
    await sharp({ create: { width: 20 + i, height: 16, channels: 3, background: { r: i * 20, g: 90, b: 120 } } })
      .png()
      .toFile(join(root, 'images', i < 6 ? '' : 'deep', `${i}.png`))
  }
})
afterAll(async () => {
  for (const child of children) child.kill('SIGKILL')
  await rm(root, { recursive: true, force: true })
})

test('init, up, and commands through the server until it is stopped', async () => {
  expect(await start(['init']).ended).toMatchObject({ code: 0, err: '' })
  const up = start(['up', '--port', '0', '--json'])
  const { url } = JSON.parse(await until(() => (up.out().endsWith('\n') ? up.out() : undefined))) as { url: string }

  const imported = await start(['import', 'images', '--json']).ended
  expect(imported).toMatchObject({ code: 0 })
  expect(JSON.parse(imported.out)).toMatchObject({ added: 12, dataset: 'images' })
  const counted = await runCaptured(['query', 'width > 25', '--count'], { cwd: join(root, 'images', 'deep') })
  expect(counted).toMatchObject({ code: 0, out: '6\n' })
  const jobs = (await post(`${url}/api/job.list`, {})).json()['jobs'] as Job[]
  expect(jobs).toMatchObject([{ operation: 'dataset.import', state: 'done', actor: 'local' }])

  const media = await send(`${url}/media/s_1`)
  expect(media.headers).toMatchObject({
    'content-type': 'image/png',
    'accept-ranges': 'bytes',
    'x-content-type-options': 'nosniff',
  })
  const part = await send(`${url}/media/s_1`, { headers: { range: 'bytes=1-3' } })
  expect([part.status, part.text, part.headers['content-range']]).toEqual([
    206,
    'PNG',
    `bytes 1-3/${media.headers['content-length']}`,
  ])
  expect((await send(`${url}/media/s_1`, { headers: { range: 'bytes=99999-' } })).status).toBe(416)
  const etag = media.headers.etag!
  expect(etag).toMatch(/^"[0-9a-f]{32}"$/)
  expect((await send(`${url}/media/s_1`, { headers: { 'if-none-match': etag } })).status).toBe(304)
  expect((await send(`${url}/media/s_1`, { method: 'HEAD' })).headers['content-length']).toBe(
    media.headers['content-length'],
  )
  await rm(join(root, '.fovea', 'thumbnails'), { recursive: true, force: true })
  const thumb = await send(`${url}/thumb/s_1`)
  expect([thumb.status, thumb.headers['content-type']]).toEqual([200, 'image/jpeg'])
  expect((await send(`${url}/media/s_999`)).json()).toMatchObject({ code: 'SAMPLE_NOT_FOUND' })
  const shown = (await post(`${url}/api/sample.show`, { sample: 's_2' })).json() as {
    sample: { fields: { source: string } }
  }
  await rm(shown.sample.fields.source)
  const gone = await send(`${url}/media/s_2`)
  expect([gone.status, gone.json()['code']]).toEqual([404, 'MEDIA_MISSING'])

  up.child.kill('SIGINT')
  expect(await up.ended).toMatchObject({ code: 0, err: '' })
  expect((await readdir(join(root, '.fovea'))).filter((name) => /server|holder/.test(name))).toEqual([])
})

test('a second process waits for the first, and is told who is in the way', async () => {
  const up = start(['up', '--port', '0', '--json'])
  await until(() => (up.out().endsWith('\n') ? true : undefined))
  // `up` cannot go through the other server: it needs the workspace itself.
  const second = await start(['up', '--port', '0']).ended
  expect(second.code).toBe(3)
  expect(second.err).toContain(
    `error WORKSPACE_BUSY: The workspace ${root} is held by fovea up (process ${up.child.pid}`,
  )
  // A server that dies leaves its files behind; the next command finds the workspace free.
  up.child.kill('SIGKILL')
  await up.ended
  expect((await readdir(join(root, '.fovea'))).includes('server.json')).toBe(true)
  expect(await start(['query', '--count']).ended).toMatchObject({ code: 0, out: '12\n' })
})

test('help comes without loading anything, and a closed pipe is no error', async () => {
  const help = await start(['--help']).ended
  expect(help).toMatchObject({ code: 0, err: '' })
  expect(help.out).toContain('Usage: fovea <command>')
  const cut = start(['query', '--paths'])
  cut.child.stdout!.destroy()
  expect(await cut.ended).toMatchObject({ code: 0, err: '' })
})
