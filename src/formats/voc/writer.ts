import { mkdir, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import type { Label, Loss } from '#contract'
import { throwIfAborted } from '#base'
import { writeMaskPng } from '#media'
import { createPathAllocator, folderNameFor } from '../export-paths.ts'
import { stemOf } from '../layout.ts'
import { plainPathOf } from '../plain-path.ts'
import { commonLosses, lossesOfKinds } from '../losses.ts'
import { paint, pixelsOfLabel, vocPalette } from '../mask-pixels.ts'
import type { ExportContext, ExportSample, ExportSummary, FormatWriter } from '../types.ts'
import { annotationXml, isPlainPolygon, type WrittenObject } from './write-xml.ts'

/**
 * Pascal VOC's development kit: JPEGImages, Annotations, ImageSets/Main, and palette masks in SegmentationClass and
 * SegmentationObject for samples with masks or polygons, with `labelmap.txt` in the form of CVAT and Datumaro.
 */
export const vocWriter: FormatWriter = {
  format: 'voc',
  losses(summary) {
    return [
      ...lossesOfVoc(summary),
      ...commonLosses(summary, { fields: false, tags: false, attributes: true, scores: false, authors: false }),
    ]
  },
  write: writeVoc,
}

function lossesOfVoc(summary: ExportSummary): Loss[] {
  const losses = lossesOfKinds(summary, ['box', 'polygon', 'mask'], 'Pascal VOC holds boxes and areas alone.')
  const masks = summary.kinds.mask ?? 0
  const areas = masks + (summary.kinds.polygon ?? 0)
  const torn = summary.polygonsWithHoles + summary.polygonsWithParts
  if (torn > 0)
    losses.push({
      code: 'polygon-rasterised',
      count: torn,
      what: `Polygons with holes or several parts (${torn}) are written as instance masks.`,
    })
  if (areas > 1 && summary.samplesWithSeveralRegions !== 0) {
    losses.push({
      code: 'areas-overlap',
      count: summary.samplesWithSeveralRegions ?? areas,
      what: 'Where masks of one image overlap, the later one wins.',
    })
  }
  if (masks + torn > 0 && summary.labelsWithAttributes > 0) {
    losses.push({
      code: 'mask-attributes',
      count: Math.min(summary.labelsWithAttributes, masks + torn),
      what: `Attributes of masks are written, but not read back: up to ${Math.min(summary.labelsWithAttributes, masks + torn)} labels.`,
    })
  }
  return losses
}

async function writeVoc(context: ExportContext): Promise<{ labels: number; files: number }> {
  const { folder, classes, samples, total, signal, progress } = context
  const values = new Map(classes.map(({ name }, i) => [name, valueAt(i)]))
  const paths = createPathAllocator('stem')
  const lists = new Map<string, string[]>()
  let labels = 0
  let files = 0
  let done = 0
  for await (const sample of samples) {
    throwIfAborted(signal)
    const path = paths.take(plainPathOf(sample.path, sample.split))
    const id = stemOf(path)
    const placed = await context.placeMedia(sample, `JPEGImages/${path}`)
    const objects = numberInstances(sample)
    const areas = objects.filter(({ instance }) => instance !== null)
    if (areas.length > 0) files += await writeMasks(folder, id, sample, areas, values)
    const filename = context.media === 'none' ? placed : path
    await writeInto(join(folder, 'Annotations', `${id}.xml`), annotationXml(sample, filename, objects))
    const split = sample.split ?? 'default'
    lists.set(split, [...(lists.get(split) ?? []), id])
    labels += objects.length
    files++
    progress.report({ stage: 'export', done: ++done, total, unit: 'images' })
  }
  for (const [split, ids] of lists)
    await writeInto(
      join(folder, 'ImageSets', 'Main', `${folderNameFor(split)}.txt`),
      ids.map((id) => `${id}\n`).join(''),
    )
  await writeFile(join(folder, 'labelmap.txt'), labelMap(classes.map(({ name }) => name)))
  return { labels, files: files + lists.size + 1 }
}

/** The n-th value that is neither background nor void. */
function valueAt(n: number): number {
  return n + 1 < 255 ? n + 1 : n + 2
}

/** Boxes stand for themselves; areas get the next value of the instance mask. */
function numberInstances(sample: ExportSample): WrittenObject[] {
  let areas = 0
  return sample.labels.flatMap((label): WrittenObject[] => {
    if (label.kind === 'box') return [{ label, instance: null }]
    return label.kind === 'mask' || label.kind === 'polygon' ? [{ label, instance: valueAt(areas++) }] : []
  })
}

async function writeMasks(
  folder: string,
  id: string,
  sample: ExportSample,
  areas: readonly WrittenObject[],
  values: ReadonlyMap<string, number>,
): Promise<number> {
  const { width, height } = sample
  const wide = (highest: number): Uint8Array | Uint16Array =>
    highest > 255 ? new Uint16Array(width * height) : new Uint8Array(width * height)
  const kinds = wide(values.size + 1)
  const instances = wide(areas.at(-1)!.instance!)
  // Polygons are told exactly in the annotation, so masks go on top of them.
  for (const { label, instance } of [...areas].sort((a, b) => Number(isExact(b.label)) - Number(isExact(a.label)))) {
    const covered = pixelsOfLabel(label, width, height)
    if (!covered) continue
    paint(instances, covered, instance!)
    paint(kinds, covered, values.get(label.class) ?? 0)
  }
  const palette = vocPalette()
  await writeMaskPng(join(folder, 'SegmentationClass', `${id}.png`), kinds, width, height, { palette })
  await writeMaskPng(join(folder, 'SegmentationObject', `${id}.png`), instances, width, height, { palette })
  return 2
}

function isExact(label: Label): boolean {
  return isPlainPolygon(label.geometry)
}

/** `name:r,g,b:parts:actions`, a line a value. */
function labelMap(names: readonly string[]): string {
  const palette = vocPalette()
  const lines = ['# label:color_rgb:parts:actions', 'background:0,0,0::']
  names.forEach((name, i) => {
    if (lines.length === 256) lines.push(`void:${palette[255]!.join(',')}::`)
    lines.push(`${name.replace(/\s+/g, ' ')}:${(palette[valueAt(i)] ?? [0, 0, 0]).join(',')}::`)
  })
  return lines.map((line) => `${line}\n`).join('')
}

async function writeInto(path: string, text: string): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  await writeFile(path, text)
}
