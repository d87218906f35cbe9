import { mkdir, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, findWorkspace, initWorkspace, loadConfig, type App } from '#app'
import { FoveaError } from '#base'
import type { Report } from '#contract'
import { startServer } from '#server'
import { encodeColourNetwork, writeTaskModel } from '../src/models/tasks/testing.ts'
import { runCaptured, type CliRun } from './support/cli.ts'
import { send } from './support/request.ts'

let root: string
let app: App
const run = (...args: string[]): Promise<CliRun> => runCaptured(args, { cwd: join(root, 'w') })
const call = <T = Record<string, unknown>>(id: string, input: object = {}): Promise<T> =>
  app.call(id, input) as Promise<T>
const refusal = (id: string, input: object): Promise<object> =>
  call(id, input).then(
    () => ({ code: 'nothing was refused' }),
    (error: FoveaError) => ({ code: error.code, hint: error.hint }),
  )
const open = async (): Promise<App> => {
  const found = await findWorkspace({ cwd: join(root, 'w') })
  return createApp({
    workspace: found,
    config: await loadConfig({ workspace: found, env: {}, flags: { 'server.port': '0' } }),
  })
}

async function paint(folder: string, name: string, shade: string, width = 32): Promise<void> {
  await mkdir(join(root, 'pictures', folder), { recursive: true })
  await sharp({ create: { width, height: 24, channels: 3, background: shade } })
    .png()
    .toFile(join(root, 'pictures', folder, name))
}

const suite = `version: 1
suites:
  default:
    checks:
      - drift: { field: width }
      - label-drift
      - new-labels
      - volume: { min_ratio: 0.5 }
      - lineage
  kept:
    against: accepted
    checks: [label-drift, new-labels]
`

