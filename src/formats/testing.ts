// Trees, samples and exports for the tests of this room.
import { existsSync } from 'node:fs'
import { copyFile, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join, resolve } from 'node:path'
import { decode } from 'fast-png'
import type { Label, OntologyClass } from '#contract'
import { encodeMask, maskArea, maskBounds, silentProgress } from '#base'
import { createSourceTree } from './tree.ts'
import type {
  DraftMask,
  DraftProblem,
  DraftSample,
  ExportSample,
  ExportSummary,
  FormatReader,
  FormatWriter,
} from './types.ts'

const signal = new AbortController().signal

/** Runs with a folder that is gone afterwards. */
export async function withFolder<T>(use: (folder: string) => Promise<T>): Promise<T> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-formats-'))
  try {
    return await use(folder)
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

/** Writes files by relative path. */
export async function plant(folder: string, files: Record<string, string | Uint8Array>): Promise<void> {
  for (const [path, content] of Object.entries(files)) {
    const full = join(folder, path)
    await mkdir(dirname(full), { recursive: true })
    await writeFile(full, content)
  }
}

export function treeOf(path: string): ReturnType<typeof createSourceTree> {
  return createSourceTree(path, { signal, onProblem: () => {} })
}

export interface ReadBack {
  classes: string[]
  samples: DraftSample[]
  problems: DraftProblem[]
}

export async function readWith(reader: FormatReader, path: string): Promise<ReadBack> {
  const plan = await reader.read(await treeOf(path), { signal })
  const samples: DraftSample[] = []
  const problems: DraftProblem[] = []
  for await (const item of plan.items) {
    if (item.type === 'sample') samples.push(item)
    else problems.push(item)
  }
  return { classes: plan.classes.map(({ name }) => name), samples, problems }
}

function classOf(name: string): OntologyClass {
  return { name, color: '#808080', hotkey: null, definition: '', supercategory: null, keypoints: null, skeleton: null }
}

export function sampleOf(over: Partial<ExportSample> & Pick<ExportSample, 'path' | 'file'>): ExportSample {
  return { id: 's_1', width: 8, height: 6, split: null, tags: [], fields: {}, labels: [], ...over }
}

export function labelOf(over: Partial<Label> & Pick<Label, 'kind' | 'class'>): Label {
  const { kind, class: name, ...rest } = over
  const nothing = { box: null, geometry: null, area: null, score: null, attributes: {}, author: null }
  return { kind, class: name, ...nothing, ...rest }
}

/** A mask label of row-major pixels. */
export function maskLabel(name: string, pixels: Uint8Array, width: number, height: number): Label {
  const geometry = encodeMask(pixels, width, height)
  return labelOf({ kind: 'mask', class: name, geometry, box: maskBounds(geometry), area: maskArea(geometry) })
}

/** Writes samples as an export does, media copied. */
export async function writeWith(
  writer: FormatWriter,
  folder: string,
  samples: readonly ExportSample[],
  classes: readonly string[],
): Promise<{ labels: number; files: number }> {
  await mkdir(folder, { recursive: true })
  return writer.write({
    folder,
    classes: classes.map(classOf),
    total: samples.length,
    samples: (async function* () {
      yield* samples
    })(),
    async placeMedia(sample, relative) {
      const target = join(folder, relative)
      await mkdir(dirname(target), { recursive: true })
      await copyFile(sample.file, target)
      return relative
    },
    media: 'copy',
    signal,
    progress: silentProgress,
  })
}

export function summaryOf(over: Partial<ExportSummary>): ExportSummary {
  return {
    samples: 1,
    kinds: {},
    polygonsWithHoles: 0,
    polygonsWithParts: 0,
    labelsWithAttributes: 0,
    labelsWithScores: 0,
    labelsWithAuthors: 0,
    crowdLabels: 0,
    rotatedLabels: 0,
    samplesWithSeveralClasses: 0,
    samplesWithoutClass: 0,
    samplesWithTags: 0,
    samplesWithSplit: 0,
    samplesWithFields: 0,
    otherLayers: [],
    ...over,
  }
}

/** Class and row-major pixels of each region a stated mask has, in order of value, for masks whose values are an index. */
export async function regionsOf(mask: DraftMask): Promise<{ class: string | null; pixels: number[] }[]> {
  const { data } = decode(await readFile(mask.file))
  const values = [...new Set(data)].filter((value) => !mask.ignore.includes(value)).sort((a, b) => a - b)
  return values.map((value) => ({
    class: mask.classes[value] ?? mask.otherClass?.replace('<value>', String(value)) ?? null,
    pixels: [...data].map((found) => (found === value ? 1 : 0)),
  }))
}

/** A folder of the real data beside the repository; null where it is not. */
export function sharedData(name: string): string | null {
  const path = resolve('..', 'shared', 'data', name)
  return existsSync(path) ? path : null
}
