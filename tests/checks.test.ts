import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, findWorkspace, initWorkspace, loadConfig } from '#app'
import type { Report } from '#contract'
import { startServer } from '#server'
import { runCaptured, type CliRun } from './support/cli.ts'
import { post, send } from './support/request.ts'

let root: string
const run = (...args: string[]): Promise<CliRun> => runCaptured(args, { cwd: root })
const suite = (checks: string, name = 'fovea.checks.yaml'): Promise<void> =>
  writeFile(join(root, name), `version: 1\nsuites:\n  default:\n    checks:\n${checks}`)
const reports = (): Promise<string[]> => readdir(join(root, '.fovea', 'reports')).catch(() => [])

beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-checks-'))
  await initWorkspace(root)
  expect(await run('demo', 'make', join(root, 'demo'), '--tiles', '12')).toMatchObject({ code: 0 })
  expect(await run('import', join(root, 'demo'))).toMatchObject({ code: 0 })
}, 240_000)
afterAll(() => rm(root, { recursive: true, force: true }))

describe('fovea check', () => {
  it('says what to do when there is no suite', async () => {
    const { code, err } = await run('check')
    expect(code).toBe(2)
    expect(err).toContain('SUITE_NOT_FOUND')
    expect(err).toContain('fovea check --init')
  })

  it('writes a suite from the data, which the data pass but for real faults', async () => {
    expect(await run('check', '--init')).toMatchObject({
      code: 0,
      out: expect.stringContaining('Next: fovea check') as string,
    })
    const text = await readFile(join(root, 'fovea.checks.yaml'), 'utf8')
    expect(text).toContain('# Seen: ')
    const [, schema] = /^# yaml-language-server: \$schema=(\S+)$/m.exec(text)!
    expect(JSON.parse(await readFile(join(root, schema!), 'utf8'))).toMatchObject({ title: 'fovea.checks.yaml' })
    const checked = await run('check', '--json')
    const { checks } = checked.json() as unknown as Report
    expect(checks.length).toBeGreaterThan(20)
    // The demo has broken files planted in it; nothing else of it is a fault by itself.
    expect(checks.filter(({ outcome }) => outcome !== 'pass').map(({ id }) => id)).toEqual(['unreadable'])
    expect(checked.code).toBe(1)
    expect(await run('check', '--init')).toMatchObject({
      code: 5,
      err: expect.stringContaining('--overwrite') as string,
    })
    expect(await run('check', '--init', '--overwrite')).toMatchObject({ code: 0 })
  })

  it.each([
    ['passes', '      - expect: count() >= 1\n', [], 0],
    ['warns', '      - expect: count() = 0\n        severity: warn\n', [], 0],
    ['fails', '      - expect: count() = 0\n', [], 1],
    ['sees nothing', '      - expect: mean(labels.area.max) < 1\n        scope: objects = 0\n', [], 0],
    [
      'sees nothing at a gate',
      '      - expect: mean(labels.area.max) < 1\n        scope: objects = 0\n',
      ['--gate'],
      1,
    ],
    ['passes a gate', '      - expect: count() >= 1\n', ['--gate'], 0],
    ['is broken', '      - exepct: count() = 0\n', [], 2],
    ['asks for what is not there', '      - expect: count(wdith > 3) = 0\n', [], 2],
  ])('a suite that %s ends accordingly', async (_, checks, flags, code) => {
    await suite(checks)
    const before = await reports()
    expect((await run('check', ...flags)).code).toBe(code)
    expect((await reports()).length).toBe(before.length + (code === 2 ? 0 : 1))
  })

  it('shows what was found and how to find it again', async () => {
    await suite('      - expect: max(width) < 200\n        id: narrow\n')
    const { out } = await run('check')
    expect(out).toMatch(/^fail +narrow +\d+ +< 200 +\d+ of \d+ samples$/m)
    const [, query] = /fovea query '(.+)' --dataset/.exec(out)!
    expect(query).toBe('width >= 200')
    expect((await run('query', query!, '--count')).out.trim()).toBe(/(\d+) of \d+ samples/.exec(out)![1])
  })

  it('points at every fault of the file, in words and as JSON', async () => {
    await suite('      - drak\n      - dark: {max_shere: 1}\n')
    const { err } = await run('check')
    expect(err).toContain('fovea.checks.yaml:5:9: There is no check "drak". Did you mean dark?')
    expect(err).toContain('fovea.checks.yaml:6:16: dark takes no "max_shere". Did you mean max_share?')
    const json = await run('check', '--json')
    expect(JSON.parse(json.err)).toMatchObject({
      error: { code: 'SUITE_INVALID', details: { problems: [{ line: 5, column: 9 }, { line: 6 }] } },
    })
  })

  it('writes reports for browsers, CI systems and pull requests', async () => {
    await suite('      - expect: max(width) < 200\n')
    const files = ['--report', 'out.html', '--junit', 'out.xml', '--markdown', 'out.md']
    expect((await run('check', ...files)).code).toBe(1)
    const page = await readFile(join(root, 'out.html'), 'utf8')
    expect(page).toMatch(/^<!doctype html>/i)
    expect(page).not.toContain('stroke="#123456"')
    const { classes } = (await run('ontology', 'show', '--json')).json() as { classes: { name: string }[] }
    for (const { name } of classes)
      expect((await run('ontology', 'edit-class', name, '--color', '#123456')).code).toBe(0)
    expect((await run('check', 'report', '--format', 'html')).out).toContain('stroke="#123456"')
    expect(await readFile(join(root, 'out.xml'), 'utf8')).toContain('<testsuite')
    expect(await readFile(join(root, 'out.md'), 'utf8')).toContain('The largest of width is')
    expect(await run('check', '--junit', join(root, 'no', 'such', 'out.xml'))).toMatchObject({ code: 2 })
  })

  it('compares with a slice, takes an environment, keeps to a scope', async () => {
    await writeFile(
      join(root, 'other.yaml'),
      'version: 1\nparameters: {most: 0}\nenvironments: {loose: {most: 100000}}\nsuites:\n  one:\n    checks:\n      - expect: count() <= ${most}\n      - label-drift\n',
    )
    expect(await run('slice', 'save', 'wide', 'width > 200')).toMatchObject({ code: 0 })
    const strict = await run('check', 'one', '--file', 'other.yaml', '--json')
    expect((strict.json() as unknown as Report).checks.map(({ outcome }) => outcome)).toEqual(['fail', 'empty'])
    const loose = await run(
      'check',
      'one',
      '--file',
      'other.yaml',
      '--env',
      'loose',
      '--against',
      'slice:wide',
      '--scope',
      'width > 150',
      '--json',
    )
    expect(loose.json()).toMatchObject({
      scope: 'width > 150',
      against: 'slice:wide',
      environment: 'loose',
      checks: [{ outcome: 'pass' }, { looked: expect.any(Number) as number }],
    })
    expect((await run('check', 'two', '--file', 'other.yaml')).err).toContain('Known: one.')
    expect((await run('check', 'one', '--file', 'other.yaml', '--env', 'lose')).err).toContain('Did you mean loose?')
    expect(await run('check', '--init', '--gate')).toMatchObject({ code: 2 })
  })

  it('lists kinds, suites and reports', async () => {
    expect((await run('checks')).out).toMatch(/^dark +pictures +warn/m)
    expect((await run('check', 'suites', '--file', 'other.yaml')).out).toMatch(/^one +2$/m)
    expect((await run('check', 'history', '--limit', '1')).out).toMatch(/^r_\d+ /m)
    expect((await run('check', 'report', '--format', 'markdown')).code).toBe(0)
    expect((await run('check', 'report', 'r_999')).code).toBe(4)
  })

  it('says beside a query what it does not name', async () => {
    await suite('      - time-gaps: {max_found: 99}\n      - exact-duplicates\n')
    const made = (await run('check', '--json')).json() as unknown as Report
    expect(made.checks.map(({ queryNames }) => queryNames)).toEqual([undefined, undefined])
    const checks = made.checks.map((check) => ({ ...check, outcome: 'warn', query: 'id in ("s_1")' }))
    checks[1]!.queryNames = { named: 1_000, of: 1_344 }
    await writeFile(
      join(root, '.fovea', 'reports', 'r_900.json'),
      JSON.stringify({ ...made, id: 'r_900', checks, counts: { ...made.counts, warn: 2 } }),
    )
    const { out } = await run('check', 'report', 'r_900')
    expect(out.match(/note: .*/g)).toEqual(['note: The query names only 1,000 of the 1,344 samples found.'])
    expect((await run('check', 'report', 'r_900', '--json')).json()).toMatchObject({
      report: { checks: [{}, { queryNames: { named: 1_000, of: 1_344 } }] },
    })
    await rm(join(root, '.fovea', 'reports', 'r_900.json'))
  })
})

