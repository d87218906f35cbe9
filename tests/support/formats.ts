import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import type { Label, OntologyClass } from '#contract'
import { silentProgress } from '#base'
import {
  createSourceTree,
  type DraftProblem,
  type DraftSample,
  type ExportContext,
  type ExportSample,
  type ExportSummary,
  type FormatReader,
  type FormatWriter,
  type ReadPlan,
} from '#formats'

/** A folder for one test file; `remove` takes everything made in it away. */
export async function createScratch(): Promise<{
  /** Makes a folder with these files; an object is written as JSON. */
  make(files: Record<string, unknown>): Promise<string>
  remove(): Promise<void>
}> {
  const home = await mkdtemp(join(tmpdir(), 'fovea-formats-'))
  let made = 0
  return {
    async make(files) {
      const root = join(home, String(made++))
      await mkdir(root, { recursive: true })
      for (const [path, content] of Object.entries(files)) {
        const file = join(root, path)
        await mkdir(dirname(file), { recursive: true })
        await writeFile(file, typeof content === 'string' ? content : JSON.stringify(content))
      }
      return root
    },
    remove: () => rm(home, { recursive: true, force: true }),
  }
}

export interface EverythingRead {
  classes: ReadPlan['classes']
  total: number | null
  samples: DraftSample[]
  problems: DraftProblem[]
}

/** Detects and reads; throws when the reader does not know the layout. */
export async function readEverything(reader: FormatReader, path: string): Promise<EverythingRead> {
  const { signal } = new AbortController()
  const tree = await createSourceTree(path, { signal, onProblem: () => {} })
  if (!(await reader.detect(tree))) throw new Error(`${reader.format} does not know ${path}`)
  const plan = await reader.read(tree, { signal })
  const samples: DraftSample[] = []
  const problems: DraftProblem[] = []
  for await (const item of plan.items) {
    if (item.type === 'sample') samples.push(item)
    else problems.push(item)
  }
  return { classes: plan.classes, total: plan.total, samples, problems }
}

export function makeClass(name: string, more: Partial<OntologyClass> = {}): OntologyClass {
  return {
    name,
    color: '#112233',
    hotkey: null,
    definition: '',
    supercategory: null,
    keypoints: null,
    skeleton: null,
    ...more,
  }
}

export function makeLabel(label: Pick<Label, 'kind' | 'class'> & Partial<Label>): Label {
  return { box: null, geometry: null, area: null, score: null, attributes: {}, author: null, ...label }
}

export function makeSample(path: string, more: Partial<ExportSample> = {}): ExportSample {
  return {
    id: path,
    path,
    file: `/nowhere/${path}`,
    width: 640,
    height: 480,
    split: null,
    tags: [],
    fields: {},
    labels: [],
    ...more,
  }
}

/** Writes samples; media is stood in for by empty files (`copy`) or left where it is (`none`). */
export async function writeEverything(
  writer: FormatWriter,
  folder: string,
  samples: readonly ExportSample[],
  classes: readonly OntologyClass[],
  media: ExportContext['media'] = 'copy',
): Promise<{ labels: number; files: number }> {
  return writer.write({
    folder,
    classes,
    total: samples.length,
    samples: (async function* () {
      yield* samples
    })(),
    async placeMedia(sample, relative) {
      if (media === 'none') return sample.file
      const target = join(folder, relative)
      await mkdir(dirname(target), { recursive: true })
      await writeFile(target, '', { flag: 'wx' })
      return relative
    },
    media,
    signal: new AbortController().signal,
    progress: silentProgress,
  })
}

/** A summary of nothing, to be filled with what a test is about. */
export function makeSummary(more: Partial<ExportSummary>): ExportSummary {
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
    ...more,
  }
}
