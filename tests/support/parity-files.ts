// Files that the story of parity begins with.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { makeRun } from '../../src/experiments/testing.ts'

export async function makeTiles(folder: string): Promise<void> {
  for (const [path, size, shade] of [
    ['good/a.png', 16, 40],
    ['good/b.png', 24, 90],
    ['cracked/c.png', 32, 140],
    ['cracked/d.png', 24, 200],
  ] as const) {
    await mkdir(join(folder, path, '..'), { recursive: true })
    await sharp({
      create: { width: size, height: 16, channels: 3, background: { r: shade, g: shade, b: 255 - shade } },
    })
      .png()
      .toFile(join(folder, path))
  }
  await writeFile(join(folder, 'good', 'broken.png'), 'no picture')
}

/** A picture with two boxes, and one to be imported later. */
export async function makeMore(root: string): Promise<void> {
  for (const path of ['boxed/data/e.png', 'later/f.png']) {
    await mkdir(join(root, path, '..'), { recursive: true })
    await sharp({ create: { width: 20, height: 16, channels: 3, background: '#205040' } })
      .png()
      .toFile(join(root, path))
  }
  const box = { image_id: 1, category_id: 1, iscrowd: 0, area: 64 }
  const labels = {
    images: [{ id: 1, file_name: 'e.png', width: 20, height: 16 }],
    categories: [{ id: 1, name: 'dent' }],
    annotations: [
      { ...box, id: 1, bbox: [0, 0, 8, 8] },
      { ...box, id: 2, bbox: [10, 4, 8, 8] },
    ],
  }
  await writeFile(join(root, 'boxed', 'labels.json'), JSON.stringify(labels))
}

/** Two runs that have ended, one of them with metrics and a file. */
export async function writeRuns(folder: string): Promise<void> {
  const call = { operation: 'query.count', input: { query: 'width > 16' } }
  const runs = [
    makeRun({ id: 'run_aaaaaaaaaaaa', name: 'wide', params: { rate: 0.1 }, metrics: { dice: 0.8 }, call }),
    makeRun({ id: 'run_bbbbbbbbbbbb', name: 'thin', params: { rate: 0.2 }, metrics: { dice: 0.7 } }),
  ]
  for (const run of runs) {
    await mkdir(join(folder, run.id, 'artefacts', 'notes'), { recursive: true })
    await writeFile(join(folder, run.id, 'run.json'), JSON.stringify(run))
  }
  const points = [0.1, 0.9, 0.7, 0.8].map((value, step) => `["dice",${step},${value},${step}]\n`)
  await writeFile(join(folder, runs[0]!.id, 'metrics.jsonl'), points.join(''))
  await writeFile(join(folder, runs[0]!.id, 'artefacts', 'notes', 'today.txt'), 'all well')
}

/** A suite that holds, and one full of mistakes. */
export async function writeSuites(root: string): Promise<void> {
  const own = `version: 1
parameters: { least: 100 }
environments: { ci: { least: 3 } }
suites:
  base:
    checks:
      - expect: count() >= \${least}
      - dark
  strict:
    extends: base
    severity: fail
    checks:
      - expect: max(width) < 30
      - label-drift
`
  await writeFile(join(root, 'own.checks.yaml'), own)
  await writeFile(join(root, 'odd.checks.yaml'), own.replace('dark', 'drak').replace('extends: base', 'extends: bass'))
}
