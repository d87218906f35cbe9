import { compareCodePoints, throwIfAborted } from '#base'
import { readClassFolders } from '../class-folders.ts'
import { imagesOf, isImageFolderName, isMaskFolderName, isSplitName, partsOf } from '../layout.ts'
import type { DraftSample, FormatReader, SourceTree } from '../types.ts'

/** Folder the writer puts images without a class in. */
export const unlabelledFolder = '_unlabelled'

interface Placed {
  split: string | undefined
  /** Null for an image that lies in no class folder. */
  class: string | null
  /** Folders below the class folder. */
  deeper: number
}

/**
 * `[split/]class/image`. A first folder with the usual name of a split is one; an earlier export's list of class folders
 * settles what the names leave open.
 */
export const imageFolderReader: FormatReader = {
  format: 'imagefolder',
  looksFor: ['class folders of images: class/image or split/class/image (train, val, valid, test …)'],
  async detect(tree) {
    if (tree.file !== null) return null
    const images = imagesOf(tree)
    if (images.length === 0) return null
    const listed = await readClassFolders(tree)
    const placed = images.map(({ relative }) => placeOf(relative, listed))
    const classes = new Set(placed.flatMap((place) => place.class ?? []))
    if (classes.size === 0) return null
    const splits = new Set(placed.flatMap((place) => place.split ?? []))
    const layout = splits.size > 0 ? 'class folders in split folders' : 'class folders'
    const evidence = `${classes.size} class ${classes.size === 1 ? 'folder' : 'folders'} (${few([...classes])})${splits.size > 0 ? ` in ${splits.size} splits (${few([...splits])})` : ''}, ${images.length} images`
    const telling = [...classes].some((name) => !isImageFolderName(name) && !isMaskFolderName(name))
    const fitting = placed.filter((place) => place.class !== null && place.deeper === 0).length
    let confidence = 0.05
    if (listed) confidence = 0.9
    else if (telling && fitting >= 0.9 * images.length && (classes.size > 1 || splits.size > 0))
      confidence = splits.size > 0 ? 0.6 : 0.5
    return { format: 'imagefolder', layout, evidence, confidence }
  },
  async read(tree, { signal }) {
    const listed = await readClassFolders(tree)
    const images = imagesOf(tree)
    const names = new Set(images.flatMap(({ relative }) => placeOf(relative, listed).class ?? []))
    const classes = [...new Set([...(listed?.values() ?? []), ...[...names].sort(compareCodePoints)])]
    return { classes: classes.map((name) => ({ name })), total: images.length, items: itemsOf(tree, listed, signal) }
  },
}

async function* itemsOf(
  tree: SourceTree,
  listed: ReadonlyMap<string, string> | null,
  signal: AbortSignal,
): AsyncGenerator<DraftSample> {
  for (const { path, relative } of imagesOf(tree)) {
    throwIfAborted(signal)
    const place = placeOf(relative, listed)
    yield {
      type: 'sample',
      file: path,
      path: relative,
      ...(place.split === undefined ? {} : { split: place.split }),
      labels: place.class === null ? [] : [{ kind: 'class', class: place.class, unit: 'px' }],
    }
  }
}

function placeOf(relative: string, listed: ReadonlyMap<string, string> | null): Placed {
  const { folders } = partsOf(relative)
  const known = (name: string | undefined): boolean =>
    name !== undefined && (name === unlabelledFolder || listed?.has(name) === true)
  const [first, second] = folders
  if (first === undefined) return { split: undefined, class: null, deeper: 0 }
  const firstIsSplit = listed ? known(second) || (!known(first) && isSplitName(first)) : isSplitName(first)
  const name = firstIsSplit ? second : first
  const deeper = folders.length - (firstIsSplit ? 2 : 1)
  const className = name === undefined || name === unlabelledFolder ? null : (listed?.get(name) ?? name)
  return { split: firstIsSplit ? first : undefined, class: className, deeper: Math.max(0, deeper) }
}

function few(names: readonly string[]): string {
  const sorted = [...names].sort(compareCodePoints)
  return sorted.length <= 5 ? sorted.join(', ') : `${sorted.slice(0, 4).join(', ')} and ${sorted.length - 4} more`
}
