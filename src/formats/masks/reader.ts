import { dirname } from 'node:path'
import { compareCodePoints, throwIfAborted, type WalkedFile } from '#base'
import { readClassFolders } from '../class-folders.ts'
import { readValueNames, type ValueNames } from '../label-names.ts'
import { isImageFolderName, isMaskFolderName, isSplitName, partsOf, problem, splitOfFolders } from '../layout.ts'
import { readSplitLists } from '../split-lists.ts'
import type { DraftMask, DraftProblem, DraftSample, FormatReader, SourceTree } from '../types.ts'
import { pairMasks, type PairedImage, type Pairing } from './pair.ts'
import { peekMasks, type MaskPeek } from './peek.ts'

const nameFiles = ['labelmap.txt', 'classes.txt', 'label_map.txt', 'label_names.txt', 'class_names.txt', 'labels.txt']
/** Below this share of images with a mask, equal stems are taken for chance. */
const telling = 0.1
const unnamedClass = 'foreground'

interface Reading {
  pairing: Pairing
  peek: MaskPeek
  names: ValueNames | null
  /** Class of an image by the folder it lies in; null when folders say nothing of the sort. */
  classOf: ((image: PairedImage) => string | null) | null
}

/** Images with pixel masks of the same stem, beside them or in a folder of their own. */
export const masksReader: FormatReader = {
  format: 'masks',
  looksFor: [
    'an image and a PNG mask of the same stem in one folder (a.jpg + a.png)',
    'masks of the same stem in a folder beside the images (images|data + masks|labels)',
  ],
  async detect(tree) {
    if (tree.file !== null) return null
    const pairing = pairMasks(tree)
    const pairs = pairing.beside + pairing.apart
    if (pairs === 0) return null
    const { peek, classOf, names } = await examine(tree, pairing)
    const where = pairing.beside >= pairing.apart ? 'mask pairs in one folder' : 'image and mask folders'
    const layout = classOf ? 'class folders with mask pairs' : where
    const words = peek.words === '' ? '' : `; masks are ${peek.words}`
    const evidence = `${pairs} of ${pairing.images.length} images have a mask of the same stem${words}`
    const share = pairs / pairing.images.length
    return { format: 'masks', layout, evidence, confidence: share < telling ? 0.3 : names?.exact ? 0.95 : 0.8 }
  },
  async read(tree, { signal }) {
    const reading = await examine(tree, pairMasks(tree))
    const folderClasses = reading.classOf
      ? reading.pairing.images.flatMap((image) => reading.classOf!(image) ?? [])
      : []
    const listed = [...((await readClassFolders(tree))?.values() ?? [])]
    const classes = new Set([
      ...listed,
      ...Object.values(reading.names?.names ?? {}),
      ...[...new Set(folderClasses)].sort(compareCodePoints),
    ])
    return {
      classes: [...classes].map((name) => ({ name })),
      total: reading.pairing.images.length,
      items: itemsOf(tree, reading, signal),
    }
  },
}

async function examine(tree: SourceTree, pairing: Pairing): Promise<Reading> {
  const masks = pairing.images.flatMap(({ mask }) => mask ?? [])
  const peek = await peekMasks(masks)
  const names = await findNames(tree, masks)
  return { pairing, peek, names, classOf: await findClassFolders(tree, pairing, peek, names) }
}

async function findNames(tree: SourceTree, masks: readonly WalkedFile[]): Promise<ValueNames | null> {
  const folders = new Set([
    '',
    ...masks.slice(0, 1).flatMap(({ relative }) => [dirname(relative), dirname(dirname(relative))]),
  ])
  for (const folder of folders) {
    for (const name of nameFiles) {
      const file = tree.byRelative.get(folder === '' || folder === '.' ? name : `${folder}/${name}`)
      if (!file) continue
      const found = await readValueNames(file.path).catch(() => null)
      if (found && Object.keys(found.names).length > 0) return found
    }
  }
  return null
}

/**
 * Folders are classes when an earlier export lists them; else when there are at least two that are no split and no
 * "images", the masks are not themselves an index of several classes, and named classes, if any, include them.
 */
async function findClassFolders(
  tree: SourceTree,
  pairing: Pairing,
  peek: MaskPeek,
  names: ValueNames | null,
): Promise<Reading['classOf']> {
  const listed = await readClassFolders(tree)
  if (listed) {
    return ({ above }) => {
      const folder = above.findLast((name) => listed.has(name))
      return folder === undefined ? null : listed.get(folder)!
    }
  }
  const folderOf = ({ above }: PairedImage): string | null =>
    above.findLast((name) => !isSplitName(name) && !isImageFolderName(name) && !isMaskFolderName(name)) ?? null
  const found = new Set(pairing.images.flatMap((image) => folderOf(image) ?? []))
  if (found.size < 2) return null
  const known = names && new Set(Object.values(names.names))
  if (known ? [...found].some((name) => !known.has(name)) : peek.kind === 'index') return null
  return folderOf
}

async function* itemsOf(
  tree: SourceTree,
  reading: Reading,
  signal: AbortSignal,
): AsyncGenerator<DraftSample | DraftProblem> {
  const { pairing, classOf } = reading
  const splits = await readSplitLists(tree)
  for (const mask of pairing.alone) {
    yield problem(
      mask.path,
      'mask-alone',
      'The mask has no image of the same stem.',
      'Add the image, or remove the mask.',
    )
  }
  for (const { mask, by } of pairing.claimed) {
    const images = by.map(({ relative }) => partsOf(relative).name).join(' and ')
    yield problem(
      mask.path,
      'mask-stem',
      `Several images have the stem of this mask: ${images}. None of them was given it.`,
      'Give each image a stem of its own.',
    )
  }
  for (const paired of pairing.images) {
    throwIfAborted(signal)
    const { image, mask, above } = paired
    const name = classOf?.(paired) ?? null
    const folders = partsOf(image.relative).folders
    const split =
      splits.get(image.relative) ??
      splitOfFolders(classOf ? [...above.filter((folder) => folder !== name), ...folders.slice(above.length)] : folders)
    yield {
      type: 'sample',
      file: image.path,
      path: image.relative,
      ...(split === undefined ? {} : { split }),
      labels: name === null ? [] : [{ kind: 'class', class: name, unit: 'px' }],
      ...(mask === null ? {} : { masks: [draftMask(mask, reading, name)] }),
    }
  }
}

/** How to read a mask: values by the list of names; else all foreground is of the folder's class; else by the values themselves. */
function draftMask({ path: file }: WalkedFile, { peek, names }: Reading, folderClass: string | null): DraftMask {
  if (names) {
    if (names.exact) return { file, values: 'index', ignore: [0], classes: names.names, otherClass: null }
    const classes = peek.colour ? names.colours : names.names
    // An index leaves 255 for "void", as Pascal VOC and most sets after it have it; in a binary mask it is the foreground.
    const ignore = [
      ...(classes[0] === undefined ? [0] : []),
      ...(peek.kind === 'index' && classes[255] === undefined ? [255] : []),
    ]
    return {
      file,
      values: peek.kind ?? 'auto',
      ignore: [...ignore, ...(peek.colour ? names.background : [])],
      classes,
      otherClass: null,
    }
  }
  if (folderClass !== null) return { file, values: 'binary', ignore: [0], classes: {}, otherClass: folderClass }
  if (peek.kind === 'index') return { file, values: 'index', ignore: [0, 255], classes: {}, otherClass: '<value>' }
  return { file, values: peek.kind ?? 'auto', ignore: [0], classes: {}, otherClass: unnamedClass }
}
