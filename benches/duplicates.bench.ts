// Groups of the same scene against pairs found another way: on photographs of tiles, and on made ones whose scenes are known.
import { existsSync } from 'node:fs'
import { mkdtemp, readdir, readFile, rm } from 'node:fs/promises'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { createApp, initWorkspace, loadConfig, type App } from '#app'
import { measureMs, type BenchResult } from './bench.ts'

export const name = 'duplicates'
const sidePx = 32
/** Correlation above which two small pictures are taken for the same scene, and below which they are not. */
const same = 0.97
const different = 0.8
const demoTiles = 300
const data = resolve(import.meta.dirname, '../../shared/data/magnetic-tiles')

/** What `curation.duplicates` answers, as far as it is looked at. */
interface Duplicates {
  samples: number
  mixedGroups: number
  groups: { samples: { path: string }[] }[]
}

export async function run(): Promise<BenchResult[]> {
  const scratch = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  const workspace = await initWorkspace(join(scratch, 'workspace'))
  const app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
  try {
    return [...(existsSync(data) ? await measureTiles(app) : []), ...(await measureDemo(app, join(scratch, 'demo')))]
  } finally {
    await app.close()
    await rm(scratch, { recursive: true, force: true })
  }
}

async function measureTiles(app: App): Promise<BenchResult[]> {
  await app.call('dataset.import', { path: data, dataset: 'tiles' })
  const { ms, value: found } = await measureMs(
    () => app.call('curation.duplicates', { dataset: 'tiles' }) as Promise<Duplicates>,
  )
  const files = (await readdir(data, { recursive: true, encoding: 'utf8' }))
    .filter((file) => file.endsWith('.jpg'))
    .toSorted()
  if (files.length !== found.samples) throw new Error(`Expected ${files.length} samples, got ${found.samples}.`)
  const small = await readSmall(data, files)
  const pairs = findPairs(small)
  const groupOf = numberGroups(found)
  const spread = found.groups.filter(({ samples }) => {
    const own = samples.map(({ path }) => small.get(path)!)
    return own.some((one, i) => own.slice(i + 1).some((other) => dot(one, other) < different))
  })
  const count = found.groups.length
  return [
    {
      what: `magnetic-tiles: share of ${pairs.length} pairs that correlate above ${same} at 32 × 32 in one group`,
      value: pairs.filter((pair) => isTogether(groupOf, pair)).length / pairs.length,
      unit: '',
      atLeast: 0.95,
    },
    {
      what: `magnetic-tiles: share of ${count} groups with more than one class`,
      value: found.mixedGroups / count,
      unit: '',
    },
    {
      what: `magnetic-tiles: share of ${count} groups with a pair that correlates below ${different}`,
      value: spread.length / count,
      unit: '',
    },
    {
      what: `magnetic-tiles: pictures in the largest group`,
      value: Math.max(...found.groups.map(({ samples }) => samples.length)),
      unit: 'pictures',
    },
    { what: `magnetic-tiles: grouping ${found.samples} pictures, small ones made`, value: ms / 1000, unit: 's' },
    ...(await measureLeaks(app, 'tiles', pairs)),
  ]
}

