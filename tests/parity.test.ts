import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createApp, initWorkspace, loadConfig, readServerInfo, type App } from '#app'
import { FoveaError } from '#base'
import { startServer } from '#server'
import { writeClassifier } from '../src/models/registry/testing.ts'
import { writeTinyModel } from '../src/models/testing.ts'
import { runCaptured } from './support/cli.ts'
import { makeMore, makeTiles, writeRuns, writeSuites } from './support/parity-files.ts'
import { post } from './support/request.ts'

/** One way to reach fovea. */
interface Face {
  call(id: string, input: Record<string, unknown>): Promise<unknown>
  close(): Promise<void>
}

const openApp = async (root: string, command = 'test'): Promise<App> => {
  const workspace = await initWorkspace(root)
  return createApp({
    workspace,
    config: await loadConfig({ workspace, env: {}, flags: { 'server.port': '0' } }),
    command,
  })
}

const throughCli =
  (root: string): Face['call'] =>
  async (id, input) => {
    const run = await runCaptured([...id.split('.'), '--input', JSON.stringify(input), '--json', '--yes'], {
      cwd: root,
    })
    return run.code === 0 ? run.json() : (JSON.parse(run.err) as unknown)
  }

const faces: Record<string, (root: string) => Promise<Face>> = {
  'in process': async (root) => {
    const app = await openApp(root)
    return {
      call: (id, input) => app.call(id, input).catch((error: FoveaError) => ({ error: error.toBody() })),
      close: () => app.close(),
    }
  },
  'over HTTP': async (root) => {
    const app = await openApp(root)
    const server = await startServer({ app })
    return {
      async call(id, input) {
        const answer = await post(`${server.url}/api/${id}?wait=1`, input)
        return answer.status === 200 ? answer.json() : { error: answer.json() }
      },
      async close() {
        await server.close()
        await app.close()
      },
    }
  },
  'through the command line and a server': async (root) => {
    const app = await openApp(root)
    const server = await startServer({ app })
    expect(await readServerInfo(app.workspace)).toMatchObject({ url: server.url })
    return {
      call: throughCli(root),
      async close() {
        await server.close()
        await app.close()
      },
    }
  },
  'through the command line alone': async (root) => {
    await initWorkspace(root)
    return { call: throughCli(root), close: async () => {} }
  },
}

type Step = [id: string, input: Record<string, unknown>]

