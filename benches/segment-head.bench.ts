// The trainer head on the 392 defects of magnetic tiles: Dice of pixels pooled over the pictures held out, at 224 px, and the time that
// training takes, features included. All epochs are trained: nothing of what is held out chooses between them.
import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { decodeMask, silentProgress } from '#base'
import { inputOf, openTaskModel } from '#models'
import { createTrainers } from '#training'
import { measureMs, type BenchResult } from './bench.ts'
import { divideByGroup, groupTiles, readDefects, tilesFolder, type Example } from './tiles.ts'

export const name = 'segment-head'
const seeds = [0, 1, 2]
const sidePx = 224
const maxPixels = 1e8

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

interface Trial {
  dice: number
  ms: number
}

const mean = (values: readonly number[]): number => values.reduce((sum, each) => sum + each, 0) / values.length
const describe = (trials: readonly Trial[]): string => trials.map(({ dice }) => dice.toFixed(3)).join(', ')

async function measureSeeds(examples: readonly Example[], groups: readonly number[]): Promise<Trial[]> {
  const trials: Trial[] = []
  for (const seed of seeds) trials.push(await measureSeed(divideByGroup(examples, groups, seed), seed))
  return trials
}

async function measureSeed(
  { train, test }: { train: readonly Example[]; test: readonly Example[] },
  seed: number,
): Promise<Trial> {
  const head = await createTrainers({ python: 'python3', commands: {}, cwd: tmpdir(), env: {} }).head()
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  try {
    const { ms, value } = await measureMs(() =>
      head.train({
        task: 'segmentation',
        train,
        validation: [],
        classes: ['defect'],
        target: null,
        params: {},
        seed,
        folder,
        threads: availableParallelism(),
        maxPixels,
        signal: new AbortController().signal,
        progress: silentProgress,
        logMetrics: async () => {},
        log: () => {},
      }),
    )
    const dice = await judge(value.folder, test)
    console.error(
      `  seed ${seed}: ${train.length} learnt, Dice of ${test.length} ${dice.toFixed(4)}, ${(ms / 1000).toFixed(0)} s`,
    )
    return { dice, ms }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** 2 · shared ÷ (found + true) pixels at the network's size. */
async function judge(folder: string, test: readonly Example[]): Promise<number> {
  const model = await openTaskModel({ folder, threads: availableParallelism(), maxPixels })
  const area = sidePx ** 2
  let [shared, both] = [0, 0]
  try {
    for (const example of test) {
      const input = inputOf(model.card.input, await model.prepare({ file: example.file }))
      const { probabilities } = await model.infer({
        image: { type: 'float32', dims: [1, 3, sidePx, sidePx], data: input },
      })
      const scores = probabilities!.data as Float32Array
      const truth = shrinkMask(example)
      for (let i = 0; i < area; i++) {
        const isFound = scores[area + i]! > scores[i]!
        both += Number(isFound) + truth[i]!
        if (isFound) shared += truth[i]!
      }
    }
  } finally {
    await model.close()
  }
  return (2 * shared) / both
}

/** What lies under the centre of each pixel of the small picture. */
function shrinkMask({ labels, widthPx, heightPx }: Example): Uint8Array {
  const geometry = labels[0]!.geometry
  if (geometry?.type !== 'mask') throw new Error('Expected a mask.')
  const mask = decodeMask(geometry)
  return Uint8Array.from({ length: sidePx ** 2 }, (_, i) => {
    const x = Math.floor((((i % sidePx) + 0.5) * widthPx) / sidePx)
    const y = Math.floor(((Math.floor(i / sidePx) + 0.5) * heightPx) / sidePx)
    return mask[y * widthPx + x]!
  })
}
