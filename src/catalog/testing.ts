import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Label, MediaFacts } from '#contract'
import { createFixedClock } from '#base'
import { openCatalog, type Catalog } from './catalog.ts'
import type { ImportedSource, NewSample } from './types.ts'

export interface Scratch {
  file: string
  catalog: Catalog
  /** Closes and opens again, as another run of the program would. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** A real catalogue in a folder of its own. */
export async function openScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-catalog-'))
  const file = join(folder, 'catalog.duckdb')
  const open = (): Promise<Catalog> =>
    openCatalog({ file, clock: createFixedClock(undefined, 1_000), memoryLimitMb: 500 })
  const scratch: Scratch = {
    file,
    catalog: await open(),
    async reopen() {
      await scratch.catalog.close()
      scratch.catalog = await open()
    },
    async close() {
      await scratch.catalog.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return scratch
}

export const facts: MediaFacts = {
  format: 'jpeg',
  bytes: 1000,
  md5: 'd41d8cd98f00b204e9800998ecf8427e',
  sha256: 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855',
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

export function newSample(
  n: number,
  more: Partial<NewSample> & { facts?: MediaFacts } = {},
): NewSample & ImportedSource {
  return {
    path: `a/${n}.jpg`,
    source: `/data/a/${n}.jpg`,
    split: null,
    facts,
    tags: [],
    fields: {},
    modifiedMs: n,
    digest: `d${n}`,
    ...more,
  }
}

export function boxLabel(className: string, x = 1): Label {
  return {
    kind: 'box',
    class: className,
    box: { x, y: 2, w: 10, h: 5 },
    geometry: null,
    area: 50,
    score: null,
    attributes: {},
    author: null,
  }
}
