import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { z } from 'zod'
import type { Label, MediaFacts } from '#contract'
import { createFixedClock, silentProgress } from '#base'
import { openCatalog, type Catalog, type DatasetRef } from '#catalog'
import { parseSuiteFile } from './suites/parse.ts'
import type { SuiteFile } from './suites/types.ts'
import type { CheckKind, Looked } from './types.ts'

/** What a check saw, all well unless said otherwise. */
export const saw = (more: Partial<Looked> = {}): Looked => ({
  unit: 'samples',
  looked: 10,
  found: 0,
  value: 0,
  bound: '≤ 0',
  broken: false,
  message: 'All is well.',
  query: null,
  findings: [],
  ...more,
})

/** A kind that answers what it is told to. */
export function fakeKind(
  name: string,
  look: CheckKind['look'] = async () => saw(),
  more: Partial<CheckKind> = {},
): CheckKind {
  return {
    name,
    title: `The check ${name}`,
    group: 'pictures',
    about: 'Made for tests.',
    severity: 'warn',
    needs: [],
    parameters: z.object({
      max_share: z.number().min(0).max(1).default(0),
      threshold: z.number().optional(),
      by: z.enum(['hash', 'looks']).default('hash'),
    }),
    look,
    ...more,
  }
}

/** The suites of a text, of the kinds `dark`, `blurry` and `leaks` unless others are given. */
export function parse(text: string, environment?: string, kinds?: readonly CheckKind[]): SuiteFile {
  const known = kinds ?? [fakeKind('dark'), fakeKind('blurry'), fakeKind('leaks')]
  return parseSuiteFile({ file: 'suite.yaml', text, environment, kinds: known })
}

export interface Scratch {
  folder: string
  catalog: Catalog
  dataset: DatasetRef
  close(): Promise<void>
}

/** A catalogue with a dataset of `samples` pictures, growing darker, every second one with a box. */
export async function openScratch(samples: number): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-quality-'))
  const catalog = await openCatalog({
    file: join(folder, 'catalog.duckdb'),
    clock: createFixedClock(undefined, 1_000),
    memoryLimitMb: 500,
  })
  const dataset = await catalog.ensureDataset('d', 'test')
  const change = catalog.openChange({ actor: 'test', operation: 'dataset.import', dataset })
  await change.step(async (step) => {
    const ids = await step.addSamples(
      Array.from({ length: samples }, (_, i) => ({
        path: `a/${i}.jpg`,
        source: `/data/a/${i}.jpg`,
        split: i % 4 === 0 ? 'val' : 'train',
        facts: { ...facts, brightness: 1 - i / samples, md5: i.toString(16).padStart(32, '0'), width: 100 + i },
        tags: i < 2 ? ['blurry'] : [],
        fields: {},
        modifiedMs: i,
        digest: `d${i}`,
      })),
      'truth',
    )
    const rows = ids.map((id, i) => ({ id, values: { line: i % 2 === 0 ? 'north' : 'south' } }))
    await step.setValues({ line: 'string' }, rows)
    await step.replaceLabels(
      'truth',
      ids.filter((_, i) => i % 2 === 1).map((id, i) => ({ id, labels: [box('crack', 10 + i)], digest: `l${i}` })),
    )
  })
  await change.close('made')
  return {
    folder,
    catalog,
    dataset,
    async close() {
      await catalog.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}

export const work = (signal = new AbortController().signal) => ({ signal, progress: silentProgress })

const box = (name: string, side: number): Label => ({
  kind: 'box',
  class: name,
  box: { x: 0, y: 0, w: side, h: 10 },
  geometry: null,
  area: side * 10,
  score: null,
  attributes: {},
  author: null,
})

/** What import measures of an ordinary picture. */
export const facts: MediaFacts = {
  format: 'jpeg',
  bytes: 1000,
  md5: '0',
  sha256: '0'.repeat(64),
  phash: 'ff00aa5512345678',
  width: 100,
  height: 50,
  aspect: 2,
  channels: 3,
  depth: 8,
  mode: 'rgb',
  frames: 1,
  grayscale: false,
  brightness: 0.5,
  brightness_p1: 0.1,
  brightness_p5: 0.2,
  brightness_p50: 0.5,
  brightness_p95: 0.8,
  brightness_p99: 0.9,
  contrast: 0.2,
  sharpness: 0.3,
  blur_score: 0.6,
  entropy: 7,
  saturation: 0.1,
  red: 0.5,
  green: 0.5,
  blue: 0.5,
  captured_at: null,
  'exif.make': null,
  'exif.model': null,
  'exif.aperture': null,
  'exif.iso': null,
  'exif.shutter': null,
  'exif.focal_length': null,
  'exif.orientation': null,
  'exif.latitude': null,
  'exif.longitude': null,
  'exif.altitude': null,
}
