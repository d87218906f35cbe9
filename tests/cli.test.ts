import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig } from '#app'
import type { Job } from '#contract'
import { runCaptured, type CliRun } from './support/cli.ts'
import { serveFake, type Served } from './support/served.ts'

let served: Served
let run: (...args: string[]) => Promise<CliRun>
beforeEach(async () => {
  served = await serveFake()
  run = (...args) => runCaptured(args, { cwd: served.app.workspace.folder })
})
afterEach(() => served.close())

test('a command goes to the server that holds the workspace, from any folder below it', async () => {
  expect(await run('query', 'a b c', '--count')).toMatchObject({ code: 0, out: '5\n', err: '' })
  expect(await run('query', 'count', '--query', 'abc', '--json')).toMatchObject({ code: 0 })
  const elsewhere = await runCaptured(['query', 'abc', '--count', '--json'], {
    cwd: '/',
    env: { FOVEA_WORKSPACE: served.app.workspace.folder },
  })
  expect(elsewhere.json()).toEqual({ count: 3 })
  const flagged = await runCaptured(['--workspace', served.app.workspace.folder, 'query', '--count'], {
    cwd: '/',
    env: { FOVEA_WORKSPACE: '/nowhere' },
  })
  expect(flagged).toMatchObject({ code: 0, out: '0\n', err: '' })
  expect(served.fake.calls.every((call) => call.actor === 'local')).toBe(true)
})

test('a query may begin with a minus', async () => {
  expect((await run('query', '-tag:x', '--count')).out).toBe('6\n')
  expect((await run('query', 'count', '--query', '-tag:x', '--json')).json()).toEqual({ count: 6 })
  expect((await run('query', '--count', '--', '-tag:x')).out).toBe('6\n')
})

test('a long operation shows its result, and the owner may name any path', async () => {
  served.fake.letOn()
  const imported = await run('import', '/etc', '--json')
  expect(imported.json()).toMatchObject({ added: 100, detected: { evidence: '/etc' } })
  expect((await run('import', 'data')).out).toContain('d: 100 added, 0 updated')
  const relative = await run('import', 'data', '--json')
  expect(relative.json()).toMatchObject({ detected: { evidence: join(served.app.workspace.folder, 'data') } })
})

test('Ctrl-C cancels the job on the server and exits with 130', async () => {
  const stop = new AbortController()
  const running = runCaptured(['import', '/data'], { cwd: served.app.workspace.folder, signal: stop.signal })
  let jobs: Job[] = []
  while (jobs[0]?.progress?.done !== 10) {
    await new Promise((resolve) => setTimeout(resolve, 20))
    jobs = await served.app.jobs.list({ limit: 5 })
  }
  stop.abort()
  expect(await running).toMatchObject({ code: 130, out: '', err: expect.stringContaining('error CANCELLED') })
  expect((await served.app.jobs.list({ limit: 5 }))[0]).toMatchObject({ state: 'cancelled' })
  expect((await run('jobs')).out).toContain('cancelled')
})

test('progress is drawn on one line of a terminal, and cleared', async () => {
  let err = ''
  const { code } = await runCaptured(['import', '/data'], {
    cwd: served.app.workspace.folder,
    errIsTty: true,
    columns: 60,
    err(text) {
      err += text
      // How far it was by then depends on when the terminal was drawn first.
      if (/ \/ 100 images/.test(err)) served.fake.letOn()
    },
  })
  expect(code).toBe(0)
  expect(err.startsWith('\r\u001b[2Kfirst half ')).toBe(true)
  expect(err).toMatch(/first half .* \d+ \/ 100 images/)
  expect(err).toContain('100 / 100 images')
  expect(err.endsWith('\r\u001b[2K')).toBe(true)
  for (const line of err.split('\r\u001b[2K')) expect(line.length).toBeLessThan(60)
})

