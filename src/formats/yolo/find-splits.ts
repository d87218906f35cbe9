import { stat } from 'node:fs/promises'
import { basename, dirname, isAbsolute, join, resolve, sep } from 'node:path'
import { compareCodePoints, throwIfAborted, walkFiles, type WalkedFile } from '#base'
import { isImagePath } from '#media'
import { createImageFinder, type ImageFinder } from '../find-image.ts'
import { isImageFolderName, problem, readText, resolveStated, samplePathOf } from '../layout.ts'
import type { DraftProblem, ReadOptions, SourceTree } from '../types.ts'
import type { YoloConfig } from './config.ts'
import { readMediaList, type MediaList, type YoloImage } from './media-list.ts'

export interface FoundSplit {
  name: string
  images: YoloImage[]
  /** What the split's folders and lists resolved to; two splits with the same targets are one. */
  targets: string[]
}

export interface SplitSearch {
  splits: FoundSplit[]
  /** Splits that must be there and are not, with the places that were tried. */
  missing: { name: string; entry: string; tried: string[] }[]
  problems: DraftProblem[]
}

type Target = { kind: 'folder' | 'list'; path: string } | { kind: 'media'; images: YoloImage[]; path: string }

/** Finds the images of every split of a description that lies at `file`. */
export async function findSplits(
  tree: SourceTree,
  file: string,
  config: YoloConfig,
  { signal, mayReach }: ReadOptions,
): Promise<SplitSearch> {
  const finder = createImageFinder(tree)
  const bases = basesFor(file, config.path)
  const media = await readMediaList(dirname(file))
  const search: SplitSearch = { splits: [], missing: [], problems: media?.problems ?? [] }
  for (const { name, entries, required } of config.splits) {
    const images: YoloImage[] = []
    const targets: string[] = []
    for (const entry of entries) {
      throwIfAborted(signal)
      const { target, tried } = await locate(entry, bases, dirname(file), media, mayReach)
      if (target) {
        targets.push(target.path)
        images.push(...(await imagesIn(target, { tree, finder, bases, problems: search.problems, signal })))
      } else if (required) search.missing.push({ name, entry, tried })
    }
    if (targets.length > 0) search.splits.push({ name, images, targets })
  }
  return { ...search, splits: dropAliases(search.splits) }
}

/** Folders that relative entries may count from: the stated path, then where the description lies. */
function basesFor(file: string, path: string | null): string[] {
  const own = dirname(file)
  const stated = path === null ? [] : [resolveStated(own, path), resolveStated(dirname(own), path)]
  // A path of another machine often ends in the name of the dataset's folder.
  const named = path === null ? [] : [join(dirname(own), basename(path.replaceAll('\\', '/')))]
  return [...new Set([...stated, own, ...named])]
}

async function locate(
  entry: string,
  bases: readonly string[],
  own: string,
  media: MediaList | null,
  mayReach: ReadOptions['mayReach'],
): Promise<{ target: Target | null; tried: string[] }> {
  const slashed = entry.replaceAll('\\', '/')
  const inside = slashed.split('/').filter((part) => part !== '..' && part !== '.' && part !== '')
  // ultralytics takes `../train/images` for `train/images` when the first is not there (Roboflow writes it so).
  const places = isAbsolute(entry)
    ? [resolve(entry)]
    : bases.flatMap((base) => [resolve(base, slashed), resolve(base, inside.join('/'))])
  // Of a path of another machine the end may fit; a lone `images` would fit too much.
  const tails = inside
    .map((_, i) => inside.slice(i))
    .filter((tail) => tail.length > 1 || !isImageFolderName(tail[0]!))
    .map((tail) => resolve(own, tail.join('/')))
  const tried = [...new Set([...places, ...tails])]
  for (const place of tried) {
    if (mayReach && !(await mayReach(place))) continue
    const facts = await stat(place).catch(() => null)
    if (facts?.isDirectory()) return { target: { kind: 'folder', path: place }, tried }
    if (facts?.isFile() && place.toLowerCase().endsWith('.txt')) return { target: { kind: 'list', path: place }, tried }
    const images = media?.imagesBelow(place) ?? []
    if (images.length > 0) return { target: { kind: 'media', images, path: place }, tried }
  }
  return { target: null, tried }
}

interface Search {
  tree: SourceTree
  finder: ImageFinder
  bases: readonly string[]
  problems: DraftProblem[]
  signal: AbortSignal
}

async function imagesIn(target: Target, { tree, finder, bases, problems, signal }: Search): Promise<YoloImage[]> {
  if (target.kind === 'media') return target.images
  if (target.kind === 'list') return readList(target.path, { finder, bases, problems, signal })
  const below = samplePathOf(tree.root, target.path)
  const inside =
    target.path === tree.root || target.path.startsWith(tree.root.endsWith(sep) ? tree.root : tree.root + sep)
  const files = inside ? filesBelow(tree.files, below) : await walkFiles(target.path, { signal })
  return files
    .filter(({ path }) => isImagePath(path))
    .map(({ path }) => ({ file: path, path: samplePathOf(tree.root, path), statedFile: null }))
}

/** The files whose relative path lies below a folder (empty: all), by halving: they stand in order. */
function filesBelow(files: readonly WalkedFile[], folder: string): readonly WalkedFile[] {
  if (folder === '') return files
  const prefix = `${folder}/`
  let low = 0
  let high = files.length
  while (low < high) {
    const middle = (low + high) >> 1
    if (compareCodePoints(files[middle]!.relative, prefix) < 0) low = middle + 1
    else high = middle
  }
  let end = low
  while (end < files.length && files[end]!.relative.startsWith(prefix)) end++
  return files.slice(low, end)
}

/** Image paths one a line; those that start with `./` count from the list, others from the dataset too. */
async function readList(
  list: string,
  { finder, bases, problems, signal }: Pick<Search, 'finder' | 'bases' | 'problems' | 'signal'>,
): Promise<YoloImage[]> {
  const images: YoloImage[] = []
  const lines = (await readText(list)).split(/\r?\n/)
  const folders = [...new Set([...bases, dirname(list)])]
  for (const [i, line] of lines.entries()) {
    if (i % 1000 === 0) throwIfAborted(signal)
    const stated = line.trim()
    if (stated === '') continue
    const found = await finder.find(stated, stated.startsWith('./') ? [dirname(list), ...folders] : folders)
    if (found.file === null) {
      problems.push(
        problem(
          list,
          'image-missing',
          `${basename(list)}:${i + 1}: ${JSON.stringify(stated)} is not there: ${found.why}.`,
          'Put the image back, or remove the line.',
        ),
      )
    } else images.push({ ...found, statedFile: null })
  }
  return images
}

/** Descriptions often name one folder as train and val. Its split is the one called like it, else a name of the user's own, else the first. */
function dropAliases(splits: readonly FoundSplit[]): FoundSplit[] {
  const byTargets = new Map<string, FoundSplit>()
  const rank = ({ name, targets }: FoundSplit): number => {
    const last = basename(targets[0]!).replace(/\.txt$/i, '')
    return last === name ? 2 : ['train', 'val', 'test'].includes(name) ? 0 : 1
  }
  for (const split of splits) {
    const key = split.targets.join('\0')
    const known = byTargets.get(key)
    if (!known || rank(split) > rank(known)) byTargets.set(key, split)
  }
  return [...byTargets.values()]
}
