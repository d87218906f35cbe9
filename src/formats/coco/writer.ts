import { join } from 'node:path'
import { throwIfAborted } from '#base'
import { createPathAllocator, folderNameFor, type PathAllocator } from '../export-paths.ts'
import { plainPathOf } from '../plain-path.ts'
import { createTextSink, type TextSink } from '../text-sink.ts'
import type { ExportContext, ExportSample, FormatWriter } from '../types.ts'
import { lossesOfCoco } from './losses.ts'
import { annotationOf, categoryOf } from './write-annotation.ts'

/**
 * Writes `images/<split>/` with `annotations/instances_<split>.json` for each split, and `data/` with `labels.json` for
 * samples without one. Images and annotations go to disk as they come; memory does not grow with them.
 */
export const cocoWriter: FormatWriter = { format: 'coco', losses: lossesOfCoco, write: writeCoco }

interface SplitFile {
  /** Folder of the images, relative to the export. */
  folder: string
  paths: PathAllocator
  images: TextSink
  /** Beside the images until both are whole: JSON wants one list after the other. */
  annotations: TextSink
  imageCount: number
  annotationCount: number
}

async function writeCoco(context: ExportContext): Promise<{ labels: number; files: number }> {
  const { signal, progress, total } = context
  const splitNames = createPathAllocator('path')
  const splits = new Map<string | null, SplitFile>()
  const categories = createCategories(context)
  let images = 0
  let labels = 0

  const fileOf = async (split: string | null): Promise<SplitFile> => {
    const known = splits.get(split)
    if (known) return known
    const file = await openSplit(context.folder, split, split === null ? null : splitNames.take(folderNameFor(split)))
    splits.set(split, file)
    return file
  }

  for await (const sample of context.samples) {
    throwIfAborted(signal)
    const file = await fileOf(sample.split)
    const imageId = ++images
    await addImage(context, file, sample, imageId)
    for (const label of sample.labels) {
      const annotation = annotationOf(label, sample)
      if (!annotation) continue
      const ids = { id: ++labels, image_id: imageId, category_id: categories.idOf(label.class) }
      await file.annotations.write(
        `${file.annotationCount++ === 0 ? '' : ',\n'}${JSON.stringify({ ...ids, ...annotation })}`,
      )
    }
    progress.report({ stage: 'export', done: images, total, unit: 'images' })
  }
  if (splits.size === 0) await fileOf(null)
  for (const file of splits.values()) {
    throwIfAborted(signal)
    await closeSplit(file, categories.list())
  }
  return { labels, files: splits.size }
}

async function openSplit(root: string, split: string | null, name: string | null): Promise<SplitFile> {
  const target = name === null ? 'labels.json' : join('annotations', `instances_${name}.json`)
  const images = createTextSink(join(root, target))
  const info = { description: 'Exported from fovea', split }
  await images.write(`{"info":${JSON.stringify(info)},\n"licenses":[],\n"images":[\n`)
  return {
    folder: name === null ? 'data' : `images/${name}`,
    paths: createPathAllocator('path'),
    images,
    annotations: createTextSink(join(root, `${target}.part`)),
    imageCount: 0,
    annotationCount: 0,
  }
}

async function addImage(
  { placeMedia, media }: ExportContext,
  file: SplitFile,
  sample: ExportSample,
  id: number,
): Promise<void> {
  const path = file.paths.take(plainPathOf(sample.path, sample.split))
  const placed = await placeMedia(sample, `${file.folder}/${path}`)
  const image = { id, file_name: media === 'none' ? placed : path, width: sample.width, height: sample.height }
  await file.images.write(`${file.imageCount++ === 0 ? '' : ',\n'}${JSON.stringify(image)}`)
}

async function closeSplit({ images, annotations }: SplitFile, categories: readonly unknown[]): Promise<void> {
  await images.write('\n],\n"annotations":[\n')
  await images.absorb(annotations)
  await images.write(
    `\n],\n"categories":[\n${categories.map((category) => JSON.stringify(category)).join(',\n')}\n]}\n`,
  )
  await images.close()
}

/** Category ids from 1 in the order of the ontology. */
function createCategories({ classes }: ExportContext): { idOf(name: string): number; list(): unknown[] } {
  const ids = new Map<string, number>()
  const list = classes.map((one, i) => {
    ids.set(one.name, i + 1)
    return categoryOf(one, i + 1)
  })
  return {
    idOf(name) {
      const known = ids.get(name)
      if (known !== undefined) return known
      const id = list.push(categoryOf({ name }, list.length + 1))
      ids.set(name, id)
      return id
    },
    list: () => list,
  }
}
