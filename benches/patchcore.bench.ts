// The trainer patchcore on magnetic tiles: learnt from pictures without a defect only, judged by how well its score tells the others of
// them from all 392 defects. Nothing of what is judged shares a tile with what is learnt, and the figure does not hang on the threshold.
// A second figure is of pictures divided by chance, as published ones mostly are: it flatters, since tiles then stand on both sides.
import { existsSync } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { loadavg, tmpdir } from 'node:os'
import { join } from 'node:path'
import { createTrainers } from '#training'
import type { BenchResult } from './bench.ts'
import { divideByGroup, groupTiles, readDefects, tilesFolder, type Example } from './tiles.ts'
import { measureTraining } from './training.ts'

export const name = 'patchcore'
const seeds = [0, 1, 2]

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(tilesFolder)) return []
  const load = loadavg()[0]!
  const defects = (await readDefects()).map((each) => ({ ...each, isAnomalous: true }))
  const normal = await listNormal(defects.length)
  const groups = await groupTiles([...normal, ...defects])
  const areas: number[] = []
  const seconds: number[] = []
  for (const seed of seeds) {
    const { auroc, ms } = await measureSeed(divide(normal, defects, groups, seed), seed)
    areas.push(auroc)
    seconds.push(ms / 1000)
  }
  const byChance = await measureSeed(divideByChance(normal, defects, 0), 0)
  const said = areas.map((area) => area.toFixed(3)).join(', ')
  return [
    {
      what: `tiles: AUROC of pictures, no tile on both sides, mean of ${seeds.length} seeds (${said})`,
      value: areas.reduce((sum, area) => sum + area, 0) / areas.length,
      unit: '',
      atLeast: 0.95,
    },
    { what: 'tiles: the same, divided by chance, tiles on both sides, 1 seed', value: byChance.auroc, unit: '' },
    { what: `tiles: learning and judging, slowest of ${seeds.length}`, value: Math.max(...seconds), unit: 's' },
    { what: 'load of the machine when it began (1 would be one busy core)', value: load, unit: '' },
  ]
}

async function listNormal(firstId: number): Promise<Example[]> {
  const folder = join(tilesFolder, 'MT_Free', 'Imgs')
  const files = (await readdir(folder)).filter((file) => file.endsWith('.jpg')).toSorted()
  return files.map((file, i) => ({
    id: firstId + i,
    file: join(folder, file),
    widthPx: 0,
    heightPx: 0,
    labels: [],
    class: null,
    value: null,
    isAnomalous: false,
  }))
}

/** Tiles with a defect on another picture of them are judged, never learnt. */
function divide(
  normal: readonly Example[],
  defects: readonly Example[],
  groups: readonly number[],
  seed: number,
): { train: Example[]; test: Example[] } {
  const faulty = new Set(groups.slice(normal.length))
  const clean = normal.flatMap((each, i) => (faulty.has(groups[i]!) ? [] : [{ each, group: groups[i]! }]))
  const { train, test } = divideByGroup(
    clean.map(({ each }) => each),
    clean.map(({ group }) => group),
    seed,
  )
  const mixed = normal.filter((_, i) => faulty.has(groups[i]!))
  return { train, test: [...test, ...mixed, ...defects] }
}

/** Four fifths of the normal pictures are learnt, whatever tiles they show. */
function divideByChance(
  normal: readonly Example[],
  defects: readonly Example[],
  seed: number,
): { train: Example[]; test: Example[] } {
  const { train, test } = divideByGroup(
    normal,
    normal.map((_, i) => i),
    seed,
  )
  return { train, test: [...test, ...defects] }
}

async function measureSeed(
  { train, test }: { train: Example[]; test: Example[] },
  seed: number,
): Promise<{ auroc: number; ms: number }> {
  const patchcore = await createTrainers({ python: 'python3', commands: {}, cwd: tmpdir(), env: {} }).patchcore()
  const { ms, judged: auroc } = await measureTraining(
    patchcore,
    { task: 'anomaly', train, validation: test, classes: [], seed },
    ({ metrics }) => metrics['auroc']!,
  )
  console.error(
    `  seed ${seed}: ${train.length} learnt, AUROC of ${test.length} ${auroc.toFixed(4)}, ${(ms / 1000).toFixed(0)} s`,
  )
  return { auroc, ms }
}
