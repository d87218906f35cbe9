import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Loss } from '#contract'
import { FoveaError, throwIfAborted } from '#base'
import { writeMaskPng } from '#media'
import { createClassFolders, type ClassFolders } from '../class-folders.ts'
import { createPathAllocator } from '../export-paths.ts'
import { writeValueNames } from '../label-names.ts'
import { isImageFolderName, isMaskFolderName, isSplitName, joinPath, partsOf, stemOf } from '../layout.ts'
import { commonLosses, lossesOfKinds } from '../losses.ts'
import { paint, pixelsOfLabel } from '../mask-pixels.ts'
import { createSplitLists } from '../split-lists.ts'
import type { ExportContext, ExportSample, ExportSummary, FormatWriter } from '../types.ts'

/**
 * An index mask for every image: `images/` + `masks/`, and `<class>/images/` + `<class>/masks/` for samples with one class.
 * `labelmap.txt` names the pixel values, `splits/<split>.txt` lists the images of each split.
 */
export const masksWriter: FormatWriter = {
  format: 'masks',
  losses(summary) {
    return [
      ...lossesOfMasks(summary),
      ...commonLosses(summary, { fields: false, tags: false, attributes: false, scores: false, authors: false }),
    ]
  },
  write: writeMasks,
}

function lossesOfMasks(summary: ExportSummary): Loss[] {
  const losses = lossesOfKinds(summary, ['class', 'polygon', 'mask'], 'Pixel masks hold areas alone.')
  const polygons = summary.kinds.polygon ?? 0
  const areas = polygons + (summary.kinds.mask ?? 0)
  if (polygons > 0) {
    losses.push({
      code: 'polygon-rasterised',
      count: polygons,
      what: `${polygons} polygons are written as the pixels whose centres they cover.`,
    })
  }
  if (areas > 1 && summary.samplesWithSeveralRegions !== 0) {
    const where =
      summary.samplesWithSeveralRegions === undefined
        ? 'In samples with several areas'
        : `In ${summary.samplesWithSeveralRegions} samples with several areas`
    losses.push({
      code: 'areas-merge',
      count: summary.samplesWithSeveralRegions ?? areas,
      what: `${where}, those of one class become one, and where areas of different classes overlap the later one wins.`,
    })
  }
  if (summary.samplesWithSeveralClasses > 0) {
    losses.push({
      code: 'several-classes',
      count: summary.samplesWithSeveralClasses,
      what: `${summary.samplesWithSeveralClasses} samples have several classes; they are written without, as a class folder holds one class.`,
    })
  }
  return losses
}

async function writeMasks(context: ExportContext): Promise<{ labels: number; files: number }> {
  const { folder, samples, total, media, signal, progress } = context
  const names = context.classes.map(({ name }) => name)
  if (names.length > 65_535) {
    throw new FoveaError('INPUT_INVALID', `Masks hold at most 65535 classes, got ${names.length}.`, {
      hint: 'Use another format.',
    })
  }
  const values = new Map(names.map((name, i) => [name, i + 1]))
  const Pixels = names.length > 255 ? Uint16Array : Uint8Array
  const classFolders = createClassFolders(
    (name) => isSplitName(name) || isImageFolderName(name) || isMaskFolderName(name) || name === 'splits',
  )
  const paths = createPathAllocator('stem')
  const splits = createSplitLists()
  let labels = 0
  let files = 0
  for await (const sample of samples) {
    throwIfAborted(signal)
    const stated = sample.labels.filter((label) => label.kind === 'class').map((label) => label.class)
    const classes = [...new Set(stated)]
    const only = classes.length === 1 ? classes[0]! : null
    const { image, mask } = placesOf(sample, only, classFolders, paths.take)
    const pixels = new Pixels(sample.width * sample.height)
    for (const label of sample.labels) {
      const covered = pixelsOfLabel(label, sample.width, sample.height)
      const value = values.get(label.class)
      if (!covered || value === undefined) continue
      paint(pixels, covered, value)
      labels++
    }
    if (only !== null && media !== 'none') labels++
    await context.placeMedia(sample, image)
    await writeMaskPng(join(folder, mask), pixels, sample.width, sample.height)
    splits.add(sample.split, image)
    progress.report({ stage: 'export', done: ++files, total, unit: 'images' })
  }
  await writeFile(join(folder, 'labelmap.txt'), writeValueNames(names))
  await classFolders.save(folder)
  return { labels, files: files + 2 + (await splits.save(folder)) }
}

/**
 * Where a sample's image and mask go. A path that lies in its class folder and an image folder already is kept, so that what was
 * imported in this layout goes back to the same place.
 */
function placesOf(
  sample: ExportSample,
  name: string | null,
  classFolders: ClassFolders,
  take: (path: string) => string,
): { image: string; mask: string } {
  const above = name === null ? [] : [classFolders.folderOf(name)]
  const { folders } = partsOf(sample.path)
  const at = above.length
  const kept = folders.length > at && above.every((part, i) => folders[i] === part) && isImageFolderName(folders[at]!)
  const imageFolder = kept ? folders[at]! : 'images'
  const rest = kept ? sample.path.split('/').slice(at + 1) : sample.path.split('/')
  // Places are told apart by the mask, as masks of all image folders lie in one.
  const mask = take(joinPath(...above, 'masks', ...rest))
  const below = mask.split('/').slice(at + 1)
  return { image: joinPath(...above, imageFolder, ...below), mask: `${stemOf(mask)}.png` }
}
