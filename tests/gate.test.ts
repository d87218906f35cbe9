import { mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { parse as parseYaml } from 'yaml'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import type { GateEvidence } from '#contract'
import { encodeColourNetwork, writeTaskModel } from '../src/models/tasks/testing.ts'

let root: string
let app: App
const call = <T = Record<string, unknown>>(id: string, input: object = {}): Promise<T> =>
  app.call(id, input) as Promise<T>
const shades = { red: '#b02020', green: '#20b020', blue: '#2020b0' } as const
const gateFile = (): string => join(root, 'w', 'fovea.gates.yaml')

async function register(name: string, classes: readonly string[], run?: string): Promise<void> {
  const folder = await mkdtemp(join(root, 'model-'))
  await writeTaskModel(folder, {
    task: 'classification',
    output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
    network: encodeColourNetwork(),
    classes,
  })
  await call('registry.register', { path: folder, name, ...(run === undefined ? {} : { run }) })
}

/** Writes a gate of these lines and holds a model against it. */
async function hold(model: string, lines: string): Promise<GateEvidence> {
  await writeFile(gateFile(), `version: 1\ngates:\n  g:\n${lines.replaceAll(/^/gm, '    ')}\n`)
  return call<GateEvidence>('gate.run', { model, dataset: 'colours' })
}

/** Twelve pictures of each colour, no two alike; every fourth is for testing. */
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-gate-'))
  for (const [name, shade] of Object.entries(shades)) {
    await mkdir(join(root, 'pictures', name), { recursive: true })
    for (let i = 0; i < 12; i++) {
      const dot = await sharp({ create: { width: 4 + i, height: 3 + (i % 5), channels: 3, background: '#fff' } })
        .png()
        .toBuffer()
      await sharp({ create: { width: 40, height: 32, channels: 3, background: shade } })
        .composite([{ input: dot, left: 2 * i, top: i }])
        .png()
        .toFile(join(root, 'pictures', name, `${name}-${i}.png`))
    }
  }
  await mkdir(join(root, 'w'))
  const workspace = await initWorkspace(join(root, 'w'))
  app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  await call('dataset.import', { path: join(root, 'pictures'), dataset: 'colours' })
  await call('sample.set', {
    dataset: 'colours',
    query: 'path ~ "*-3.png" or path ~ "*-7.png"',
    field: 'split',
    value: 'test',
  })
  await register('painter', ['red', 'green', 'blue'])
  await register('mixer', ['green', 'red', 'blue'])
})
afterAll(async () => {
  await app.close()
  await rm(root, { recursive: true, force: true })
})

const outcomesOf = ({ outcomes }: GateEvidence): string[] =>
  outcomes.map(({ kind, name, passed, found }) => `${passed ? 'ok' : 'missed'} ${kind} ${name}: ${found}`)