/** A working day, with a few mistakes in it. `ROOT` stands for the workspace folder. */
const story: Step[] = [
  ['dataset.list', {}],
  ['dataset.show', {}],
  ['dataset.inspect', { path: 'ROOT/tiles' }],
  ['dataset.inspect', { path: 'ROOT/nowhere' }],
  ['dataset.import', { path: 'ROOT/tiles', dataset: 'tiles' }],
  ['dataset.import', { path: 'ROOT/tiles', dataset: 'tiles' }],
  ['dataset.import', { path: 'ROOT/tiles', format: 'nonsense' }],
  ['dataset.list', {}],
  ['dataset.show', {}],
  ['dataset.problems', {}],
  ['field.list', {}],
  ['ontology.show', {}],
  ['query.count', { query: 'width >= 24' }],
  ['query.run', { query: 'width >= 16 order by width desc', fields: ['width', 'md5'] }],
  ['query.run', { query: 'wdith > 5' }],
  ['query.run', { query: 'width >' }],
  ['query.run', { limit: -1, fields: 'width', querry: '' }],
  ['query.check', { query: 'width > "wide"' }],
  ['query.complete', { query: 'wid', limit: 3 }],
  ['query.tree', {}],
  ['query.stats', { by: ['width', 'class', 'split'] }],
  ['sample.show', { sample: 's_1' }],
  ['sample.show', { sample: 's_999' }],
  ['sample.tag', { query: 'class = "good"', tags: ['checked', 'two words'] }],
  ['query.count', { query: 'tag:checked' }],
  ['history.undo', {}],
  ['query.count', { query: 'tag:checked' }],
  ['history.redo', {}],
  ['query.count', { query: '-tag:checked' }],
  ['sample.untag', { query: 'tag:checked and width = 16', tags: ['checked'] }],
  ['sample.set', { query: 'class = "good"', field: 'split', value: 'train' }],
  ['sample.set', { query: '', field: 'batch', value: 7 }],
  ['sample.set', { query: '', field: 'width', value: 7 }],
  ['field.add', { name: 'line', type: 'string' }],
  ['field.add', { name: 'line', type: 'string' }],
  ['field.remove', { name: 'line' }],
  ['slice.save', { name: 'good-ones', query: 'class = "good"' }],
  ['slice.list', {}],
  ['slice.show', { name: 'good-ones' }],
  ['slice.show', { name: 'bad-ones' }],
  ['slice.remove', { name: 'good-ones' }],
  ['dataset.edit-card', { owner: 'us' }],
  ['ontology.edit-class', { class: 'good', definition: 'No defect' }],
  ['dataset.export', { format: 'coco', to: 'ROOT/out', query: 'class = "good"' }],
  ['dataset.export', { format: 'coco', to: 'ROOT/out' }],
  ['dataset.export', { format: 'yolo', to: 'ROOT/other', dryRun: true }],
  ['versions.commit', { message: 'As imported', tag: 'first' }],
  ['versions.commit', { message: 'Again' }],
  ['sample.delete', { query: 'class = "good"' }],
  ['versions.diff', { before: 'first' }],
  ['query.count', { dataset: 'tiles@first' }],
  ['sample.tag', { dataset: 'tiles@v1', query: '', tags: ['late'] }],
  ['history.undo', {}],
  ['versions.commit', { message: 'Taken back', media: 'reference' }],
  ['versions.list', {}],
  ['versions.show', { ref: 'v1' }],
  ['versions.show', { ref: 'v7' }],
  ['versions.tag', { ref: 'v1', name: 'kept' }],
  ['versions.tag', { ref: 'v1', name: 'latest' }],
  ['versions.untag', { name: 'kept' }],
  ['versions.untag', { name: 'kept' }],
  ['check.run', {}],
  ['check.init', {}],
  ['check.init', {}],
  ['check.suites', {}],
  ['check.list', {}],
  ['check.schema', {}],
  ['check.run', { scope: 'class = "good"' }],
  ['check.run', { scope: 'wdith > 1' }],
  ['check.run', { suite: 'nightly' }],
  ['check.run', { file: 'ROOT/odd.checks.yaml' }],
  ['check.run', { file: 'ROOT/own.checks.yaml', suite: 'strict', against: 'class = "good"', environment: 'ci' }],
  ['check.suites', { file: 'ROOT/own.checks.yaml' }],
  ['check.history', {}],
  ['check.history', { dataset: 'nowhere' }],
  ['check.report', {}],
  ['check.report', { id: 'r_2', format: 'junit' }],
  ['check.report', { format: 'markdown' }],
  ['check.report', { id: 'r_99' }],
  ['models.list', {}],
  ['models.add', { path: 'ROOT/tiny.onnx' }],
  ['models.add', { path: 'ROOT/tiny.onnx', card: 'ROOT/tiny.toml' }],
  ['models.add', { path: 'ROOT/tiny.onnx', card: 'ROOT/tiny.toml' }],
  ['models.show', { model: 'tiny' }],
  ['models.show', { model: 'huge' }],
  ['query.count', { query: 'similar("s_1") > 0.9' }],
  ['dataset.import', { path: 'ROOT/boxed', dataset: 'tiles' }],
  ['spaces.embed', { model: 'huge' }],
  ['spaces.embed', { model: 'tiny', query: 'class = "good"' }],
  ['spaces.embed', { model: 'tiny' }],
  ['spaces.embed', { model: 'tiny' }],
  ['spaces.embed', { model: 'tiny', of: 'labels' }],
  ['spaces.embed', { model: 'pixels', space: 'tiny' }],
  ['spaces.list', {}],
  ['spaces.similar', { like: 's_1', limit: 2 }],
  ['spaces.similar', { like: 'ROOT/tiles/cracked/d.png', query: 'class = "cracked"' }],
  ['spaces.similar', { like: 's_1', space: 'nowhere' }],
  ['spaces.similar', { like: 's_999' }],
  ['query.count', { query: 'similar("s_1") > 0.9' }],
  ['query.run', { query: 'order by similar("s_4") desc limit 2' }],
  ['query.run', { query: 'similar("tile") > 0.9' }],
  ['query.run', { query: 'text("red")' }],
  ['query.run', { query: 'similar("s_1")' }],
  ['spaces.points', {}],
  ['spaces.map', { method: 'pca' }],
  ['spaces.points', { query: 'class = "cracked"' }],
  ['spaces.cluster', { method: 'kmeans', k: 2, field: 'look' }],
  ['curation.duplicates', { by: 'embedding', threshold: 0.99 }],
  ['curation.outliers', {}],
  ['curation.score', {}],
  ['curation.select', { budget: 2, tag: 'label-me' }],
  ['curation.select', { budget: 2, strategy: 'hard' }],
  ['curation.autotag', { min: 0.5 }],
  ['curation.autotag', { space: 'pixels' }],
  ['models.detect', { model: 'tiny' }],
  ['quality.label-errors', { method: 'disagreement', folds: 2, save: false }],
  ['quality.label-errors', { predictions: 'truth' }],
  ['quality.accept', {}],
  ['quality.box-errors', { predictions: 'truth' }],
  ['quality.mask-errors', { predictions: 'nowhere' }],
  ['quality.agreement', {}],
  ['query.explain', { query: 'class = "cracked"' }],
  ['split.assign', { ratios: 'train=.5,val=.5' }],
  ['split.assign', { ratios: 'train=.5,val=.6' }],
  ['split.leaks', { by: 'embedding', threshold: 0.9 }],
  ['dataset.import', { path: 'ROOT/later', dataset: 'tiles' }],
  ['spaces.similar', { like: 's_1' }],
  ['query.count', { query: 'similar("s_1") > 0.9' }],
  ['spaces.list', {}],
  ['spaces.embed', { model: 'tiny' }],
  ['spaces.remove', { space: 'nowhere' }],
  ['spaces.remove', { space: 'tiny-labels' }],
  ['run.list', {}],
  ['run.list', { where: ['dice >= 0.75'], order: 'dice' }],
  ['run.list', { where: ['dice'] }],
  ['run.show', { run: 'last' }],
  ['run.show', { run: 'run_zzzzzzzzzzzz' }],
  ['run.history', { run: 'run_aaa', points: 3 }],
  ['run.compare', { runs: ['run_aaa', 'run_bbb'] }],
  ['run.artefacts', { run: 'run_aaa' }],
  ['run.artefact', { run: 'run_aaa', name: 'notes/today.txt' }],
  ['run.artefact', { run: 'run_aaa', name: '../run.json' }],
  ['run.rerun', { run: 'run_aaa', changes: { query: 'width > 20' } }],
  ['run.rerun', { run: 'run_bbb' }],
  ['run.remove', { runs: ['run_bbb'] }],
  ['run.remove', { runs: ['run_bbb'] }],
  ['registry.register', { path: 'ROOT/colours', run: 'run_aaaaaaaaaaaa', aliases: ['champion'] }],
  ['registry.register', { path: 'ROOT/colours', metrics: { accuracy: 0.9 } }],
  ['registry.register', { path: 'ROOT/colours', name: 'pixels' }],
  ['registry.register', { path: 'ROOT/tiny.onnx', card: 'ROOT/tiny.toml' }],
  ['models.add', { path: 'ROOT/tiny.onnx', card: 'ROOT/tiny.toml', name: 'colours' }],
  ['registry.list', { model: 'colours' }],
  ['registry.show', { model: 'colours' }],
  ['registry.show', { model: 'colours:9' }],
  ['registry.alias', { model: 'colours', alias: 'champion', number: 2, reason: 'better' }],
  ['registry.alias', { model: 'colours', alias: 'latest', number: 2 }],
  ['registry.stage', { model: 'colours', stage: 'production', reason: 'signed off' }],
  ['registry.evidence', { model: 'colours', name: 'gate.json' }],
  ['registry.verify', {}],
  ['registry.remove', { model: 'colours:2' }],
  ['registry.remove', { model: 'colours:1' }],
  ['models.remove', { model: 'tiny' }],
  ['models.remove', { model: 'pixels' }],
  ['dataset.create', { name: 'second' }],
  ['query.count', {}],
  ['dataset.delete', { dataset: 'second' }],
  ['history.undo', { change: 'c_999' }],
  ['history.list', { limit: 100 }],
  ['job.list', {}],
  ['job.show', { job: 'j_0_0' }],
  ['workspace.info', {}],
]

