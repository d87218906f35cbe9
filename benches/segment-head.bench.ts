// The trainer head on the 392 defects of magnetic tiles: Dice of pixels pooled over the pictures held out, at 224 px, and the time that
// training takes, features included.
import { existsSync } from 'node:fs'
import { loadavg, tmpdir } from 'node:os'
import { createTrainers } from '#training'
import type { BenchResult } from './bench.ts'
import { measureSegmenter, sidePx, type Trial } from './segment.ts'
import { divideByGroup, groupTiles, readDefects, tilesFolder, type Example } from './tiles.ts'

export const name = 'segment-head'
const seeds = [0, 1, 2]

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(tilesFolder)) return []
  const load = loadavg()[0]!
  const examples = await readDefects()
  const groups = await groupTiles(examples)
  const grouped = await measureSeeds(examples, groups)
  const random = await measureSeeds(
    examples,
    examples.map((_, i) => i),
  )
  return [
    {
      what: `tiles: pooled Dice at ${sidePx} px, no tile on both sides, mean of ${seeds.length} seeds (${describe(grouped)})`,
      value: mean(grouped.map(({ dice }) => dice)),
      unit: '',
      atLeast: 0.75,
    },
    {
      what: `tiles: the same, divided at random, so that the same tile lies on both sides (${describe(random)})`,
      value: mean(random.map(({ dice }) => dice)),
      unit: '',
    },
    {
      what: `tiles: training, features included, slowest of ${grouped.length + random.length}`,
      value: Math.max(...[...grouped, ...random].map(({ ms }) => ms)) / 1000,
      unit: 's',
      atMost: 360,
    },
    { what: 'load of the machine when it began (1 would be one busy core)', value: load, unit: '' },
  ]
}

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length
const describe = (trials: readonly Trial[]): string => trials.map(({ dice }) => dice.toFixed(3)).join(', ')

async function measureSeeds(examples: readonly Example[], groups: readonly number[]): Promise<Trial[]> {
  const head = await createTrainers({ python: 'python3', commands: {}, cwd: tmpdir(), env: {} }).head()
  const trials: Trial[] = []
  for (const seed of seeds) trials.push(await measureSegmenter(head, divideByGroup(examples, groups, seed), seed))
  return trials
}
