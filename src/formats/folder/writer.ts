import type { Loss } from '#contract'
import { FoveaError, throwIfAborted } from '#base'
import { createClassFolders } from '../class-folders.ts'
import { createPathAllocator, folderNameFor } from '../export-paths.ts'
import { isSplitName, partsOf } from '../layout.ts'
import { commonLosses, lossesOfKinds } from '../losses.ts'
import type { ExportContext, ExportSummary, FormatWriter } from '../types.ts'
import { unlabelledFolder } from './imagefolder.ts'

/** Class folders: `[split/]class/image`, beside `class-folders.txt` with the classes in order. */
export const folderWriter: FormatWriter = {
  format: 'folder',
  losses(summary) {
    return [
      ...lossesOfFolder(summary),
      ...commonLosses(summary, { fields: false, tags: false, attributes: false, scores: false, authors: false }),
    ]
  },
  async write(context) {
    if (context.media === 'none') {
      throw new FoveaError(
        'INPUT_INVALID',
        'The folder format is made of the images themselves, so it cannot be written with media "none".',
        {
          hint: 'Use --media copy or --media link, or another format.',
        },
      )
    }
    return writeFolders(context)
  },
}

function lossesOfFolder(summary: ExportSummary): Loss[] {
  const losses = lossesOfKinds(summary, ['class'], 'Folders hold one class per image.')
  if (summary.samplesWithSeveralClasses > 0) {
    losses.push({
      code: 'several-classes',
      count: summary.samplesWithSeveralClasses,
      what: `${summary.samplesWithSeveralClasses} samples have several classes; they go into the folder of the first one alone.`,
    })
  }
  if (summary.samplesWithoutClass > 0) {
    losses.push({
      code: 'no-class',
      count: summary.samplesWithoutClass,
      what: `${summary.samplesWithoutClass} samples have no class; they go into ${unlabelledFolder}/, which other tools take for a class.`,
    })
  }
  return losses
}

async function writeFolders({
  folder,
  classes,
  samples,
  total,
  placeMedia,
  signal,
  progress,
}: ExportContext): Promise<{ labels: number; files: number }> {
  const reserved = (name: string): boolean => name === unlabelledFolder || isSplitName(name)
  const folders = createClassFolders(reserved)
  for (const { name } of classes) folders.folderOf(name)
  const paths = createPathAllocator('path')
  let labels = 0
  let done = 0
  for await (const sample of samples) {
    throwIfAborted(signal)
    const first = sample.labels.find((label) => label.kind === 'class')
    if (first) labels++
    const below = [
      ...(sample.split === null ? [] : [folderNameFor(sample.split)]),
      first ? folders.folderOf(first.class) : unlabelledFolder,
    ]
    const { folders: own, name } = partsOf(sample.path)
    // A sample that lies in these folders already keeps its name; others carry their folders in it, so that classes stay flat.
    const fits = own.length === below.length && own.every((part, i) => part === below[i])
    const place = paths.take([...below, fits ? name : [...own, name].join('_')].join('/'))
    await placeMedia(sample, place)
    progress.report({ stage: 'export', done: ++done, total, unit: 'images' })
  }
  await folders.save(folder)
  return { labels, files: 1 }
}
