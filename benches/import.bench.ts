// Import against a bare loop that only decodes each file and writes the same thumbnail with the same library and concurrency.
import { mkdtemp, readdir, rm, mkdir } from 'node:fs/promises'
import { existsSync } from 'node:fs'
import { availableParallelism, tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import sharp from 'sharp'
import { createApp, findWorkspace, initWorkspace, loadConfig, type App } from '#app'
import { measureMs, median, type BenchResult } from './bench.ts'

export const name = 'import'
const rounds = 3
const data = resolve(import.meta.dirname, '../../shared/data')

async function listFiles(root: string): Promise<string[]> {
  const entries = await readdir(root, { recursive: true, withFileTypes: true })
  return entries
    .filter((entry) => entry.isFile() && /\.(jpg|png)$/.test(entry.name))
    .map((entry) => join(entry.parentPath, entry.name))
}

/** One sharp pipeline a photograph, decode only for a mask. */
async function bareLoop(files: readonly string[], into: string, concurrency: number): Promise<void> {
  sharp.cache(false)
  sharp.concurrency(1)
  await mkdir(into, { recursive: true })
  let next = 0
  const lane = async (): Promise<void> => {
    while (next < files.length) {
      const at = next++
      const file = files[at]!
      if (file.endsWith('.png')) await sharp(file).raw().toBuffer()
      else {
        await sharp(file)
          .autoOrient()
          .resize(256, 256, { fit: 'inside', withoutEnlargement: true })
          .jpeg({ quality: 80 })
          .toFile(join(into, `${at}.jpg`))
      }
    }
  }
  await Promise.all(Array.from({ length: concurrency }, lane))
}

async function openApp(folder: string): Promise<App> {
  const workspace = await findWorkspace({ cwd: folder, named: folder })
  return createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
}

async function importOnce(source: string, workspace: string, expected: number): Promise<void> {
  await initWorkspace(workspace)
  const app = await openApp(workspace)
  try {
    const result = (await app.call('dataset.import', { path: source, dataset: 'bench' })) as { added: number }
    if (result.added !== expected) throw new Error(`Expected ${expected} samples, got ${result.added}.`)
  } finally {
    await app.close()
  }
}

export async function run(): Promise<BenchResult[]> {
  const results: BenchResult[] = []
  const concurrency = availableParallelism()
  for (const [set, expected] of [
    ['cifar10-test', 10_000],
    ['magnetic-tiles', 1_344],
  ] as const) {
    const source = join(data, set)
    if (!existsSync(source)) continue
    const files = await listFiles(source)
    const bare: number[] = []
    const ours: number[] = []
    const again: number[] = []
    for (let round = 0; round < rounds; round++) {
      const scratch = await mkdtemp(join(tmpdir(), 'fovea-bench-'))
      try {
        // The two alternate, so that a change of the machine's speed touches both.
        bare.push((await measureMs(() => bareLoop(files, join(scratch, 'bare'), concurrency))).ms)
        ours.push((await measureMs(() => importOnce(source, join(scratch, 'workspace'), expected))).ms)
        again.push((await measureMs(() => importAgain(source, join(scratch, 'workspace')))).ms)
      } finally {
        await rm(scratch, { recursive: true, force: true })
      }
    }
    results.push(
      {
        what: `${set}: import ÷ bare decode-and-thumbnail loop, medians of ${rounds}`,
        value: median(ours) / median(bare),
        unit: '×',
        atMost: 1.6,
      },
      { what: `${set}: import, images a second`, value: (expected / median(ours)) * 1000, unit: 'images/s' },
      { what: `${set}: bare loop`, value: median(bare), unit: 'ms' },
      { what: `${set}: importing again, nothing changed`, value: median(again), unit: 'ms' },
    )
  }
  return results
}

async function importAgain(source: string, workspace: string): Promise<void> {
  const app = await openApp(workspace)
  try {
    const result = (await app.call('dataset.import', { path: source, dataset: 'bench' })) as {
      added: number
      updated: number
    }
    if (result.added + result.updated !== 0) throw new Error('Importing again must change nothing.')
  } finally {
    await app.close()
  }
}