it('custom checks run for the owner alone, and no one else names files elsewhere', async () => {
  await writeFile(
    join(root, 'own.ts'),
    'export default async (data: { count(): Promise<number> }) => ({ pass: true, looked: await data.count(), message: "Fine." })\n',
  )
  await suite('      - custom: ./own.ts\n')
  expect(await run('check')).toMatchObject({ code: 0, out: expect.stringMatching(/^pass +custom-own-ts/m) as string })
  const workspace = await findWorkspace({ cwd: root })
  const app = await createApp({
    workspace,
    config: await loadConfig({ workspace, env: {}, flags: { 'server.port': '0' } }),
  })
  const server = await startServer({ app })
  try {
    expect(await run('check')).toMatchObject({ code: 0 })
    const metrics = await send(`${server.url}/metrics`)
    expect(metrics.headers['content-type']).toContain('text/plain; version=0.0.4')
    expect(metrics.text).toContain(
      'fovea_check_outcome{suite="default",check="custom-own-ts",dataset="demo",outcome="pass"} 1\n',
    )
    expect(metrics.text).toMatch(/^fovea_check_last_run_timestamp_seconds\{suite="default",dataset="demo"\} 1\d{9}/m)
    for (const line of metrics.text.trimEnd().split('\n'))
      expect(line).toMatch(/^(# (HELP|TYPE) fovea_\w+ .+|fovea_\w+\{(\w+="[^"]*",?)+\} [-\d.e+]+)$/)
    expect((await send(`${server.url}/metrics`, { headers: { authorization: 'Bearer wrong' } })).status).toBe(403)
    const refused = await post(`${server.url}/api/check.run?wait=1`, {})
    expect(refused.json()).toMatchObject({
      code: 'SUITE_INVALID',
      details: { problems: [{ line: 5, message: expect.stringContaining('only the owner') as string }] },
    })
    expect((await post(`${server.url}/api/check.run?wait=1`, { file: '/etc/passwd' })).json()).toMatchObject({
      code: 'PATH_OUTSIDE',
    })
    expect((await post(`${server.url}/api/check.init?wait=1`, { file: '/tmp/x.yaml' })).json()).toMatchObject({
      code: 'PATH_OUTSIDE',
    })
  } finally {
    await server.close()
    await app.close()
  }
})

it.each(['the job', 'the command'])(
  'cancelling %s midway leaves no report, and the same check runs afterwards',
  async (what) => {
    const [hold, begun] = [join(root, 'hold'), join(root, 'begun')].map((file) => JSON.stringify(file))
    await writeFile(join(root, 'hold'), '')
    await writeFile(
      join(root, 'slow.ts'),
      `import { existsSync, writeFileSync } from 'node:fs'
export default () => {
  writeFileSync(${begun}, '')
  while (existsSync(${hold}));
  return { pass: true, looked: 1, message: 'Done.' }
}
`,
    )
    await suite('      - expect: count() > 0\n      - custom: ./slow.ts\n')
    const workspace = await findWorkspace({ cwd: root })
    const app = await createApp({
      workspace,
      config: await loadConfig({ workspace, env: {}, flags: { 'server.port': '0' } }),
    })
    const server = await startServer({ app })
    const ask = async (id: string, input: object): Promise<Record<string, unknown>> =>
      (await post(`${server.url}/api/${id}`, input)).json()
    try {
      const [files, history] = [await reports(), await ask('check.history', {})]
      const stop = new AbortController()
      const checked = runCaptured(['check'], { cwd: root, signal: stop.signal })
      await expect.poll(() => existsSync(join(root, 'begun')), { timeout: 60_000 }).toBe(true)
      const { jobs } = (await ask('job.list', { state: 'running' })) as { jobs: { id: string }[] }
      expect(jobs).toMatchObject([
        { operation: 'check.run', progress: { stage: 'custom-slow-ts', done: 1, total: 2, unit: 'checks' } },
      ])
      if (what === 'the command') stop.abort()
      else expect((await send(`${server.url}/api/jobs/${jobs[0]!.id}`, { method: 'DELETE' })).status).toBe(200)
      expect(await checked).toMatchObject({ code: 130, err: expect.stringContaining('CANCELLED') as string })
      await expect
        .poll(() => ask('job.show', { job: jobs[0]!.id }), { timeout: 60_000 })
        .toMatchObject({ job: { state: 'cancelled', result: null } })
      expect(await reports()).toEqual(files)
      expect(await ask('check.history', {})).toEqual(history)

      await rm(join(root, 'hold'))
      expect(await run('check')).toMatchObject({
        code: 0,
        out: expect.stringMatching(/^pass +custom-slow-ts/m) as string,
      })
      expect((await reports()).length).toBe(files.length + 1)
    } finally {
      for (const name of ['hold', 'begun']) await rm(join(root, name), { force: true })
      await server.close()
      await app.close()
    }
  },
  120_000,
)

it('keeps as many reports as the settings say, the newest', async () => {
  await suite('      - expect: count() > 0\n')
  for (const keep of [3, 2]) {
    for (let n = 0; n < 4; n++)
      expect(await runCaptured(['check'], { cwd: root, env: { FOVEA_CHECKS_KEEP: String(keep) } })).toMatchObject({
        code: 0,
      })
    const { reports: kept } = (await run('check', 'history', '--json')).json() as { reports: { id: string }[] }
    expect(kept.map(({ id }) => `${id}.json`).toSorted()).toEqual((await reports()).toSorted())
    expect(kept.length).toBe(keep)
  }
})