/** Takes out what rightly differs between runs: places, times, sizes, ids of jobs, the last progress that was written down. */
function normalise(value: unknown, root: string): unknown {
  const text = JSON.stringify(value)
    .replaceAll(JSON.stringify(root).slice(1, -1), 'ROOT')
    .replace(/\d{4}-\d\d-\d\d[T ]\d\d:\d\d:\d\d(\.\d+)?Z?/g, 'TIME')
    .replace(/"(seconds|bytes|rate|secondsLeft|ms)":(?:-?[\d.]+(?:e[+-]?\d+)?|null)/g, '"$1":0')
    .replace(/"progress":\{[^{}]*\}/g, '"progress":null')
    .replace(/"id":"j_[0-9a-z]+_[0-9a-f]+"/g, '"id":"JOB"')
    .replace(/"(id|parents)":\[?"[0-9a-f]{64}"\]?/g, '"$1":"VERSION"')
    .replace(/"bytes":0,"md5":"[0-9a-f]{32}","sha256":"[0-9a-f]{64}"\}/g, '"file":"FILE"}')
    .replace(/modified\w*":\d+/g, 'modified":0')
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d UTC/g, 'MINUTE')
    .replace(/[\d.e-]+ days old/g, 'DAYS old')
    .replace(/time=\\"[\d.]+\\"|\b\d+ ms\b/g, 'DURATION')
    .replace(/("(?:id|check)":"freshness"[^{}[\]]*?"value":)[^,}]+/g, '$10')
  return JSON.parse(text) as unknown
}

