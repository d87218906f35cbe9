import { spawnSync } from 'node:child_process'
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

const root = resolve(import.meta.dirname, '../..')
const oxlint = join(root, 'node_modules/oxlint/bin/oxlint')

interface Finding {
  code: string
  message: string
  filename: string
}

let copy: string
let findings: Finding[]
const planted: { file: string; source: string }[] = []

/** Plants one file in a copy of the house, beside all others; answers what reads the findings about it. */
function plant(file: string, source: string): () => Finding[] {
  const path = file.replace(/\ba(?=\.)/, `a${planted.length}`)
  planted.push({ file: path, source })
  return () => findings.filter((finding) => finding.filename === path)
}

function plantOne(file: string, source: string): () => Finding {
  const read = plant(file, source)
  return () => {
    expect(read()).toHaveLength(1)
    return read()[0]!
  }
}

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'fovea-layers-'))
  for (const file of ['.oxlintrc.json', '.oxlintrc.layers.json', 'scripts/lint-plugin.mjs']) {
    await cp(join(root, file), join(copy, file))
  }
  for (const { file, source } of planted) {
    await mkdir(dirname(join(copy, file)), { recursive: true })
    await writeFile(join(copy, file), source)
  }
  const { stdout, stderr } = spawnSync(process.execPath, [oxlint, '--format=json', 'src', 'tests'], {
    cwd: copy,
    encoding: 'utf8',
  })
  if (!stdout.startsWith('{')) throw new Error(`oxlint said: ${stdout}${stderr}`)
  const report = JSON.parse(stdout) as { diagnostics: Finding[]; number_of_files: number }
  expect(report.number_of_files).toBe(planted.length)
  findings = report.diagnostics
})

afterAll(async () => {
  await rm(copy, { recursive: true })
})

describe('direction of imports', () => {
  const refused: [string, string, string, RegExp][] = [
    [
      'upwards',
      'src/media/a.ts',
      "import { createApp } from '#app'\nexport const a = createApp\n",
      /media may not import app: app stands on a later line/,
    ],
    [
      'upwards, type only',
      'src/media/a.ts',
      "import type { App } from '#app'\nexport type A = App\n",
      /media may not import app/,
    ],
    ['upwards, re-exported', 'src/media/a.ts', "export { createApp } from '#app'\n", /media may not import app/],
    ['upwards, all re-exported', 'src/media/a.ts', "export * from '#app'\n", /media may not import app/],
    [
      'upwards, at run time',
      'src/media/a.ts',
      "export const load = () => import('#app')\n",
      /media may not import app/,
    ],
    ['upwards, in a type', 'src/media/a.ts', "export type A = import('#app').App\n", /media may not import app/],
    [
      'upwards, in a test',
      'src/media/a.test.ts',
      "import { createApp } from '#app'\nexport const a = createApp\n",
      /media may not import app/,
    ],
    [
      'an undeclared sibling',
      'src/query/a.ts',
      "import { x } from '#catalog'\nexport const a = x\n",
      /query may not import catalog: they stand on one line .* not declared siblings/,
    ],
    [
      'deep',
      'src/app/a.ts',
      "import { x } from '#catalog/journal'\nexport const a = x\n",
      /'#catalog\/journal' reaches into a room. Write '#catalog'/,
    ],
    [
      'deep, by relative path',
      'src/app/a.ts',
      "import { x } from '../catalog/journal.ts'\nexport const a = x\n",
      /leads into another room. Write '#catalog'/,
    ],
    [
      'deep, from a folder of a room',
      'src/formats/coco/a.ts',
      "import { x } from '../../media/types.ts'\nexport const a = x\n",
      /leads into another room. Write '#media'/,
    ],
    [
      'deep, from a test of the whole',
      'tests/a.test.ts',
      "import { x } from '../src/catalog/journal.ts'\nexport const a = x\n",
      /leads into another room. Write '#catalog'/,
    ],
    [
      'its own room by name',
      'src/media/a.ts',
      "import { x } from '#media'\nexport const a = x\n",
      /Inside media import by relative path/,
    ],
    [
      'of the runtime of networks, past base',
      'src/models/a.ts',
      "export const load = () => import('onnxruntime-node')\n",
      /Load 'onnxruntime-node' with loadOnnxRuntime\(\) of #base/,
    ],
    [
      'of the runtime of networks, at once',
      'src/models/a.ts',
      "import { Tensor } from 'onnxruntime-node'\nexport const a = Tensor\n",
      /Load 'onnxruntime-node' with loadOnnxRuntime\(\) of #base/,
    ],
    [
      'no room at all',
      'src/app/a.ts',
      "import { x } from '#attic'\nexport const a = x\n",
      /'#attic' is no room of layers.json/,
    ],
    [
      'Node in contract',
      'src/contract/a.ts',
      "import { join } from 'node:path'\nexport const a = join\n",
      /contract may import zod only, got 'node:path'/,
    ],
    [
      'base in contract',
      'src/contract/a.ts',
      "import { createRng } from '#base'\nexport const a = createRng\n",
      /contract may not import base/,
    ],
  ]
  it.each(refused.map(([what, file, source, message]) => ({ what, message, find: plantOne(file, source) })))(
    'refuses an import $what',
    ({ message, find }) => {
      const finding = find()
      expect(finding.code).toBe('house(imports)')
      expect(finding.message).toMatch(message)
      expect(finding.message).toContain('See ARCHITECTURE.md, "Rooms and direction".')
    },
  )

  const circle = [
    plantOne('src/media/c.ts', "import { d } from './d.ts'\nexport const c = () => d\n"),
    plantOne('src/media/d.ts', "import { c } from './c.ts'\nexport const d = () => c\n"),
  ]
  it('refuses files that import each other', () => {
    expect(circle.map((find) => find().code)).toEqual(['import(no-cycle)', 'import(no-cycle)'])
  })

  const lawful: [string, string][] = [
    [
      'src/catalog/a.ts',
      "import { createRng } from '#base'\nimport { x } from '#query'\nimport { y } from './b.ts'\nexport const a = [createRng, x, y]\n",
    ],
    [
      'src/formats/coco/a.ts',
      "import { open } from 'node:fs/promises'\nimport { x } from '../types.ts'\nexport const a = [open, x]\n",
    ],
    ['src/formats/query/a.ts', "import { x } from '../query/b.ts'\nexport const a = x\n"],
    ['src/contract/a.ts', "import { z } from 'zod'\nimport { x } from './b.ts'\nexport const a = z.object({ x })\n"],
    ['src/models/a.ts', "import type { Tensor } from 'onnxruntime-node'\nexport type A = Tensor\n"],
    ['tests/a.ts', "import { createApp } from '#app'\nexport const a = createApp\n"],
  ]
  it.each(lawful.map(([file, source]) => ({ file, find: plant(file, source) })))('lets $file pass', ({ find }) => {
    expect(find()).toEqual([])
  })
})

