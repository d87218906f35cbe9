import { readFile } from 'node:fs/promises'
import { dirname, sep } from 'node:path'
import { throwIfAborted } from '#base'
import { imagesOf, partsOf, problem, samplePathOf } from '../layout.ts'
import type { DraftLabel, DraftProblem, SourceTree } from '../types.ts'
import type { YoloConfig } from './config.ts'
import { labelPlaces } from './label-path.ts'
import { isDescription } from './layouts.ts'
import type { YoloImage } from './media-list.ts'
import { readRow } from './rows.ts'

export interface LabelSource {
  /** What the rows of a label file (absolute path) mean. */
  configOf(labelFile: string): Pick<YoloConfig, 'classes' | 'keypoints'>
}

interface LabelledImage {
  image: YoloImage
  labels: DraftLabel[]
  problems: DraftProblem[]
  /** Absolute path; null for an image without one. */
  labelFile: string | null
}

/** Small files are read so many at once; waiting for each in turn would take most of the time. */
const readAtOnce = 64

/** Images with their labels, in order. */
export async function* readLabelFiles(
  tree: SourceTree,
  images: readonly YoloImage[],
  source: LabelSource,
  signal: AbortSignal,
): AsyncGenerator<LabelledImage> {
  for (let at = 0; at < images.length; at += readAtOnce) {
    throwIfAborted(signal)
    yield* await Promise.all(images.slice(at, at + readAtOnce).map((image) => readLabels(tree, image, source)))
  }
}

async function readLabels(tree: SourceTree, image: YoloImage, source: LabelSource): Promise<LabelledImage> {
  const found = await readFirst(tree, labelPlaces((image.statedFile ?? image.file).split(sep).join('/')))
  if (!found) return { image, labels: [], problems: [], labelFile: null }
  const { file, text } = found
  const relative = samplePathOf(tree.root, file)
  const labels: DraftLabel[] = []
  const problems: DraftProblem[] = []
  if (text instanceof Error) {
    problems.push(
      problem(
        file,
        'label-unreadable',
        `${relative} cannot be read (${text.message}).`,
        'Mend the file or its permissions.',
      ),
    )
    return { image, labels, problems, labelFile: file }
  }
  const config = source.configOf(file)
  text.split('\n').forEach((line, i) => {
    if (line.trim() === '') return
    const row = readRow(line, config, `${relative}:${i + 1}`)
    if ('code' in row) problems.push(problem(file, row.code, row.what, row.fix))
    else labels.push(row)
  })
  return { image, labels, problems, labelFile: file }
}

/** The first label file that is there; inside the walked folder that is known without asking the disk. */
async function readFirst(
  tree: SourceTree,
  places: readonly string[],
): Promise<{ file: string; text: string | Error } | null> {
  const root = tree.root.split(sep).join('/')
  const below = root.endsWith('/') ? root : `${root}/`
  const known = places.find((place) => place.startsWith(below) && tree.byRelative.has(place.slice(below.length)))
  const file = known === undefined ? undefined : tree.byRelative.get(known.slice(below.length))!.path
  for (const place of file === undefined ? places.filter((one) => !one.startsWith(below)) : [file]) {
    try {
      return { file: place, text: (await readFile(place, 'utf8')).replace(/^\uFEFF/, '') }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOENT' && (error as NodeJS.ErrnoException).code !== 'ENOTDIR') {
        return { file: place, text: error as Error }
      }
    }
  }
  return null
}

/** One row for the label files that lie among used ones, or below a folder `labels`, and belong to no image. */
export function* unusedLabelFiles(tree: SourceTree, used: ReadonlySet<string>): Generator<DraftProblem> {
  const folders = new Set([...used].map((file) => dirname(file)))
  const partnered = new Set(imagesOf(tree).flatMap(({ relative }) => labelPlaces(relative)))
  const rest = tree.files.filter(({ path, relative }) => {
    if (!relative.endsWith('.txt') || used.has(path) || partnered.has(relative) || isDescription(relative)) return false
    return folders.has(dirname(path)) || partsOf(relative).folders.includes('labels')
  })
  if (rest.length === 0) return
  const count = rest.length === 1 ? 'One label file belongs' : `${rest.length} label files belong`
  yield problem(
    rest[0]!.path,
    'label-unused',
    `${count} to no image, for example ${rest[0]!.relative}.`,
    'Put the image back, or remove the label file.',
  )
}
