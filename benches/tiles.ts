// Defects of magnetic tiles as examples to learn from, and their division for trainers of masks.
import { readdir } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { createRng, encodeMask } from '#base'
import { readPixels, readResized } from '#media'
import type { createTrainers } from '#training'

type Head = Awaited<ReturnType<NonNullable<ReturnType<typeof createTrainers>['head']>>>
type TrainingJob = Parameters<Head['train']>[0]
export type Example = TrainingJob['train'][number]

export interface Division {
  train: Example[]
  test: Example[]
}

export const tilesFolder = resolve(import.meta.dirname, '../../shared/data/magnetic-tiles')
const limits = { maxPixels: 1e8 }

/** The 392 pictures with a defect; every mask is of one class, `defect`. */
export async function readDefects(): Promise<Example[]> {
  const files = (await readdir(tilesFolder, { recursive: true, encoding: 'utf8' }))
    .filter((file) => file.endsWith('.jpg') && !file.startsWith('MT_Free'))
    .toSorted()
  const examples: Example[] = []
  for (const [id, file] of files.entries()) {
    const { data, widthPx, heightPx } = await readPixels(join(tilesFolder, `${file.slice(0, -4)}.png`), limits)
    const mask = Uint8Array.from({ length: widthPx * heightPx }, (_, i) => (data[3 * i]! >= 128 ? 1 : 0))
    const geometry = encodeMask(mask, widthPx, heightPx)
    const label = { kind: 'mask', class: 'defect', box: null, geometry, area: null, score: null } as const
    examples.push({
      id,
      file: join(tilesFolder, file),
      widthPx,
      heightPx,
      labels: [{ ...label, attributes: {}, author: null }],
      class: null,
      value: null,
    })
  }
  return examples
}

/** Pictures of the same tile have the same number: at 32 × 32 grey levels, mean removed, they correlate above .97. */
export async function groupTiles(examples: readonly Example[]): Promise<number[]> {
  const plan = { heightPx: 32, widthPx: 32, fit: 'exact', crop: 1, kernel: 'linear', pad: 0 } as const
  const vectors: Float64Array[] = []
  for (const { file } of examples) {
    const { data } = await readResized(file, plan, limits)
    const vector = Float64Array.from(data.subarray(0, 1024))
    const mean = vector.reduce((sum, each) => sum + each, 0) / vector.length
    const norm = Math.sqrt(vector.reduce((sum, each) => sum + (each - mean) ** 2, 0))
    vectors.push(vector.map((each) => (each - mean) / norm))
  }
  const group = vectors.map((_, i) => i)
  for (const [i, one] of vectors.entries())
    for (let j = 0; j < i; j++) {
      const correlation = one.reduce((sum, each, k) => sum + each * vectors[j]![k]!, 0)
      if (correlation <= 0.97 || group[i] === group[j]) continue
      const [from, to] = [group[i]!, group[j]!]
      group.forEach((each, k) => {
        if (each === from) group[k] = to
      })
    }
  return group
}

/** Four fifths and one fifth, without a group in both. */
export function divideByGroup(examples: readonly Example[], groups: readonly number[], seed: number): Division {
  const wanted = Math.round(examples.length / 5)
  const isTest = new Set<number>()
  let count = 0
  for (const group of createRng(`division ${seed}`).shuffle([...new Set(groups)])) {
    const size = groups.filter((each) => each === group).length
    if (count + size > wanted) continue
    isTest.add(group)
    count += size
  }
  return {
    train: examples.filter((_, i) => !isTest.has(groups[i]!)),
    test: examples.filter((_, i) => isTest.has(groups[i]!)),
  }
}
