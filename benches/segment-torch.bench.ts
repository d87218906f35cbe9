// The trainer torch on the 392 defects of magnetic tiles: Dice of pixels pooled over the pictures held out, at 224 px, and the time that
// training takes on the processor. Needs a Python with torch, numpy, pillow and onnx (BENCH_TORCH_PYTHON, else python3); BENCH_SEEDS=0,1,2
// trains three times.
import { execFileSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { availableParallelism, loadavg, tmpdir } from 'node:os'
import { createTrainers } from '#training'
import type { BenchResult } from './bench.ts'
import { measureSegmenter, sidePx, type Trial } from './segment.ts'
import { divideByGroup, groupTiles, readDefects, tilesFolder } from './tiles.ts'

export const name = 'segment-torch'
const python = process.env['BENCH_TORCH_PYTHON'] ?? 'python3'
const seeds = (process.env['BENCH_SEEDS'] ?? '0').split(',').map(Number)

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(tilesFolder)) return []
  const version = torchVersion()
  if (version === undefined) {
    console.error(`  ${python} has no torch: nothing measured. Name one that has it with BENCH_TORCH_PYTHON.`)
    return []
  }
  const load = loadavg()[0]!
  const examples = await readDefects()
  const groups = await groupTiles(examples)
  const torch = await createTrainers({ python, commands: {}, cwd: tmpdir(), env: process.env }).torch()
  const trials: Trial[] = []
  for (const seed of seeds) trials.push(await measureSegmenter(torch, divideByGroup(examples, groups, seed), seed))
  const each = trials.map(({ dice, judged }) => `${dice.toFixed(3)} of ${judged}`).join(', ')
  return [
    {
      what: `tiles: pooled Dice at ${sidePx} px, no tile on both sides, seeds ${seeds.join(', ')} (${each}), torch ${version}`,
      value: trials.reduce((sum, { dice }) => sum + dice, 0) / trials.length,
      unit: '',
      atLeast: 0.85,
    },
    {
      what: `tiles: training on ${availableParallelism()} threads of the processor, slowest of ${trials.length}`,
      value: Math.max(...trials.map(({ ms }) => ms)) / 60_000,
      unit: 'min',
    },
    { what: 'load of the machine when it began (1 would be one busy core)', value: load, unit: '' },
  ]
}

function torchVersion(): string | undefined {
  try {
    return execFileSync(python, ['-c', 'import torch; print(torch.__version__)'], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
  } catch {
    return undefined
  }
}
