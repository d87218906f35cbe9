import { readFile } from 'node:fs/promises'
import { basename, isAbsolute, relative, resolve, sep } from 'node:path'
import { isImagePath } from '#media'
import type { WalkedFile } from '#base'
import type { DraftProblem, SourceTree } from './types.ts'

/** Folder names that datasets give to splits. The name is kept as it is written. */
const splitNames = new Set(['train', 'training', 'val', 'valid', 'validation', 'dev', 'eval', 'test', 'testing'])
/** Folder names that say "images" and nothing about their content. */
const imageFolderNames = new Set(['images', 'image', 'imgs', 'img', 'data', 'photos', 'pictures', 'jpegimages'])
/** Folder names that hold pixel masks. */
const maskFolderNames = new Set([
  'masks',
  'mask',
  'labels',
  'label',
  'annotations',
  'segmentation',
  'segmentations',
  'gt',
  'ground_truth',
  'groundtruth',
])

export function isSplitName(name: string): boolean {
  return splitNames.has(name.toLowerCase())
}

export function isImageFolderName(name: string): boolean {
  return imageFolderNames.has(name.toLowerCase())
}

export function isMaskFolderName(name: string): boolean {
  return maskFolderNames.has(name.toLowerCase())
}

/** First of a path's folders that names a split, as written. */
export function splitOfFolders(folders: readonly string[]): string | undefined {
  return folders.find(isSplitName)
}

export interface PathParts {
  folders: string[]
  /** File name with extension. */
  name: string
  /** File name without its last extension. */
  stem: string
}

/** Takes a relative path with forward slashes apart. */
export function partsOf(path: string): PathParts {
  const folders = path.split('/')
  const name = folders.pop()!
  return { folders, name, stem: stemOf(name) }
}

/** A path without its last extension; a leading dot is no extension. */
export function stemOf(path: string): string {
  const dot = path.lastIndexOf('.')
  return dot > path.lastIndexOf('/') + 1 ? path.slice(0, dot) : path
}

export function extensionOf(path: string): string {
  return path.slice(stemOf(path).length).toLowerCase()
}

export function joinPath(...parts: readonly string[]): string {
  return parts.filter((part) => part !== '').join('/')
}

/** The images of a tree; for a single image file, that one. */
export function imagesOf(tree: SourceTree): WalkedFile[] {
  return tree.files.filter(({ relative: path }) => isImagePath(path))
}

/** Path a sample gets for a file that may lie outside the root: below the root, else the absolute one without its start. */
export function samplePathOf(root: string, file: string): string {
  const inside = relative(root, file)
  const outside = inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)
  return (outside ? file.replace(/^([A-Za-z]:)?[\\/]+/, '') : inside).split(sep).join('/')
}

/** Absolute path of a stated file; relative ones count from `folder`. Backslashes of Windows tools are read as slashes. */
export function resolveStated(folder: string, stated: string): string {
  if (isAbsolute(stated)) return resolve(stated)
  return resolve(folder, stated.replaceAll('\\', '/'))
}

/** Text of a file without its byte-order mark. */
export async function readText(file: string): Promise<string> {
  const text = await readFile(file, 'utf8')
  return text.startsWith('\uFEFF') ? text.slice(1) : text
}

/** Lines of a text file without line ends; empty ones are left out. */
export async function readLines(file: string): Promise<string[]> {
  return (await readText(file)).split(/\r?\n/).filter((line) => line.trim() !== '')
}

export function problem(file: string, code: string, what: string, fix: string): DraftProblem {
  return { type: 'problem', file, code, what, fix }
}

/** Files of a tree by the folder they lie in, then by file name. */
export function groupByFolder(files: readonly WalkedFile[]): Map<string, Map<string, WalkedFile>> {
  const folders = new Map<string, Map<string, WalkedFile>>()
  for (const file of files) {
    const name = basename(file.relative)
    const folder = file.relative.slice(0, Math.max(0, file.relative.length - name.length - 1))
    const inside = folders.get(folder) ?? new Map<string, WalkedFile>()
    inside.set(name, file)
    folders.set(folder, inside)
  }
  return folders
}
