// How long a person waits for the command line, against the built package (run: npm run build).
import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'
import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { createRng } from '#base'
import { measureMs, median, type BenchResult } from './bench.ts'

export const name = 'cli-start'

const repeats = 10
const samples = 10_000
const main = join(import.meta.dirname, '../dist/cli/main.js')

function runNode(args: string[]): void {
  const { status, stderr } = spawnSync(process.execPath, args, { encoding: 'utf8' })
  if (status !== 0) throw new Error(`node ${args.join(' ')} left with ${status}: ${stderr}`)
}

/** Median wall time of whole Node processes, one after the other; files are in the page cache after the first. */
async function medianProcessMs(args: string[]): Promise<number> {
  const times: number[] = []
  for (let i = 0; i < repeats; i++) times.push((await measureMs(() => runNode(args))).ms)
  return median(times)
}

/** 16×16 pictures in ten class folders, each of another grey. */
async function writePictures(folder: string): Promise<void> {
  const rng = createRng(name)
  for (let i = 0; i < samples; i++) {
    const below = join(folder, `class-${i % 10}`)
    if (i < 10) await mkdir(below, { recursive: true })
    const pixels = Buffer.alloc(256, rng.integer(0, 255))
    pixels.writeUInt16LE(i, 0)
    await sharp(pixels, { raw: { width: 16, height: 16, channels: 1 } })
      .png({ compressionLevel: 1 })
      .toFile(join(below, `${i}.png`))
  }
}

export async function run(): Promise<BenchResult[]> {
  if (!existsSync(main)) throw new Error(`Expected the built package at ${main}. Run: npm run build`)
  const folder = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
  try {
    const bare = await medianProcessMs(['-e', '0'])
    const help = await medianProcessMs([main, '--help'])
    await writePictures(join(folder, 'pictures'))
    runNode([main, 'init', folder])
    runNode([main, 'import', join(folder, 'pictures'), '--workspace', folder])
    const query = await medianProcessMs([main, 'query', 'brightness > 0.5', '--workspace', folder])
    return [
      { what: `node -e 0, median of ${repeats}`, value: bare, unit: 'ms' },
      { what: `fovea --help, median of ${repeats}`, value: help, unit: 'ms', atMost: 150 },
      {
        what: `fovea query over ${samples} samples, no server, median of ${repeats}`,
        value: query,
        unit: 'ms',
        atMost: 600,
      },
    ]
  } finally {
    await rm(folder, { recursive: true })
  }
}
