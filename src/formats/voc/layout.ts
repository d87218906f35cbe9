import type { WalkedFile } from '#base'
import { createImageFinder } from '../find-image.ts'
import { extensionOf, imagesOf, isImageFolderName, joinPath, partsOf, stemOf } from '../layout.ts'
import type { SourceTree } from '../types.ts'

/** Folders that hold annotation files beside a folder of images. */
const annotationFolders = new Set(['annotations', 'annotation', 'labels', 'label', 'xml', 'xmls', 'annots'])
const maskFolders = { class: 'SegmentationClass', object: 'SegmentationObject' }

export interface VocTree {
  annotations: WalkedFile[]
  /** Images that may be samples: all but segmentation masks. */
  images: WalkedFile[]
  /** The image an annotation stands for, by stem first, then by the names it states; null when there is none. */
  imageOf(annotation: WalkedFile, stated: readonly (string | null)[]): Promise<string | null>
  /** Segmentation masks of an image. */
  masksOf(image: WalkedFile): { class: WalkedFile | null; object: WalkedFile | null }
  /** Folder an image's devkit begins at, and the image's name in its lists. */
  idOf(image: WalkedFile): { top: string; id: string }
  hasMasks: boolean
}

/** Knows where things lie: VOC's devkit (one or several in a tree), images beside annotations, or XML beside the image. */
export function createVocTree(tree: SourceTree): VocTree {
  const annotations = tree.files.filter(({ relative }) => extensionOf(relative) === '.xml')
  const all = imagesOf(tree)
  const isMask = ({ relative }: WalkedFile): boolean =>
    partsOf(relative).folders.some((name) => name === maskFolders.class || name === maskFolders.object)
  const images = all.filter((image) => !isMask(image))
  const byStem = new Map<string, WalkedFile>()
  for (const image of images) if (!byStem.has(stemOf(image.relative))) byStem.set(stemOf(image.relative), image)
  const imageFolders = [
    ...new Set(images.flatMap(({ relative }) => partsOf(relative).folders.filter(isImageFolderName))),
  ]
  const finder = createImageFinder(tree)

  /** Places of the image of the same stem: the same folder, then image folders beside the folder of annotations. */
  const stemsFor = (annotation: WalkedFile): string[] => {
    const { folders, stem } = partsOf(annotation.relative)
    const beside = folders.flatMap((name, i) =>
      annotationFolders.has(name.toLowerCase())
        ? ['', ...imageFolders].map((imageFolder) =>
            joinPath(...folders.slice(0, i), imageFolder, ...folders.slice(i + 1), stem),
          )
        : [],
    )
    return [joinPath(...folders, stem), ...beside]
  }

  return {
    annotations,
    images,
    hasMasks: images.length < all.length,
    async imageOf(annotation, stated) {
      for (const stem of stemsFor(annotation)) {
        const image = byStem.get(stem)
        if (image) return image.path
      }
      const folders = [...new Set(stemsFor(annotation).map((stem) => joinPath(tree.root, ...partsOf(stem).folders)))]
      for (const name of stated) {
        if (name === null || name.includes('\0')) continue
        const found = await finder.find(name, folders)
        if (found.file !== null) return found.file
      }
      return null
    },
    masksOf(image) {
      const { top, id } = idOf(image)
      const maskIn = (folder: string): WalkedFile | null =>
        tree.byRelative.get(joinPath(top, folder, `${id}.png`)) ?? null
      return { class: maskIn(maskFolders.class), object: maskIn(maskFolders.object) }
    },
    idOf,
  }
}

function idOf(image: WalkedFile): { top: string; id: string } {
  const { folders } = partsOf(image.relative)
  const at = folders.findIndex(isImageFolderName)
  const end = at === -1 ? folders.length : at
  return {
    top: folders.slice(0, end).join('/'),
    id: joinPath(...folders.slice(at === -1 ? end : at + 1), partsOf(image.relative).stem),
  }
}