describe('time, chance and settings', () => {
  const impure: [string, string, RegExp][] = [
    ['Date.now()', 'export const a = Date.now()\n', /Date\.now .* Take a Clock/],
    ['new Date()', 'export const a = new Date()\n', /new Date\(\) without a time .* Take a Clock/],
    ['performance.now()', 'export const a = performance.now()\n', /performance\.now .* clock\.monotonic\(\)/],
    ['Math.random()', 'export const a = Math.random()\n', /Math\.random .* createRng\(seed\)/],
    ['process.env', 'export const a = process.env.HOME\n', /process\.env .* take the setting as a parameter/],
    ["process['env']", "export const a = process['env']\n", /process\.env/],
    ['env taken apart', 'const { env } = process\nexport const a = env\n', /process\.env/],
    ['env imported', "import { env } from 'node:process'\nexport const a = env\n", /take the setting as a parameter/],
    ['console', "console.log('a')\n", /console\.log .* Progress or Logger/],
  ]
  it.each(impure.map(([what, source, message]) => ({ what, message, find: plantOne('src/catalog/a.ts', source) })))(
    'refuses $what in a pure room',
    ({ message, find }) => {
      const finding = find()
      expect(finding.code).toBe('house(pure)')
      expect(finding.message).toMatch(message)
    },
  )

  const freely = 'export const a = [Date.now(), new Date(), Math.random(), process.env.HOME]\n'
  const free = ['src/app/a.ts', 'src/server/a.ts', 'src/cli/a.ts', 'src/base/a.ts']
  it.each(free.map((file) => ({ file, find: plant(file, freely) })))('allows them in $file', ({ find }) => {
    expect(find()).toEqual([])
  })

  const dated = plant('src/catalog/a.ts', 'export const a = new Date(0).toISOString()\n')
  it('allows a date made from a time in a pure room', () => {
    expect(dated()).toEqual([])
  })

  const chancy = plantOne('src/app/a.test.ts', 'export const a = Math.random()\n')
  it('refuses Math.random in tests', () => {
    expect(chancy().code).toBe('eslint(no-restricted-properties)')
  })
})

describe('scripts/layers.mjs', () => {
  const run = (...args: string[]) =>
    spawnSync(process.execPath, [join(copy, 'scripts/layers.mjs'), ...args], { encoding: 'utf8' })

  beforeAll(async () => {
    for (const file of ['layers.json', 'scripts/layers.mjs']) await cp(join(root, file), join(copy, file))
    await mkdir(join(copy, 'src'), { recursive: true })
  })

  it('has written what layers.json says', () => {
    expect(run('--check')).toMatchObject({ status: 0, stderr: '' })
  })

  it('sees that layers.json has changed, and writes anew', async () => {
    const layers = JSON.parse(await readFile(join(root, 'layers.json'), 'utf8'))
    layers.layers.push(['attic'])
    await writeFile(join(copy, 'layers.json'), JSON.stringify(layers))
    expect(run('--check')).toMatchObject({ status: 1, stderr: expect.stringContaining('node scripts/layers.mjs') })
    expect(run()).toMatchObject({ status: 0 })
    expect(run('--check')).toMatchObject({ status: 0 })
  })

  it('names faults of layers.json', async () => {
    const layers = {
      layers: [
        ['a', 'b'],
        ['c', 'a'],
      ],
      siblings: { a: ['c'] },
      external: { d: [] },
      impure: [],
    }
    await writeFile(join(copy, 'layers.json'), JSON.stringify(layers))
    await rm(join(copy, 'src'), { recursive: true })
    await mkdir(join(copy, 'src/e'), { recursive: true })
    const { status, stderr } = run()
    expect(status).toBe(1)
    expect(stderr.trim().split('\n')).toEqual([
      'layers.json names a twice.',
      'src/e is no room of layers.json. Give it a line there.',
      'siblings: a and c do not stand on one line.',
      '"d" under external or impure is no room.',
    ])
  })
})
