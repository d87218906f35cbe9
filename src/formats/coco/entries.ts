import { dirname, join } from 'node:path'
import type { Scalar } from '#contract'
import { throwIfAborted } from '#base'
import { createImageFinder, type ImageFinder } from '../find-image.ts'
import { imagesOf, partsOf, problem, splitOfFolders } from '../layout.ts'
import type { DraftProblem, SourceTree } from '../types.ts'
import type { CocoIndex } from './index-file.ts'
import { splitOfFile } from './splits.ts'

/** One image file with the places that speak of it. */
export interface CocoEntry {
  file: string
  path: string
  split: string | undefined
  size: { width: number; height: number } | undefined
  fields: Record<string, Scalar>
  mentions: { index: CocoIndex; image: number }[]
}

export interface CocoEntries {
  /** Annotation files that share a split, with the images they name; images several of them name are merged. */
  groups: { indexes: CocoIndex[]; entries: CocoEntry[] }[]
  problems: DraftProblem[]
}

/** Finds the file of every image the annotation files name. Cost: O(images). */
export async function resolveEntries(
  tree: SourceTree,
  indexes: readonly CocoIndex[],
  signal: AbortSignal,
): Promise<CocoEntries> {
  const finder = createImageFinder(tree)
  const problems: DraftProblem[] = []
  const bySplit = new Map<string, CocoIndex[]>()
  for (const index of indexes) {
    const key = JSON.stringify(index.split ?? null)
    bySplit.set(key, [...(bySplit.get(key) ?? []), index])
  }
  const groups: CocoEntries['groups'] = []
  const earlier = new Map<string, CocoIndex>()
  for (const members of bySplit.values()) {
    const entries = new Map<string, CocoEntry>()
    for (const index of members) {
      await addImages({ tree, index, finder, entries, earlier, problems, signal })
    }
    for (const entry of entries.values()) earlier.set(entry.file, entry.mentions[0]!.index)
    groups.push({ indexes: members, entries: [...entries.values()] })
  }
  if (tree.file === null) problems.push(...unlisted(tree, earlier))
  return { groups, problems }
}

interface Search {
  tree: SourceTree
  index: CocoIndex
  finder: ImageFinder
  entries: Map<string, CocoEntry>
  earlier: ReadonlyMap<string, CocoIndex>
  problems: DraftProblem[]
  signal: AbortSignal
}

async function addImages({ tree, index, finder, entries, earlier, problems, signal }: Search): Promise<void> {
  const folders = foldersFor(tree, index)
  const hint = index.split ?? undefined
  const inOtherSplit = new Map<CocoIndex, number>()
  const report = (code: string, what: string, fix: string): void => {
    problems.push(problem(index.file.path, code, what, fix))
  }
  for (const [number, image] of index.images.entries()) {
    if (number % 1000 === 0) throwIfAborted(signal)
    const found = await finder.find(image.fileName, folders, hint)
    if (found.file === null) {
      const what = `images names ${JSON.stringify(image.fileName)}, but ${found.why}.`
      report(
        'image-missing',
        what,
        'Put the image back, or remove its entry; file_name counts from the folder of the annotation file or of the images.',
      )
      continue
    }
    const other = earlier.get(found.file)
    if (other) {
      inOtherSplit.set(other, (inOtherSplit.get(other) ?? 0) + 1)
      continue
    }
    const known = entries.get(found.file)
    if (known?.mentions.some((mention) => mention.index === index)) {
      const what = `images[${number}]: ${JSON.stringify(image.fileName)} is listed before; this entry is left out with its annotations.`
      report('image-twice', what, 'List every image once, with all its annotations under one id.')
    } else if (known) {
      known.mentions.push({ index, image: number })
      known.size ??= image.size
      known.fields = { ...image.fields, ...known.fields }
    } else {
      const split =
        image.split ?? index.split ?? (index.split === null ? undefined : splitOfFolders(partsOf(found.path).folders))
      const { size, fields } = image
      entries.set(found.file, {
        file: found.file,
        path: found.path,
        split,
        size,
        fields,
        mentions: [{ index, image: number }],
      })
    }
  }
  for (const [other, count] of inOtherSplit) {
    const what = `${count === 1 ? 'One image is' : `${count} images are`} listed in ${other.file.relative} too, which was taken first; what this file says of them is left out.`
    report('image-in-splits', what, 'List every image in one split only.')
  }
}

/** Where the images of an annotation file may lie, most literal first. */
function foldersFor(tree: SourceTree, index: CocoIndex): string[] {
  const own = dirname(index.file.path)
  const bases = [own, dirname(own), tree.root]
  const splits = new Set([splitOfFile(index.file.relative), index.split].filter((split) => typeof split === 'string'))
  const inSplit = [...splits].flatMap((split) =>
    bases.flatMap((base) => [join(base, 'images', split), join(base, split), join(base, 'data', split)]),
  )
  const plain = bases.flatMap((base) => [join(base, 'data'), join(base, 'images'), base])
  return [...new Set([own, ...inSplit, ...plain])]
}

/** One row for the images of the tree that no annotation file names. */
function unlisted(tree: SourceTree, listed: ReadonlyMap<string, unknown>): DraftProblem[] {
  const rest = imagesOf(tree).filter(({ path }) => !listed.has(path))
  if (rest.length === 0 || listed.size === 0) return []
  const example = rest[0]!.relative
  const what = `${rest.length === 1 ? 'One image is' : `${rest.length} images are`} named in no annotation file and left out, for example ${example}.`
  return [
    problem(
      tree.root,
      'image-unlisted',
      what,
      'List them under images, or import their folder on its own with --format folder.',
    ),
  ]
}