/** Thirty pictures of two classes, committed as v1 and called accepted. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-versions-story-'))
  for (let i = 0; i < 30; i++)
    await paint(i % 3 === 0 ? 'cracked' : 'good', `${i}.png`, `rgb(${40 + i}, ${90 + 2 * i}, 120)`, 30 + (i % 5))
  await mkdir(join(root, 'w'))
  await initWorkspace(join(root, 'w'))
  await writeFile(join(root, 'w', 'fovea.checks.yaml'), suite)
  app = await open()
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'tiles' })
  await call('slice.save', { name: 'narrow', query: 'width < 32' })
  await call('versions.commit', { message: 'First delivery', tag: 'accepted' })
}, 120_000)
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

const outcomesOf = ({ checks }: Report): Record<string, string> =>
  Object.fromEntries(checks.map(({ id, outcome }) => [id, outcome]))

describe('a version', () => {
  it('is read like a dataset, by every operation that only reads', async () => {
    const dataset = 'tiles@accepted'
    expect(await call('query.count', { dataset, query: 'class = "cracked"' })).toEqual({ count: 10 })
    expect(await call('dataset.show', { dataset })).toMatchObject({ name: 'tiles@v1', samples: 30, labels: 30 })
    expect(await call('sample.show', { sample: 's_1', dataset })).toMatchObject({ dataset: 'tiles@v1' })
    expect(await call('slice.list', { dataset })).toMatchObject({ slices: [{ name: 'narrow', count: 12 }] })
    expect(await call('field.list', { dataset })).toMatchObject({ fields: expect.any(Array) as unknown[] })
    expect(await call('query.tree', { dataset })).toMatchObject({ folders: expect.any(Array) as unknown[] })
    expect(await call('history.list', { dataset })).toMatchObject({ changes: expect.any(Array) as unknown[] })
    const { datasets } = await call<{ datasets: { name: string }[] }>('dataset.list')
    expect(datasets.map(({ name }) => name)).toEqual(['tiles'])
    const to = join(root, 'out')
    expect(await call('dataset.export', { dataset, format: 'jsonl', to })).toMatchObject({ samples: 30 })
    expect((await readdir(to)).length).toBeGreaterThan(1)
  })

  it('refuses every change, and says where to make it', async () => {
    const dataset = 'tiles@v1'
    const writes: [string, object][] = [
      ['sample.tag', { query: '', tags: ['x'] }],
      ['sample.untag', { query: '', tags: ['x'] }],
      ['sample.set', { query: '', field: 'note', value: 'x' }],
      ['sample.delete', { query: 'width > 0' }],
      ['field.add', { name: 'line', type: 'string' }],
      ['field.remove', { name: 'line' }],
      ['slice.save', { name: 'x', query: '' }],
      ['slice.remove', { name: 'narrow' }],
      ['dataset.delete', {}],
      ['dataset.edit-card', { owner: 'us' }],
      ['ontology.edit-class', { class: 'good', definition: 'x' }],
      ['history.undo', {}],
      ['history.redo', {}],
      ['spaces.embed', { model: 'pixels' }],
      ['spaces.remove', { space: 'pixels' }],
      ['spaces.map', {}],
      ['spaces.cluster', {}],
      ['curation.outliers', {}],
      ['curation.score', {}],
      ['curation.select', { budget: 1, tag: 'x' }],
      ['curation.autotag', {}],
      ['models.detect', { model: 'none' }],
      ['models.predict', { model: 'none' }],
      ['quality.label-errors', {}],
      ['quality.accept', {}],
      ['split.assign', { ratios: 'train=.5,val=.5' }],
      ['versions.commit', { message: 'x' }],
    ]
    for (const [id, input] of writes)
      expect([id, await refusal(id, { ...input, dataset })]).toEqual([
        id,
        { code: 'VERSION_READ_ONLY', hint: expect.stringContaining('--dataset "tiles"') as string },
      ])
    expect(await refusal('dataset.import', { path: join(root, 'pictures'), dataset })).toMatchObject({
      code: 'INPUT_INVALID',
    })
    expect(await refusal('query.count', { dataset: 'tiles@v9' })).toEqual({
      code: 'VERSION_NOT_FOUND',
      hint: 'Did you mean v1?',
    })
  })

  it('has its pictures, also when the files are gone or changed', async () => {
    const server = await startServer({ app })
    try {
      const { source } = await app
        .call('sample.show', { sample: 's_1' })
        .then((shown) => (shown as { sample: { fields: { source: string } } }).sample.fields)
      const before = await readFile(source)
      await writeFile(source, 'something else')
      const { token } = JSON.parse(await readFile(app.workspace.serverFile, 'utf8')) as { token: string }
      const headers = { authorization: `Bearer ${token}` }
      const media = await app.media.locate('s_1', 'tiles@v1')
      expect(await readFile(media.file)).toEqual(before)
      const answer = await send(`${server.url}/media/s_1?dataset=tiles@v1`, { headers })
      expect([answer.status, answer.headers['content-length']]).toEqual([200, String(before.length)])
      await rm(source)
      const to = join(root, 'again')
      await call('dataset.export', { dataset: 'tiles@v1', format: 'jsonl', to, query: 'id = "s_1"' })
      expect((await readdir(to, { recursive: true })).some((name) => name.endsWith('.png'))).toBe(true)
      await writeFile(source, before)
    } finally {
      await server.close()
    }
  })
})

describe('fovea check --against', () => {
  it('passes where nothing changed', async () => {
    expect(outcomesOf(await call('check.run', { against: 'v1' }))).toEqual({
      drift: 'pass',
      'label-drift': 'pass',
      'new-labels': 'pass',
      volume: 'pass',
      lineage: 'pass',
    })
  })

  it('finds drift and a new class since a version', async () => {
    for (let i = 0; i < 40; i++) await paint('stained', `new-${i}.png`, `rgb(200, ${i}, 10)`, 80 + i)
    await call('dataset.import', { path: join(root, 'pictures'), dataset: 'tiles' })
    for (const against of ['v1', 'accepted', 'version:accepted', 'dataset:tiles@v1', 'latest']) {
      const report = await call<Report>('check.run', { against })
      expect([against, outcomesOf(report)]).toEqual([
        against,
        { drift: 'warn', 'label-drift': 'warn', 'new-labels': 'fail', volume: 'pass', lineage: 'pass' },
      ])
      expect(report.against).toBe(against)
    }
    // Held against itself as it is, nothing moved; a slice by its name is compared with as before.
    expect(outcomesOf(await call('check.run', { dataset: 'tiles@v1', against: 'v1' }))['label-drift']).toBe('pass')
    expect(await call('check.run', { against: 'narrow' })).toMatchObject({ against: 'narrow' })
  })

  it('refuses what is neither version nor slice, or both, before anything runs', async () => {
    expect(await refusal('check.run', { against: 'acepted' })).toEqual({
      code: 'VERSION_NOT_FOUND',
      hint: 'Did you mean accepted?',
    })
    expect(await refusal('check.run', { against: 'narow' })).toEqual({
      code: 'VERSION_NOT_FOUND',
      hint: 'Did you mean narrow?',
    })
    await call('versions.tag', { ref: 'v1', name: 'narrow' })
    expect(await refusal('check.run', { against: 'narrow' })).toEqual({
      code: 'INPUT_INVALID',
      hint: 'Say which to compare with: version:narrow or slice:narrow.',
    })
    expect(await call('check.run', { against: 'slice:narrow' })).toMatchObject({ against: 'slice:narrow' })
    await call('versions.untag', { name: 'narrow' })
    await writeFile(
      join(root, 'w', 'other.yaml'),
      'version: 1\nsuites:\n  default:\n    against: nowhere\n    checks:\n      - label-drift\n',
    )
    const error = await call('check.run', { file: join(root, 'w', 'other.yaml') }).catch((caught: FoveaError) => caught)
    expect(error).toMatchObject({
      code: 'SUITE_INVALID',
      details: { problems: [{ line: 4, message: expect.stringContaining('nowhere') as string }] },
    })
  })
})

describe('models and a version', () => {
  it('are judged on it, with figures and evidence and no change of the data', async () => {
    const folder = await mkdtemp(join(root, 'model-'))
    await writeTaskModel(folder, {
      task: 'classification',
      output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
      network: encodeColourNetwork(),
      classes: ['stained', 'good', 'cracked'],
    })
    await call('registry.register', { path: folder, name: 'painter' })
    const history = await call('history.list', {})
    const judged = await call('evaluation.model', { model: 'painter', dataset: 'tiles@accepted', rounds: 0 })
    expect(judged).toMatchObject({ dataset: 'tiles@v1', samples: 30, change: null, fields: [], labels: null })
    expect(await call('evaluation.show', { model: 'painter' })).toMatchObject({ dataset: 'tiles@v1', samples: 30 })
    const some = { model: 'painter', dataset: 'tiles@v1', samples: ['s_1', 's_2'], rounds: 0 }
    expect(await call('evaluation.model', some)).toMatchObject({ samples: 2 })
    await writeFile(
      join(root, 'w', 'fovea.gates.yaml'),
      'version: 1\ngates:\n  g:\n    dataset: tiles@v1\n    checks: [kept]\n    size: { maxMb: 1 }\n',
    )
    expect(await call('gate.run', { model: 'painter' })).toMatchObject({
      passed: true,
      dataset: 'tiles@v1',
      samples: 30,
    })
    expect(await call('history.list', {})).toEqual(history)
  })

  it('share the vectors of the dataset', async () => {
    await call('spaces.embed', { model: 'pixels' })
    const query = 'similar("s_1") >= -1'
    expect(await call('query.count', { dataset: 'tiles', query })).toEqual({ count: 70 })
    expect(await call('query.count', { dataset: 'tiles@v1', query })).toEqual({ count: 30 })
    const { neighbours } = await call<{ neighbours: { sample: string }[] }>('spaces.similar', {
      dataset: 'tiles@v1',
      like: 's_1',
      limit: 100,
    })
    expect(neighbours).toHaveLength(29)
    expect(await call('curation.duplicates', { dataset: 'tiles@v1', save: false })).toMatchObject({ change: null })
    expect(await refusal('curation.duplicates', { dataset: 'tiles@v1' })).toMatchObject({ code: 'VERSION_READ_ONLY' })
  })
})

describe('the command line', () => {
  it('commits, lists, shows, compares and names versions', async () => {
    await app.close()
    try {
      const made = await run('commit', '-m', 'Stains came in', '--tag', 'stained')
      expect(made).toMatchObject({ code: 0, out: expect.stringContaining('as tiles@v2 (stained)') as string })
      expect((await run('commit', '-m', 'again')).out).toMatch(/^Nothing changed since tiles@v2/)
      expect((await run('versions')).out).toMatch(/tiles@v2 +stained .*samples \+40/)
      expect((await run('versions', 'tiles', '--json')).json()).toMatchObject({ total: 2 })
      expect((await run('versions', 'show', 'tiles@stained')).out).toContain('Stains came in')
      expect((await run('diff', 'v1', 'v2', '--limit', '2')).out).toMatch(/samples: 40 added, 0 removed, 0 changed/)
      expect((await run('diff', 'v2')).out).toBe('tiles: v2 → now: nothing differs.\n')
      expect(await run('diff', 'v1', '--dataset', 'tiles@v2')).toMatchObject({
        code: 2,
        err: expect.stringContaining('got the version tiles@v2') as string,
      })
      expect(await run('versions', 'tag', 'v1', 'stained')).toMatchObject({ code: 4 })
      expect((await run('versions', 'tag', 'v1', 'stained', '--move')).out).toContain('moved from v2')
      expect(await run('check', '--against', 'v1', '--scope', 'class = "good"')).toMatchObject({ code: 0 })
      expect(await run('check', '--against', 'v1')).toMatchObject({ code: 1 })
      expect(await run('tag', '', 'x', '--dataset', 'tiles@v1')).toMatchObject({
        code: 4,
        err: expect.stringContaining('VERSION_READ_ONLY') as string,
      })
      expect((await run('show', 's_1', '--dataset', 'tiles@v1')).out).toContain('tiles@v1')
    } finally {
      app = await open()
    }
  })
})
