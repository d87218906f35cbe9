import type { WalkedFile } from '#base'
import { FoveaError, throwIfAborted } from '#base'
import { problem } from '../layout.ts'
import type { DraftLabel, DraftProblem, DraftSample, FormatReader, ReadPlan, SourceTree } from '../types.ts'
import { readAnnotation } from './annotation.ts'
import { resolveEntries, type CocoEntries, type CocoEntry } from './entries.ts'
import { indexCocoFile, type CocoIndex } from './index-file.ts'
import { parseSpan } from './json-scan.ts'
import { loadBytes } from './load.ts'
import { isRecord, type DeclaredClass } from './records.ts'
import { findCocoFiles } from './sniff.ts'

/**
 * Reads COCO annotation files, told by their content. Each file is scanned once for its structure and its annotations are
 * parsed once, when their image comes; files of one split that name the same images are merged image by image.
 */
export const cocoReader: FormatReader = {
  format: 'coco',
  looksFor: [
    'data/ with labels.json',
    'images/<split>/ with annotations/<task>_<split>.json',
    'images/ with result.json',
    '<split>/_annotations.coco.json beside the images',
    'any .json file with images, annotations and categories',
  ],
  async detect(tree) {
    const files = await findCocoFiles(tree)
    if (files.length === 0) return null
    return { format: 'coco', layout: describeLayout(files), evidence: describeEvidence(files), confidence: 0.95 }
  },
  read: readCoco,
}

function describeLayout(files: readonly WalkedFile[]): string {
  return files.length === 1 ? 'COCO annotation file' : `${files.length} COCO annotation files`
}

function describeEvidence(files: readonly WalkedFile[]): string {
  const names = files.slice(0, 3).map((file) => file.relative)
  return `${names.join(', ')}${files.length > 3 ? ` and ${files.length - 3} more` : ''}: lists of images, annotations and categories`
}

async function readCoco(tree: SourceTree, { signal }: { signal: AbortSignal }): Promise<ReadPlan> {
  const files = await findCocoFiles(tree, signal)
  if (files.length === 0) {
    throw new FoveaError(
      'FORMAT_INVALID',
      `Expected a COCO annotation file in ${tree.file ?? tree.root}, found none.`,
      {
        hint: 'A COCO file is JSON with the lists images, annotations and categories.',
      },
    )
  }
  const indexes: CocoIndex[] = []
  for (const file of files) indexes.push(await indexCocoFile(file, signal))
  const resolved = await resolveEntries(tree, indexes, signal)
  return {
    classes: mergeClasses(indexes),
    total: resolved.groups.reduce((sum, group) => sum + group.entries.length, 0),
    items: readItems(indexes, resolved, signal),
  }
}

/** Every category by name, in the order of the files; a later file adds what an earlier one leaves open. */
function mergeClasses(indexes: readonly CocoIndex[]): DeclaredClass[] {
  const classes = new Map<string, DeclaredClass>()
  for (const { categories } of indexes) {
    for (const category of categories.values())
      classes.set(category.name, { ...category, ...classes.get(category.name) })
  }
  return [...classes.values()]
}

async function* readItems(
  indexes: readonly CocoIndex[],
  resolved: CocoEntries,
  signal: AbortSignal,
): AsyncGenerator<DraftSample | DraftProblem> {
  for (const index of indexes) yield* index.problems
  yield* resolved.problems
  for (const { indexes: members, entries } of resolved.groups) {
    const texts = new Map<CocoIndex, Buffer>()
    for (const index of members) if (index.spans.order.length > 0) texts.set(index, await reload(index, signal))
    const panoptic = new Set<CocoIndex>()
    for (const entry of entries) {
      throwIfAborted(signal)
      yield* readEntry(entry, texts, panoptic)
    }
  }
}

async function reload(index: CocoIndex, signal: AbortSignal): Promise<Buffer> {
  const bytes = await loadBytes(index.file.path, signal)
  if (bytes.length === index.bytes) return bytes
  throw new FoveaError(
    'FORMAT_INVALID',
    `${index.file.path} had ${index.bytes} bytes when the import began and has ${bytes.length} now.`,
    {
      hint: 'Import again when nothing writes to it.',
    },
  )
}

function* readEntry(
  entry: CocoEntry,
  texts: ReadonlyMap<CocoIndex, Buffer>,
  panoptic: Set<CocoIndex>,
): Generator<DraftSample | DraftProblem> {
  const labels: DraftLabel[] = []
  const captions: string[] = []
  const several = entry.mentions.length > 1
  const earlier = new Set<string>()
  for (const { index, image } of entry.mentions) {
    const bytes = texts.get(index)
    if (!bytes) continue
    const { first, order, starts, ends } = index.spans
    const own: DraftLabel[] = []
    for (let at = first[image]!; at < first[image + 1]!; at++) {
      const number = order[at]!
      const value = parseSpan(bytes, starts[number]!, ends[number]!)
      if (!isRecord(value)) continue
      if (Array.isArray(value.segments_info)) {
        if (!panoptic.has(index)) yield panopticProblem(index)
        panoptic.add(index)
        continue
      }
      const id = value.id
      const name = typeof id === 'number' || typeof id === 'string' ? `annotation ${id}` : `annotations[${number}]`
      const read = readAnnotation(value, index.categories, `${index.file.relative}: ${name}`)
      own.push(...read.labels)
      if (read.caption !== null && read.caption !== '') captions.push(read.caption)
      for (const { code, what, fix } of read.faults) yield problem(index.file.path, code, what, fix)
    }
    // Instances and keypoints of one split both state the outlines of the same objects.
    labels.push(...(several ? own.filter((label) => !earlier.has(shapeKey(label))) : own))
    if (several) for (const label of own) earlier.add(shapeKey(label))
  }
  const fields = captions.length > 0 ? { ...entry.fields, caption: captions.join('\n') } : entry.fields
  yield {
    type: 'sample',
    file: entry.file,
    path: entry.path,
    ...(entry.split === undefined ? {} : { split: entry.split }),
    ...(Object.keys(fields).length > 0 ? { fields } : {}),
    labels,
    ...(entry.size ? { statedSize: entry.size } : {}),
  }
}

function shapeKey({ class: name, kind, box, geometry }: DraftLabel): string {
  return JSON.stringify([name, kind, geometry ?? box])
}

function panopticProblem(index: CocoIndex): DraftProblem {
  const what = 'The annotations are panoptic segments, which stand in PNG files beside this one; they are left out.'
  return problem(
    index.file.path,
    'label-panoptic',
    what,
    'Import the instances and stuff files, or the PNG files with --format masks.',
  )
}
