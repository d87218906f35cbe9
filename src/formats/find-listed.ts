import { createImageFinder, type FoundImage } from './find-image.ts'
import { imagesOf, isImageFolderName, joinPath, partsOf } from './layout.ts'
import type { SourceTree } from './types.ts'

/** The image a list names. */
export type FindImage = (stated: string) => Promise<FoundImage>

/** Finds images as lists of them mean paths: below the list's folder, below the root, or in a folder for images at the root. */
export function createListedFinder(tree: SourceTree, folder: string): FindImage {
  const tops = new Set(imagesOf(tree).flatMap(({ relative }) => partsOf(relative).folders.slice(0, 1)))
  const folders = [
    ...new Set([folder, tree.root, ...[...tops].filter(isImageFolderName).map((name) => joinPath(tree.root, name))]),
  ]
  const finder = createImageFinder(tree)
  return async (stated) =>
    stated.includes('\0') ? { file: null, why: 'the name holds a zero byte' } : finder.find(stated, folders)
}
