import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Label, MediaFacts } from '#contract'
import { createFixedClock, silentProgress, type CallContext, type Operation, type Progress } from '#base'
import { openCatalog, type Catalog, type ChangeStep, type DatasetRef } from '#catalog'
import { createLocalStore, type MediaStore } from '#store'
import { createVersionRoom } from './room.ts'

export interface Scratch {
  folder: string
  catalog: Catalog
  store: MediaStore
  dataset: DatasetRef
  /** One change of the dataset. */
  change(work: (step: ChangeStep) => Promise<unknown>): Promise<string>
  /** Samples with a picture each; answers their ids. */
  add(numbers: readonly number[], label?: (n: number) => Label[]): Promise<number[]>
  call<T = Record<string, never>>(id: string, input?: object, more?: Partial<CallContext>): Promise<T>
  /** Closes and opens again, as another run of the program would. */
  reopen(): Promise<void>
  close(): Promise<void>
}

/** A real catalogue and store in a folder of its own, with the dataset `tiles`. */
export async function openScratch(): Promise<Scratch> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-versions-'))
  const clock = createFixedClock(undefined, 1_000)
  await mkdir(join(folder, 'pictures'))
  const store = createLocalStore({ folder: join(folder, 'objects') })
  const open = async (): Promise<{ catalog: Catalog; operations: readonly Operation[] }> => {
    const catalog = await openCatalog({ file: join(folder, 'catalog.duckdb'), clock, memoryLimitMb: 500 })
    const room = createVersionRoom({ catalog, store, clock, folder: join(folder, 'versions') })
    catalog.versions.use(room.source)
    return { catalog, operations: room.operations }
  }
  let opened = await open()
  const { dataset } = await opened.catalog.createDataset('tiles', {}, 'ann')
  const scratch: Scratch = {
    folder,
    catalog: opened.catalog,
    store,
    dataset,
    async change(work) {
      const change = scratch.catalog.openChange({ actor: 'ann', operation: 'dataset.import', dataset })
      await change.step(work)
      await change.close('Made a change')
      return change.id ?? ''
    },
    async add(numbers, label = () => []) {
      let ids: number[] = []
      const samples = await Promise.all(numbers.map((n) => drawPicture(folder, n)))
      await scratch.change(async (step) => {
        ids = await step.addSamples(samples, 'truth')
        await step.replaceLabels(
          'truth',
          ids.map((id, i) => ({ id, labels: label(numbers[i]!), digest: `d${numbers[i]}` })),
        )
      })
      return ids
    },
    async call<T>(id: string, input: object = {}, more: Partial<CallContext> = {}) {
      const operation = opened.operations.find(({ spec }) => spec.id === id)!
      const context: CallContext = {
        signal: new AbortController().signal,
        progress: silentProgress,
        actor: 'ann',
        log: { info: () => {}, warn: () => {} },
        ...more,
      }
      return operation.spec.output.parse(await operation.handle(operation.spec.input.parse(input), context)) as T
    },
    async reopen() {
      await scratch.catalog.close()
      opened = await open()
      scratch.catalog = opened.catalog
    },
    async close() {
      await scratch.catalog.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
  return scratch
}

/** A progress that calls back. */
export const watchProgress = (onStage: (stage: string) => void): Progress => ({
  report: ({ stage }) => onStage(stage),
})

export function box(className: string, x: number): Label {
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

async function drawPicture(folder: string, n: number) {
  const source = join(folder, 'pictures', `${n}.bin`)
  const bytes = Buffer.from(`picture ${n}`)
  await writeFile(source, bytes)
  return {
    path: `pictures/${n}.bin`,
    source,
    split: null,
    facts: {
      ...facts,
      bytes: bytes.length,
      md5: createHash('md5').update(bytes).digest('hex'),
      brightness: (n % 10) / 10,
    },
    tags: [],
    fields: {},
    modifiedMs: n,
    digest: `d${n}`,
  }
}

const facts: MediaFacts = {
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