async function tell(open: (root: string) => Promise<Face>): Promise<unknown[]> {
  const root = await mkdtemp(join(tmpdir(), 'fovea-parity-'))
  try {
    await makeTiles(join(root, 'tiles'))
    await makeMore(root)
    await writeTinyModel(root)
    await writeSuites(root)
    await writeClassifier(join(root, 'colours'))
    const face = await open(root)
    await writeRuns(join(root, '.fovea', 'runs'))
    const answers: unknown[] = []
    try {
      for (const [id, input] of story) {
        const given = JSON.parse(JSON.stringify(input).replaceAll('ROOT', root)) as Record<string, unknown>
        answers.push(normalise(await face.call(id, given), root))
      }
    } finally {
      await face.close()
    }
    expect(await readdir(join(root, '.fovea', 'jobs', '.running'))).toEqual([])
    return answers
  } finally {
    await rm(root, { recursive: true, force: true })
  }
}

describe('one capability, every face', () => {
  const told: Record<string, unknown[]> = {}
  beforeAll(async () => {
    await Promise.all(Object.entries(faces).map(async ([name, open]) => (told[name] = await tell(open))))
  }, 600_000)
  afterAll(() => {
    for (const name of Object.keys(told)) delete told[name]
  })

  test('the story goes as it should', () => {
    const answers = told['in process']!
    const at = (id: string, nth = 0): Record<string, unknown> =>
      answers[story.map((step, i) => [step[0], i] as const).filter(([step]) => step === id)[nth]![1]] as Record<
        string,
        unknown
      >
    expect(at('dataset.show', 0)).toMatchObject({ error: { code: 'DATASET_NOT_FOUND' } })
    expect(at('dataset.import', 0)).toMatchObject({ dataset: 'tiles', added: 4, skipped: 1, problems: 1 })
    expect(at('dataset.import', 1)).toMatchObject({ added: 0, unchanged: 4 })
    expect(at('dataset.import', 2)).toMatchObject({ error: { code: 'INPUT_INVALID' } })
    expect([0, 1, 2, 3].map((nth) => at('query.count', nth)['count'])).toEqual([3, 2, 0, 2])
    expect(at('query.run', 1)).toMatchObject({ error: { code: 'QUERY_INVALID' } })
    expect(at('query.run', 3)).toMatchObject({ error: { code: 'INPUT_INVALID', details: { faults: { length: 3 } } } })
    expect(at('dataset.export', 0)).toMatchObject({ samples: 2, to: 'ROOT/out' })
    expect(at('dataset.export', 1)).toMatchObject({ error: { code: 'TARGET_EXISTS' } })
    expect(at('query.count', 8)).toMatchObject({ error: { code: 'DATASET_AMBIGUOUS' } })
    expect([0, 1].map((nth) => at('run.list', nth)['total'])).toEqual([2, 1])
    expect(at('run.rerun')).toMatchObject({ operation: 'query.count', output: { count: 3 } })
    expect(at('run.remove', 1)).toMatchObject({ error: { code: 'RUN_NOT_FOUND' } })
    expect([0, 1].map((nth) => at('registry.register', nth)['version'])).toMatchObject([
      { version: 1, aliases: ['champion'] },
      { version: 2, metrics: { accuracy: 0.9 } },
    ])
    expect(at('registry.register', 2)).toMatchObject({ error: { code: 'MODEL_EXISTS' } })
    expect(at('registry.register', 3)).toMatchObject({ error: { code: 'MODEL_INVALID' } })
    expect(at('models.add', 3)).toMatchObject({ error: { code: 'MODEL_EXISTS' } })
    expect(at('registry.show')).toMatchObject({ version: { version: 1 }, run: { id: 'run_aaaaaaaaaaaa' } })
    expect(at('registry.verify')).toMatchObject({ faults: 0 })
    expect([0, 1].map((nth) => at('registry.remove', nth))).toMatchObject([
      { error: { code: 'MODEL_IN_USE' } },
      { removed: 'colours:1' },
    ])
    const unexpected = answers.flatMap((answer, i) =>
      ['INTERNAL', 'OUTPUT_INVALID'].includes((answer as { error?: { code: string } }).error?.code ?? '')
        ? [[story[i], answer]]
        : [],
    )
    expect(unexpected).toEqual([])
  })

  test('so does the part of it about data tests', () => {
    const answers = story.flatMap(([id], i) => (id.startsWith('check.') ? [told['in process']![i]!] : []))
    const codes = answers.map((answer) => (answer as { error?: { code: string } }).error?.code ?? null)
    expect(codes.map((code) => code ?? 'well').join(' ')).toBe(
      'SUITE_NOT_FOUND well TARGET_EXISTS well well well well QUERY_INVALID SUITE_NOT_FOUND ' +
        'SUITE_INVALID well well well DATASET_NOT_FOUND well well well REPORT_NOT_FOUND',
    )
    const [learned, strict] = [answers[6], answers[10]]
    expect(learned).toMatchObject({ id: 'r_1', samples: 2, scope: 'class = "good"' })
    expect(strict).toMatchObject({ id: 'r_2', outcome: 'fail', against: 'class = "good"', environment: 'ci' })
    expect(answers[9]).toMatchObject({ error: { details: { problems: [{ line: 8 }, { line: 10 }] } } })
    expect(answers[12]).toMatchObject({ reports: [{ id: 'r_2' }, { id: 'r_1' }] })
  })

  test('so does the part of it about models and vectors', () => {
    const answers = told['in process']!.slice(story.findIndex(([id]) => id === 'models.list'))
    const seen = new Map<string, number>()
    /** The next answer of an operation, or the code of its failure. */
    const next = (id: string): unknown => {
      const nth = seen.get(id) ?? 0
      seen.set(id, nth + 1)
      const places = story.flatMap(([step], i) => (step === id ? [i - (story.length - answers.length)] : []))
      const answer = answers[places.filter((place) => place >= 0)[nth]!] as { error?: { code: string } }
      return answer.error?.code ?? answer
    }
    const all = (id: string, count: number): unknown[] => Array.from({ length: count }, () => next(id))
    expect(all('models.add', 3)).toMatchObject(['INPUT_INVALID', { model: { name: 'tiny' } }, 'MODEL_EXISTS'])
    expect(all('models.show', 2)).toMatchObject([{ model: { dimensions: 4, classes: 3 } }, 'MODEL_NOT_FOUND'])
    expect(all('query.count', 3)).toMatchObject(['SPACE_NOT_FOUND', { count: 4 }, 'SPACE_STALE'])
    expect(all('spaces.embed', 7)).toMatchObject([
      'MODEL_NOT_FOUND',
      { embedded: 2, unchanged: 0 },
      { embedded: 3, unchanged: 2 },
      { embedded: 0, unchanged: 5 },
      { space: 'tiny-labels', embedded: 2 },
      'SPACE_EXISTS',
      { embedded: 1, unchanged: 5 },
    ])
    expect(all('spaces.list', 2)).toMatchObject([
      {
        spaces: [
          { name: 'tiny', missing: 0 },
          { name: 'tiny-labels', of: 'labels' },
        ],
      },
      { spaces: [{ name: 'pixels' }, { name: 'tiny', missing: 1, maps: ['pca'] }, { name: 'tiny-labels' }] },
    ])
    expect(all('spaces.similar', 5)).toMatchObject([
      { index: 'exact', neighbours: { length: 2 } },
      { neighbours: [{ sample: 's_2', score: 1 }, { sample: 's_1' }] },
      'SPACE_NOT_FOUND',
      'SAMPLE_NOT_FOUND',
      'SPACE_STALE',
    ])
    expect(all('query.run', 4)).toMatchObject([
      { rows: [{ id: 's_4' }, {}] },
      'QUERY_INVALID',
      'QUERY_NEEDS_EMBEDDINGS',
      'QUERY_INVALID',
    ])
    expect(next('spaces.map')).toMatchObject({ points: 5, placed: 0 })
    expect(all('spaces.points', 2)).toMatchObject(['MAP_NOT_FOUND', { points: { length: 2 } }])
    expect(next('spaces.cluster')).toMatchObject({ field: 'look', clusters: { length: 2 } })
    expect(next('curation.duplicates')).toMatchObject({ by: 'embedding', samples: 5 })
    expect(all('curation.select', 2)).toMatchObject([{ chosen: { length: 2 } }, 'INPUT_INVALID'])
    const { explanations } = next('query.explain') as { explanations: unknown[] }
    expect(explanations[0]).toMatchObject({ precision: 1, recall: 1, count: 2 })
    expect(all('split.assign', 2)).toMatchObject([{ splits: { length: 2 } }, 'INPUT_INVALID'])
    expect(all('spaces.remove', 2)).toMatchObject(['SPACE_NOT_FOUND', { removed: 'tiny-labels' }])
    expect(all('models.remove', 2)).toMatchObject([{ removed: 'tiny' }, 'INPUT_INVALID'])
  })

  test.each(Object.keys(faces).slice(1))('%s everything is as in process', (name) => {
    story.forEach(([id, input], i) =>
      expect({ id, input, answer: told[name]![i] }).toEqual({ id, input, answer: told['in process']![i] }),
    )
  })
})