async function measureDemo(app: App, folder: string): Promise<BenchResult[]> {
  await app.call('demo.make', { to: folder, tiles: demoTiles })
  await app.call('dataset.import', { path: folder, dataset: 'demo' })
  const record = JSON.parse(await readFile(join(folder, 'faults.json'), 'utf8')) as {
    surfaces: string[][]
    faults: { kind: string; file: string }[]
  }
  const corrupt = new Set(record.faults.filter(({ kind }) => kind === 'corrupt').map(({ file }) => file))
  const scenes = record.surfaces.map((files) => files.filter((file) => !corrupt.has(file)))
  const sceneOf = new Map(scenes.flatMap((files, scene) => files.map((file) => [file, scene] as const)))
  const pairs = scenes.flatMap((files) =>
    files.flatMap((one, i) => files.slice(i + 1).map((other) => [one, other] as const)),
  )
  const found = (await app.call('curation.duplicates', { dataset: 'demo' })) as Duplicates
  if (found.samples !== sceneOf.size) throw new Error(`Expected ${sceneOf.size} samples, got ${found.samples}.`)
  const groupOf = numberGroups(found)
  const mixed = found.groups.filter(({ samples }) => new Set(samples.map(({ path }) => sceneOf.get(path)!)).size > 1)
  return [
    {
      what: `demo of ${demoTiles} tiles: share of ${pairs.length} pairs of the same tile in one group`,
      value: pairs.filter((pair) => isTogether(groupOf, pair)).length / pairs.length,
      unit: '',
    },
    {
      what: `demo of ${demoTiles} tiles: share of ${found.groups.length} groups with more than one tile`,
      value: mixed.length / found.groups.length,
      unit: '',
    },
    ...(await measureLeaks(app, 'demo', pairs)),
  ]
}

type Pair = readonly [string, string]

/** Splits at random and by groups, and counts what leaks: as the product counts it, and by pairs found another way. */
async function measureLeaks(app: App, dataset: string, pairs: readonly Pair[]): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  for (const group of ['none', 'duplicates']) {
    await app.call('split.assign', { dataset, ratios: 'train=.8,val=.2', group })
    const { count } = (await app.call('split.leaks', { dataset, limit: 1 })) as { count: number }
    const inTrain = new Set(await pathsOf(app, dataset, 'split = "train"'))
    const torn = pairs.filter(([one, other]) => inTrain.has(one) !== inTrain.has(other)).length
    const how = group === 'none' ? 'at random' : 'by groups'
    results.push(
      {
        what: `${dataset}: leaks of 80/20 split ${how}`,
        value: count,
        unit: 'pairs',
        ...(group === 'none' ? { atLeast: 1 } : { atMost: 0 }),
      },
      { what: `${dataset}: of the ${pairs.length} pairs, torn by 80/20 split ${how}`, value: torn, unit: 'pairs' },
    )
  }
  return results
}

/** Of at most 10 000 samples. */
async function pathsOf(app: App, dataset: string, query: string): Promise<string[]> {
  const { rows } = (await app.call('query.run', { dataset, query, fields: [], limit: 10_000 })) as {
    rows: { path: string }[]
  }
  return rows.map(({ path }) => path)
}

function numberGroups({ groups }: Duplicates): Map<string, number> {
  return new Map(groups.flatMap(({ samples }, group) => samples.map(({ path }) => [path, group] as const)))
}

function isTogether(groupOf: ReadonlyMap<string, number>, [one, other]: Pair): boolean {
  const group = groupOf.get(one)
  return group !== undefined && group === groupOf.get(other)
}

/** 32 × 32 grey levels by sharp's own resizing, mean removed, unit length, so that a product is a correlation. */
async function readSmall(root: string, files: readonly string[]): Promise<Map<string, Float32Array>> {
  const small = new Map<string, Float32Array>()
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < files.length) {
      const file = files[next++]!
      const picture = sharp(join(root, file)).resize(sidePx, sidePx, { fit: 'fill' }).greyscale()
      const levels = Float32Array.from(await picture.raw().toBuffer())
      const mean = levels.reduce((sum, level) => sum + level, 0) / levels.length
      const length = Math.sqrt(levels.reduce((sum, level) => sum + (level - mean) ** 2, 0))
      small.set(
        file,
        levels.map((level) => (level - mean) / length),
      )
    }
  }
  await Promise.all(Array.from({ length: availableParallelism() }, lane))
  return small
}

function findPairs(small: ReadonlyMap<string, Float32Array>): Pair[] {
  const all = [...small]
  return all.flatMap(([file, one], i) =>
    all.slice(i + 1).flatMap(([other, two]) => (dot(one, two) > same ? [[file, other] as const] : [])),
  )
}

function dot(one: Float32Array, other: Float32Array): number {
  let sum = 0
  for (let i = 0; i < one.length; i++) sum += one[i]! * other[i]!
  return sum
}