test('faults of the command line are told with exit code 2', async () => {
  for (const args of [
    ['nonsense'],
    ['query', '--nonsense'],
    ['dataset', 'nonsense'],
    ['import'],
    ['set', 'x'],
    ['set', 'x', 'y'],
    ['query', '--count', '--paths'],
    ['dataset', 'create', 'a', '--input', '[1]'],
    ['slice', 'save', 'a b c', 'q'],
  ]) {
    const { code, out, err } = await run(...args)
    expect([args, code, out]).toEqual([args, 2, ''])
    expect(err).toMatch(/^error INPUT_INVALID: /)
  }
  const limit = await run('query', 'run', '--limit', 'many', '--dataset', '')
  expect(limit.err).toContain('limit: expected number, got "many".')
  expect(limit.err).toContain('dataset: ')
  expect((await run('import', '--json')).err).toMatch(/^\{"error":\{"code":"INPUT_INVALID"/)
})

test('a name that is nearly right is put right', async () => {
  expect((await run('improt', 'x')).err).toBe(
    'error INPUT_INVALID: fovea has no command "improt".\nhint: Did you mean import?\n',
  )
  expect((await run('slice', 'shwo', '--x')).err).toContain('hint: Did you mean show?')
  expect((await run('job')).err).toContain('Known: cancel, list, resume, show.')
})

test('a cancelled job is resumed, and waited for', async () => {
  const job = await served.app.start('dataset.import', { path: '/data' })
  await served.app.jobs.cancel(job.id)
  const resumed = run('job', 'resume', job.id, '--json')
  await expect.poll(async () => (await served.app.jobs.show(job.id)).state).toBe('running')
  served.fake.letOn()
  expect((await resumed).json()).toMatchObject({ job: { id: job.id, state: 'done', result: { added: 100 } } })
})

test('something destructive is asked about, or needs --yes', async () => {
  expect(await run('dataset', 'delete', 'd')).toMatchObject({
    code: 2,
    err: expect.stringContaining('CONFIRMATION_NEEDED'),
  })
  const asked: string[] = []
  const ask = async (question: string): Promise<string> => {
    asked.push(question)
    return 'n'
  }
  expect(
    await runCaptured(['dataset', 'delete', 'd'], { cwd: served.app.workspace.folder, canAsk: true, ask }),
  ).toMatchObject({ code: 130 })
  expect(asked[0]).toContain('Remove a dataset')
  // The fake room fails, which shows that the call went through.
  expect((await run('dataset', 'delete', 'd', '--yes')).err).toContain('dataset.delete is not part of this test')
})

test('inputs come from a file or standard input too', async () => {
  await writeFile(join(served.app.workspace.folder, 'in.json'), '{"query":"12345"}')
  expect((await run('query', 'count', '--input', '@in.json', '--json')).json()).toEqual({ count: 5 })
  const piped = await runCaptured(['query', 'count', '--input', '-', '--json'], {
    cwd: served.app.workspace.folder,
    readInput: async () => '{"query":"1"}',
  })
  expect(piped.json()).toEqual({ count: 1 })
  expect((await run('query', 'count', '--input', '@none.json')).code).toBe(5)
})

test('help is there for commands, rooms and verbs', async () => {
  expect((await run('import', '--help')).out).toMatch(
    /Usage: fovea import <path> \[options\][\s\S]*--on-error <value>\s+skip \| stop; default "skip"/,
  )
  expect((await run('help', 'tag')).out).toContain('fovea tag <query> <tag...>')
  expect((await run('dataset', '--help')).out).toMatch(/edit-card[\s\S]*problems/)
  expect((await run('query', '--help')).out).toMatch(/--paths[\s\S]*With a verb .*run | stats | tree/)
  expect((await run('slice', 'rm', '--help')).out).toContain('--name <value>')
  expect(await run('--version')).toMatchObject({ code: 0, out: expect.stringMatching(/^\d+\.\d+\.\d+\n$/) })
})

test('a server that died without clearing up is passed over', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-stale-'))
  try {
    await runCaptured(['init'], { cwd: folder })
    // A living process, but nobody listens there; and a server that listens, but is another's.
    for (const url of ['http://127.0.0.1:9', served.url]) {
      await writeFile(join(folder, '.fovea', 'server.json'), JSON.stringify({ url, token: 'x', pid: process.pid }))
      expect(await runCaptured(['datasets', '--json'], { cwd: folder })).toMatchObject({
        code: 0,
        out: '{\n  "datasets": []\n}\n',
      })
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('the demo is made, imported, served and cleared away', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-demo-test-'))
  try {
    const demo = await runCaptured(
      ['demo', 'run', '--tiles', '6', '--port', '0', '--folder', join(folder, 'demo'), '--json'],
      { cwd: folder },
    )
    expect(demo).toMatchObject({ code: 0 })
    const { made, imported, dataset } = demo.json() as Record<string, Record<string, number>>
    expect(imported!['added']! + imported!['skipped']!).toBe(made!['images'])
    expect(dataset!['samples']).toBe(imported!['added'])
    // A folder that was named stays, with a workspace in it that can be used.
    const counted = await runCaptured(['query', '--count'], { cwd: join(folder, 'demo', 'tiles') })
    expect(counted.out).toBe(`${dataset!['samples']}\n`)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('demo data and inspection need no workspace', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-placeless-'))
  try {
    const made = await runCaptured(['demo', 'make', 'data', '--tiles', '6', '--json'], { cwd: folder })
    expect(made.json()).toMatchObject({ to: join(folder, 'data') })
    const inspected = await runCaptured(['inspect', 'data', '--json'], { cwd: folder })
    expect(inspected.json()).toMatchObject({ detected: { format: 'masks' } })
    expect(await runCaptured(['query'], { cwd: folder })).toMatchObject({
      code: 3,
      err: expect.stringContaining('error WORKSPACE_NOT_FOUND') as unknown,
    })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('a command waits for another that has the workspace open', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-waiting-'))
  try {
    const workspace = await initWorkspace(folder)
    const app = await createApp({
      workspace,
      config: await loadConfig({ workspace, env: {} }),
      command: 'fovea import',
    })
    const waiting = runCaptured(['datasets', '--json'], { cwd: folder })
    await new Promise((resolve) => setTimeout(resolve, 400))
    await app.close()
    expect(await waiting).toMatchObject({ code: 0, err: '' })
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
})

test('what is in the pictures is told in tables', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-looks-'))
  const told = async (...args: string[]): Promise<string> => {
    const { code, out, err } = await runCaptured(args, { cwd: folder })
    expect([args, code, err.replaceAll(/^\w+ +[\d,]+ \/ .*\n/gm, '')]).toEqual([args, 0, ''])
    return out
  }
  try {
    await told('init')
    await told('demo', 'make', 'tiles', '--tiles', '6')
    await told('import', 'tiles')
    const samples = Number(await told('query', '--count'))
    expect(await told('spaces')).toBe('No space yet. Make one with: fovea embed\n')
    expect(await told('embed', '--model', 'pixels')).toMatch(`pixels: ${samples} vectors of 1024 numbers made`)
    expect(await told('spaces')).toMatch(/^SPACE .*\npixels +samples +pixels +\d+ +1,024/)
    expect(await told('similar', 's_1', '--limit', '2')).toMatch(/^SAMPLE +COSINE +PATH\ns_/)
    expect(await told('map', '--method', 'pca')).toMatch(`${samples} points on the pca map of pixels`)
    const map = JSON.parse(await told('map', 'id = s_1', '--method', 'pca', '--json')) as { points: object[] }
    expect(map.points).toMatchObject([{ sample: 's_1', label: null }])
    expect(await told('cluster', '--method', 'kmeans', '--k', '2')).toMatch(/^CLUSTER[^]*\n2 clusters in the field/)
    expect(await told('score')).toMatch(`${samples} samples scored: uniqueness, representativeness.`)
    expect(await told('outliers')).toMatch(/outliers? beyond \d\.\d{4}, in the fields/)
    expect(await told('select', '--budget', '2')).toMatch(/^s_\d+\t.*\ns_\d+\t.*\n2 samples chosen by coverage/)
    expect(await told('explain', 'class = "crack"')).toMatch(/^QUERY +PRECISION +RECALL +SAMPLES\n/)
    expect(await told('models', 'show', 'pixels')).toMatch(/^MODEL[^]*\nSource: fovea\nFingerprint: pixels-1\n$/)
    expect(await told('spaces', 'rm', 'pixels', '--yes')).toBe('Removed space pixels.\n')
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}, 240_000)