describe('a gate', () => {
  test('lets a good model through and keeps the evidence beside it, as a run', async () => {
    const evidence = await hold(
      'painter',
      `data: split = "test"
metrics: { accuracy: { min: 0.9 } }
slices: [{ name: reds, where: class = "red", metrics: { accuracy: { min: 1 } } }]
size: { maxMb: 1 }
latency: { p95Ms: 60000, pictures: 3 }`,
    )
    expect(evidence).toMatchObject({ model: 'painter:1', passed: true, samples: 6, dataset: 'colours' })
    expect(evidence.outcomes.map(({ kind }) => kind)).toEqual(['size', 'metric', 'slice', 'latency'])
    const { run } = await call<{ run: object }>('run.show', { run: evidence.run })
    expect(run).toMatchObject({ kind: 'gate', state: 'done', model: 'painter:1', tags: { gate: 'g', passed: 'true' } })
    const kept = await call<{ text: string }>('registry.evidence', { model: 'painter:1', name: 'gate-g.json' })
    expect(JSON.parse(kept.text)).toEqual(evidence)
  })

  test('keeps a bad one out and says all that was missed, not the first thing only', async () => {
    const evidence = await hold(
      'mixer',
      `metrics: { accuracy: { min: 0.9 }, nonsense: { min: 0 } }
slices:
  - { name: none, where: width > 9999, metrics: { accuracy: { min: 0 } } }
  - { name: blues, where: class = "blue", metrics: { accuracy: { min: 1 } } }
size: { maxMb: 0.000001 }`,
    )
    expect(evidence.passed).toBe(false)
    const said = outcomesOf(evidence)
    expect(said).toHaveLength(5)
    expect(said.filter((line) => line.startsWith('ok'))).toEqual(['ok slice blues: accuracy: 1'])
    expect(said).toContain('missed metric accuracy: 0.3333')
    expect(said.find((line) => line.includes('nonsense'))).toMatch(/there is no figure nonsense; there are .*accuracy/)
    expect(said).toContain('missed slice none: 0 samples')
  })

  test('holds a version against the champion over the same samples', async () => {
    const lines = 'champion: { metrics: { accuracy: { drop: 0.1 } } }'
    const alone = await hold('painter', lines)
    expect(outcomesOf(alone)).toEqual(['ok champion accuracy: nothing stands at painter@champion'])
    await call('registry.alias', { model: 'painter', alias: 'champion', number: 1 })
    expect(outcomesOf(await hold('painter:1', lines))).toEqual([
      'ok champion accuracy: painter@champion is this version',
    ])
    await register('painter', ['green', 'red', 'blue'])
    const worse = await hold('painter:2', lines)
    expect(worse.passed).toBe(false)
    expect(worse.outcomes[0]!.found).toMatch(/^1 → 0.3333, difference -0.6667 \(95 %: -/)
  })

  test('asks for golden pictures, and finds an answer that is no longer given', async () => {
    const lines = 'golden: { score: 0.01 }'
    expect((await hold('mixer', lines)).outcomes[0]).toMatchObject({ passed: false, name: 'golden pictures' })
    const kept = await call<{ pictures: string[] }>('gate.golden', { model: 'mixer', dataset: 'colours', count: 3 })
    expect(kept.pictures).toEqual(['01.png', '02.png', '03.png'])
    expect(outcomesOf(await hold('mixer', lines))).toEqual([
      'ok golden 01.png: as recorded',
      'ok golden 02.png: as recorded',
      'ok golden 03.png: as recorded',
    ])
    const { version } = await call<{ version: { folder: string } }>('registry.show', { model: 'mixer:1' })
    const record = join(`${version.folder}.attached`, 'golden', 'expected.json')
    const text = await readFile(record, 'utf8')
    await writeFile(record, text.replace(/"score":0\.\d+/, '"score":0.01'))
    expect((await hold('mixer', lines)).passed).toBe(false)
    await writeFile(record, 'damaged')
    await expect(hold('mixer', lines)).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })

  test('judges pictures made worse', async () => {
    const evidence = await hold(
      'painter:1',
      `robustness:
  - { corruption: jpeg, metrics: { accuracy: { drop: 0.05 } } }
  - { corruption: rotation, severity: 5, metrics: { accuracy: { min: 0.9 } } }
  - { corruption: brightness, severity: 5, metrics: { meanNothing: { drop: 0.1 } } }`,
    )
    expect(evidence.outcomes.map(({ name, passed }) => [name, passed])).toEqual([
      ['jpeg 2: accuracy from 1', true],
      ['rotation 5: accuracy', true],
      ['brightness 5: meanNothing', false],
    ])
  })

  test('finds pictures that the training has seen, by what the run says', async () => {
    const lines = 'data: split = "test"\nleakage: {}'
    expect((await hold('painter:1', lines)).outcomes[0]).toMatchObject({
      passed: false,
      found: expect.stringContaining('the version has no run'),
    })
    const { run: seen } = await hold('painter:1', 'size: { maxMb: 1 }')
    const ids = async (query: string): Promise<number[]> =>
      (await call<{ rows: { id: string }[] }>('query.run', { dataset: 'colours', query, limit: 100 })).rows.map(
        ({ id }) => Number(id.slice(2)),
      )
    const selection = join(app.workspace.runs, seen, 'artefacts', 'selection.json')
    await register('taught', ['red', 'green', 'blue'], seen)
    await writeFile(selection, JSON.stringify({ dataset: 'colours', train: await ids('split = "test"') }))
    const leaking = await hold('taught', lines)
    expect(leaking.passed).toBe(false)
    expect((await ids(leaking.outcomes[0]!.query!)).length).toBe(6)
    await writeFile(selection, JSON.stringify({ dataset: 'colours', train: await ids('path ~ "*-0.png"') }))
    expect(outcomesOf(await hold('taught', lines))[0]).toMatch(/^ok leakage .*: none among 3 learnt from and 6 judged$/)
  })

  test('runs suites of data tests', async () => {
    await writeFile(
      join(root, 'w', 'fovea.checks.yaml'),
      'version: 1\nsuites:\n  sound:\n    checks:\n      - expect: count() > 0\n  broken:\n    checks:\n      - expect: count() > 1000\n',
    )
    const evidence = await hold('painter:1', 'checks: [sound, broken]')
    expect(evidence.outcomes.map(({ name, passed }) => [name, passed])).toEqual([
      ['sound', true],
      ['broken', false],
    ])
  })

  test('never passes because it had nothing to look at', async () => {
    await expect(hold('painter:1', 'data: width > 9999\nsize: { maxMb: 1 }')).rejects.toMatchObject({
      code: 'INPUT_INVALID',
    })
    expect((await hold('painter:1', 'data: ""')).passed).toBe(false)
    await expect(hold('painter:1', 'metrics: { accuracy: 5 }')).rejects.toMatchObject({ code: 'GATE_INVALID' })
    await expect(call('gate.run', { model: 'painter:1', file: join(root, 'none.yaml') })).rejects.toMatchObject({
      code: 'GATE_INVALID',
    })
    await expect(hold('painter:9', 'size: { maxMb: 1 }')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  test('is written from what a model reaches, passes it, and is not written over', async () => {
    await rm(gateFile())
    const made = await call<{ metrics: Record<string, number> }>('gate.init', {
      model: 'painter:1',
      dataset: 'colours',
    })
    expect(made.metrics['accuracy']).toBe(1)
    const evidence = await call<GateEvidence>('gate.run', { model: 'painter:1' })
    expect(evidence.outcomes.filter(({ passed }) => !passed).map(({ kind }) => kind)).toEqual(['leakage'])
    expect(evidence.outcomes.filter(({ kind }) => kind === 'robustness')).toHaveLength(5)
    await expect(call('gate.init', { model: 'painter:1', dataset: 'colours' })).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    })
  })

  test('is written for the samples of the last evaluation, unless others are named', async () => {
    const dataOf = async (input: object): Promise<unknown> => {
      await rm(gateFile())
      await call('gate.init', { model: 'painter:1', dataset: 'colours', ...input })
      return (parseYaml(await readFile(gateFile(), 'utf8')) as { gates: { release: { data: string } } }).gates.release
        .data
    }
    const query = 'class in ("red", "blue")'
    await call('evaluation.model', { model: 'painter:1', dataset: 'colours', query, rounds: 20, dryRun: false })
    expect(await dataOf({})).toBe(query)
    expect(await dataOf({ query: 'class = "red"' })).toBe('class = "red"')
    expect(await dataOf({ query: '' })).toBe('')
  })
})
