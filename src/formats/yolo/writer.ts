import { createReadStream } from 'node:fs'
import { mkdir, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { createInterface } from 'node:readline'
import { stringify } from 'yaml'
import type { OntologyClass } from '#contract'
import { throwIfAborted } from '#base'
import { createPathAllocator, folderNameFor, type PathAllocator } from '../export-paths.ts'
import { stemOf } from '../layout.ts'
import { plainPathOf } from '../plain-path.ts'
import { createTextSink, type TextSink } from '../text-sink.ts'
import type { ExportContext, ExportSample, FormatWriter } from '../types.ts'
import { otherKeys } from './config.ts'
import { lossesOfYolo } from './losses.ts'
import { mediaListFile, mediaRow } from './media-list.ts'
import { draftRow, rowsOf, type DraftRow, type YoloTask } from './write-rows.ts'

/**
 * Writes `data.yaml`, `images/<split>/` and `labels/<split>/`. The task follows from what comes: keypoints make it pose,
 * else polygons or masks segment, else detect. Labels wait in a file of the export until all are seen and the task is
 * known. Samples without labels get no label file. Classes with fewer keypoints than the widest are filled up.
 */
export const yoloWriter: FormatWriter = { format: 'yolo', losses: lossesOfYolo, write: writeYolo }

/** Small files are written so many at once; waiting for each in turn would take most of the time. */
const writeAtOnce = 32

interface Split {
  /** Name of its folder below images/ and labels/. */
  folder: string
  paths: PathAllocator
}

interface Seen {
  outlines: boolean
  keypoints: boolean
  /** Points of the label with most. */
  points: number
}

async function writeYolo(context: ExportContext): Promise<{ labels: number; files: number }> {
  const { folder, samples, signal, progress, total } = context
  const waiting = createTextSink(join(folder, 'labels.part'))
  const mediaList = createTextSink(join(folder, mediaListFile))
  const splits = createSplits()
  const classes = createClassNumbers(context.classes)
  const seen: Seen = { outlines: false, keypoints: false, points: 0 }
  let labels = 0
  let done = 0
  for await (const sample of samples) {
    throwIfAborted(signal)
    const path = await placeSample(context, sample, splits.of(sample.split ?? 'train'), mediaList)
    const drafts = draftLabels(sample, classes.of, seen)
    labels += drafts.length
    if (drafts.length > 0) await waiting.write(`${JSON.stringify([path, drafts])}\n`)
    progress.report({ stage: 'export', done: ++done, total, unit: 'images' })
  }
  await waiting.close()
  const task: YoloTask = seen.keypoints ? 'pose' : seen.outlines ? 'segment' : 'detect'
  const labelFiles = await writeLabelFiles(folder, waiting.path, task, seen.points, signal)
  await rm(waiting.path)
  if (context.media === 'none') await mediaList.close()
  await writeFile(join(folder, 'data.yaml'), describe(task, splits.list(), classes.list(), seen.points))
  return { labels, files: labelFiles + (context.media === 'none' ? 2 : 1) }
}

/** Puts the image in place; answers its path below images/ without extension. */
async function placeSample(
  { placeMedia, media }: ExportContext,
  sample: ExportSample,
  split: Split,
  mediaList: TextSink,
): Promise<string> {
  // A folder `images` further down would be the one that label files are looked for by.
  const wished = plainPathOf(sample.path, sample.split)
    .split('/')
    .map((part) => (part === 'images' ? 'images_' : part))
  const path = split.paths.take(wished.join('/'))
  const place = `images/${split.folder}/${path}`
  const placed = await placeMedia(sample, place)
  if (media === 'none') await mediaList.write(mediaRow(place, placed))
  return stemOf(`${split.folder}/${path}`)
}

function draftLabels(sample: ExportSample, classNumber: (name: string) => number, seen: Seen): DraftRow[] {
  return sample.labels.flatMap((label) => {
    const draft = draftRow(label, classNumber(label.class), sample)
    if (!draft) return []
    if (draft.s) seen.outlines = true
    if (draft.k) {
      seen.keypoints = true
      seen.points = Math.max(seen.points, draft.k.length / 3)
    }
    return [draft]
  })
}

async function writeLabelFiles(
  root: string,
  waiting: string,
  task: YoloTask,
  points: number,
  signal: AbortSignal,
): Promise<number> {
  const made = new Set<string>()
  let files = 0
  const batch: Promise<void>[] = []
  try {
    for await (const line of createInterface({ input: createReadStream(waiting), crlfDelay: Infinity })) {
      throwIfAborted(signal)
      const [path, drafts] = JSON.parse(line) as [string, DraftRow[]]
      const target = join(root, 'labels', `${path}.txt`)
      const parent = dirname(target)
      if (!made.has(parent)) await mkdir(parent, { recursive: true })
      made.add(parent)
      const work = writeFile(target, rowsOf(drafts, task, points))
      // A failure surfaces where the batch is awaited; until then it must not count as unhandled.
      work.catch(() => {})
      batch.push(work)
      files++
      if (batch.length >= writeAtOnce) {
        await Promise.all(batch)
        batch.length = 0
      }
    }
    await Promise.all(batch)
  } finally {
    await Promise.allSettled(batch)
  }
  return files
}

/** `path` is left out: ultralytics then counts from where the yaml lies. */
function describe(
  task: YoloTask,
  splits: readonly (Split & { name: string })[],
  classes: readonly NamedClass[],
  points: number,
): string {
  const places = new Map(splits.map(({ name, folder }) => [name, `images/${folder}`]))
  const [first] = places.values()
  // ultralytics insists on both, so another split stands in for one that is not there.
  const train = places.get('train') ?? first ?? 'images/train'
  const val = places.get('val') ?? places.get('valid') ?? places.get('validation') ?? train
  const named = classes.flatMap(({ keypoints }, i) => (keypoints ? [[i, keypoints] as const] : []))
  const keys = new Map<string, unknown>([
    ['train', train],
    ['val', val],
  ])
  for (const [name, place] of places) keys.set(otherKeys.has(name) ? `split_${name}` : name, place)
  keys.set('names', new Map(classes.map(({ name }, i) => [i, name])))
  if (task === 'pose') {
    keys.set('kpt_shape', [points, 3])
    if (named.length > 0) keys.set('kpt_names', new Map(named))
  }
  // Quotes keep YAML 1.1 readers from taking `no`, `on` or `1_000` for something else than text.
  return `# Exported from fovea, for the task ${task}.\n${stringify(keys, { defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN', lineWidth: 0 })}`
}

function createSplits(): { of(name: string): Split; list(): (Split & { name: string })[] } {
  const folders = createPathAllocator('path')
  const splits = new Map<string, Split>()
  return {
    of(name) {
      const known = splits.get(name)
      if (known) return known
      const folder = folders.take(folderNameFor(name))
      // Below images/ a folder `images` would change where label files are looked for.
      const split = {
        folder: folder === 'images' ? folders.take('images_') : folder,
        paths: createPathAllocator('stem'),
      }
      splits.set(name, split)
      return split
    },
    list: () => [...splits].map(([name, split]) => ({ name, ...split })),
  }
}

type NamedClass = Pick<OntologyClass, 'name' | 'keypoints'>

function createClassNumbers(classes: readonly OntologyClass[]): { of(name: string): number; list(): NamedClass[] } {
  const list: NamedClass[] = [...classes]
  const numbers = new Map(list.map(({ name }, i) => [name, i]))
  return {
    of(name) {
      const known = numbers.get(name)
      if (known !== undefined) return known
      const number = list.push({ name, keypoints: null }) - 1
      numbers.set(name, number)
      return number
    },
    list: () => list,
  }
}
