import type { WalkedFile } from '#base'
import {
  extensionOf,
  groupByFolder,
  imagesOf,
  isImageFolderName,
  isMaskFolderName,
  joinPath,
  partsOf,
} from '../layout.ts'
import type { SourceTree } from '../types.ts'

export interface PairedImage {
  image: WalkedFile
  mask: WalkedFile | null
  /** Folders that may say what the image shows: those above its image folder. */
  above: string[]
}

export interface Pairing {
  images: PairedImage[]
  /** How many images have a mask in their own folder, and how many in a folder for masks. */
  beside: number
  apart: number
  /** Masks that belong to no image. */
  alone: WalkedFile[]
  /** Masks that several images of the same stem claim; none of them gets it. */
  claimed: { mask: WalkedFile; by: WalkedFile[] }[]
}

/** What may stand between an image's stem and the extension of its mask. */
const maskSuffixes = ['', '_mask', '-mask', '_seg', '_segmentation', '_label']

type Folders = Map<string, Map<string, WalkedFile>>
interface Found {
  mask: WalkedFile
  way: 'beside' | 'apart'
  above: string[]
  /** Folders above the image folder; infinite for a mask beside its image. */
  depth: number
}

/**
 * Finds the mask of each image: in its own folder (`a.jpg`, `a.png`), or at the same place below a folder for masks that lies
 * beside the image folder (`images/x/a.jpg`, `masks/x/a.png`). Cost O(files).
 */
export function pairMasks(tree: SourceTree): Pairing {
  const files = imagesOf(tree)
  const folders = indexByStem(files)
  const maskFolders = maskFoldersBelow(files)
  const matches = files.flatMap((image) => {
    const match = findApart(image, folders, maskFolders) ?? findBeside(image, folders)
    return match ? [{ image, match }] : []
  })
  // Outermost folders decide first: what is a mask there has no mask of its own, whatever its folders are called.
  matches.sort((a, b) => a.match.depth - b.match.depth)
  const found = new Map<WalkedFile, Found>()
  const claims = new Map<WalkedFile, WalkedFile[]>()
  for (const { image, match } of matches) {
    if (claims.has(image)) continue
    found.set(image, match)
    claims.set(match.mask, [...(claims.get(match.mask) ?? []), image])
  }
  const foldersOfMasks = new Set([...claims.keys()].map((mask) => folderOf(mask)))
  const besideFolders = new Set([...found].filter(([, { way }]) => way === 'beside').map(([image]) => folderOf(image)))

  const images: PairedImage[] = []
  const alone: WalkedFile[] = []
  let beside = 0
  let apart = 0
  for (const file of files) {
    if (claims.has(file)) continue
    const match = found.get(file)
    const folder = folderOf(file)
    // Where masks lie among images, they are the PNG files; a folder of masks holds nothing else.
    const masksOnly = foldersOfMasks.has(folder) && !besideFolders.has(folder)
    if (!match && (masksOnly || (besideFolders.has(folder) && extensionOf(file.relative) === '.png'))) {
      alone.push(file)
      continue
    }
    const single = match !== undefined && claims.get(match.mask)!.length === 1
    if (single && match.way === 'beside') beside++
    else if (single) apart++
    images.push({ image: file, mask: single ? match.mask : null, above: match?.above ?? aboveOf(file) })
  }
  const claimed = [...claims].filter(([, by]) => by.length > 1).map(([mask, by]) => ({ mask, by }))
  return { images, beside, apart, alone, claimed }
}

function folderOf(file: WalkedFile): string {
  return partsOf(file.relative).folders.join('/')
}

/** Image files by folder and stem. */
function indexByStem(files: readonly WalkedFile[]): Map<string, Map<string, WalkedFile[]>> {
  const index = new Map<string, Map<string, WalkedFile[]>>()
  for (const [folder, inside] of groupByFolder(files) satisfies Folders) {
    const stems = new Map<string, WalkedFile[]>()
    for (const [name, file] of inside) {
      const { stem } = partsOf(name)
      stems.set(stem, [...(stems.get(stem) ?? []), file])
    }
    index.set(folder, stems)
  }
  return index
}

/** Names of folders for masks, by the folder they lie in. */
function maskFoldersBelow(files: readonly WalkedFile[]): Map<string, Set<string>> {
  const below = new Map<string, Set<string>>()
  for (const file of files) {
    const { folders } = partsOf(file.relative)
    folders.forEach((name, i) => {
      if (!isMaskFolderName(name)) return
      const parent = folders.slice(0, i).join('/')
      below.set(parent, (below.get(parent) ?? new Set()).add(name))
    })
  }
  return below
}

function findApart(
  file: WalkedFile,
  index: ReturnType<typeof indexByStem>,
  maskFolders: ReadonlyMap<string, Set<string>>,
): Found | null {
  const { folders, stem } = partsOf(file.relative)
  for (const [i, name] of folders.entries()) {
    if (!isImageFolderName(name)) continue
    for (const masks of maskFolders.get(folders.slice(0, i).join('/')) ?? []) {
      const inside = index.get(joinPath(...folders.slice(0, i), masks, ...folders.slice(i + 1)))
      for (const suffix of maskSuffixes) {
        const mask = inside?.get(stem + suffix)?.[0]
        if (mask) return { mask, way: 'apart', above: folders.slice(0, i), depth: i }
      }
    }
  }
  return null
}

function findBeside(file: WalkedFile, index: ReturnType<typeof indexByStem>): Found | null {
  const { folders, stem } = partsOf(file.relative)
  const inside = index.get(folders.join('/'))!
  const isPng = extensionOf(file.relative) === '.png'
  for (const suffix of maskSuffixes) {
    if (suffix === '' && isPng) continue
    const masks = inside.get(stem + suffix) ?? []
    const mask = suffix === '' ? masks.find(({ relative }) => extensionOf(relative) === '.png') : masks[0]
    if (mask) return { mask, way: 'beside', above: aboveOf(file), depth: Infinity }
  }
  return null
}

function aboveOf(file: WalkedFile): string[] {
  const { folders } = partsOf(file.relative)
  let end = folders.length
  while (end > 0 && isImageFolderName(folders[end - 1]!)) end--
  return folders.slice(0, end)
}
