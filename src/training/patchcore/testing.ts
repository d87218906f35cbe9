import { join } from 'node:path'
import sharp from 'sharp'
import { createRng, silentProgress } from '#base'
import type { Example, TrainingJob } from '../types.ts'

/** A brushed surface in grey; with a spot where it is faulty, px from the top left. */
async function writeSurface(
  file: string,
  seed: number,
  spot?: { x: number; y: number; radius: number },
  sidePx = 96,
): Promise<string> {
  const rng = createRng(`surface ${seed}`)
  const columns = Array.from({ length: sidePx }, () => rng.normal(120, 14))
  const level = rng.uniform(-10, 10)
  const data = new Uint8Array(sidePx ** 2)
  for (let y = 0; y < sidePx; y++)
    for (let x = 0; x < sidePx; x++) {
      const isSpot = spot !== undefined && Math.hypot(x - spot.x, y - spot.y) < spot.radius
      data[y * sidePx + x] = Math.max(0, Math.min(255, isSpot ? 15 : columns[x]! + level + rng.normal(0, 4)))
    }
  await sharp(data, { raw: { width: sidePx, height: sidePx, channels: 1 } })
    .png()
    .toFile(file)
  return file
}

/** Surfaces of a folder as examples; every one that has a spot is anomalous. */
export async function writeExamples(
  folder: string,
  from: number,
  spots: readonly ({ x: number; y: number; radius: number } | undefined)[],
): Promise<Example[]> {
  return Promise.all(
    spots.map(async (spot, i) => ({
      id: from + i,
      file: await writeSurface(join(folder, `${from + i}.png`), from + i, spot),
      widthPx: 96,
      heightPx: 96,
      labels: [],
      class: null,
      value: null,
      isAnomalous: spot !== undefined,
    })),
  )
}

export function createJob(folder: string, change: Partial<TrainingJob>): TrainingJob {
  return {
    task: 'anomaly',
    train: [],
    validation: [],
    classes: [],
    target: null,
    params: {},
    seed: 1,
    folder,
    threads: 1,
    maxPixels: 1e6,
    signal: new AbortController().signal,
    progress: silentProgress,
    logMetrics: async () => {},
    log: () => {},
    ...change,
  }
}
