import { FoveaError, throwIfAborted, type WalkedFile } from '#base'
import { problem } from '../layout.ts'
import type { DraftProblem } from '../types.ts'
import type { IdKey } from './ids.ts'
import {
  isListAt,
  isObjectAt,
  JsonFault,
  parseSpan,
  skipBlank,
  skipValue,
  walkElements,
  walkMembers,
} from './json-scan.ts'
import { describeFault, loadBytes } from './load.ts'
import { isRecord, readCategory, readImage, type CocoImage, type DeclaredClass } from './records.ts'
import { createSpanCollector, type SpanTable } from './spans.ts'
import { splitOfFile } from './splits.ts'

/** What is kept of one annotation file: everything but the annotations, and where those stand in it. */
export interface CocoIndex {
  file: WalkedFile
  bytes: number
  images: CocoImage[]
  categories: Map<IdKey, DeclaredClass>
  /** Split of the file as a whole; null when it says there is none, undefined when it says nothing. */
  split: string | null | undefined
  spans: SpanTable
  problems: DraftProblem[]
}

const pauseEvery = 20_000

/**
 * Reads an annotation file, checks that all of it is JSON, and notes where each image's annotations stand.
 * Memory afterwards: the images, and 16 bytes an annotation. Cost: one pass over the bytes.
 * Throws FORMAT_INVALID with line and column for broken JSON, SOURCE_UNREADABLE, CANCELLED.
 */
export async function indexCocoFile(file: WalkedFile, signal: AbortSignal): Promise<CocoIndex> {
  const bytes = await loadBytes(file.path, signal)
  try {
    return await indexBytes(file, bytes, signal)
  } catch (fault) {
    throw describeFault(fault, file.path, bytes)
  }
}

async function indexBytes(file: WalkedFile, bytes: Buffer, signal: AbortSignal): Promise<CocoIndex> {
  const problems: DraftProblem[] = []
  const images: CocoImage[] = []
  const imageNumbers = new Map<IdKey, number>()
  const categories = new Map<IdKey, DeclaredClass>()
  const collector = createSpanCollector()
  const report = (code: string, place: string, what: string, fix: string): void => {
    problems.push(problem(file.path, code, `${place}: ${what}.`, fix))
  }
  let info: unknown = null

  const takeImage = (at: number, number: number): number => {
    const end = skipValue(bytes, at, 2)
    const read = readImage(parseSpan(bytes, at, end))
    if ('code' in read) report(read.code, `images[${number}]`, read.what, read.fix)
    else if (imageNumbers.has(read.id)) {
      const other = images[imageNumbers.get(read.id)!]!.fileName
      const what = `the id ${read.id} stands for ${other} already; ${read.image.fileName} is left out`
      report(
        'image-id-twice',
        `images[${number}]`,
        what,
        'Give every image an id of its own, and its annotations with it.',
      )
    } else {
      imageNumbers.set(read.id, images.length)
      images.push(read.image)
    }
    return end
  }
  const takeCategory = (at: number, number: number): number => {
    const end = skipValue(bytes, at, 2)
    const read = readCategory(parseSpan(bytes, at, end))
    if ('code' in read) report(read.code, `categories[${number}]`, read.what, read.fix)
    else if (categories.has(read.id)) {
      const what = `the id ${read.id} stands for ${categories.get(read.id)!.name} already; ${read.category.name} is left out`
      report('category-id-twice', `categories[${number}]`, what, 'Give every category an id of its own.')
    } else categories.set(read.id, read.category)
    return end
  }
  const takers: Record<string, (at: number, number: number) => number> = {
    images: takeImage,
    categories: takeCategory,
    annotations: (at) => collector.add(bytes, at),
  }

  const start = skipBlank(bytes, 0)
  if (!isObjectAt(bytes, start)) throw notCoco(file.path, bytes, start)
  const members = walkMembers(bytes, start)
  let member = members.next(start)
  while (!member.done) {
    const { key, valueStart } = member.value
    const take = Object.hasOwn(takers, key) ? takers[key] : undefined
    let end: number
    if (take && isListAt(bytes, valueStart)) end = await takeElements(bytes, valueStart, take, signal)
    else {
      end = skipValue(bytes, valueStart, 1)
      if (key === 'info') info = parseSpan(bytes, valueStart, end)
    }
    member = members.next(end)
  }
  const rest = skipBlank(bytes, member.value)
  if (rest < bytes.length) throw new JsonFault(rest, 'the end of the file')

  const spans = collector.group(imageNumbers, images.length)
  problems.push(...strayProblems(file, spans))
  return { file, bytes: bytes.length, images, categories, split: splitOf(file, info), spans, problems }
}

async function takeElements(
  bytes: Buffer,
  listStart: number,
  take: (at: number, number: number) => number,
  signal: AbortSignal,
): Promise<number> {
  const elements = walkElements(bytes, listStart)
  let step = elements.next(listStart)
  for (let number = 0; !step.done; number++) {
    step = elements.next(take(step.value, number))
    if (number % pauseEvery === pauseEvery - 1) {
      await new Promise((resume) => setImmediate(resume))
      throwIfAborted(signal)
    }
  }
  return step.value
}

function notCoco(file: string, bytes: Buffer, start: number): FoveaError {
  // Broken JSON is said to be that first.
  skipValue(bytes, start)
  return new FoveaError(
    'FORMAT_INVALID',
    `Expected an object with images, annotations and categories in ${file}, got another JSON value.`,
    {
      hint: 'Give the annotation file that lists the images; results alone name none.',
    },
  )
}

function splitOf(file: WalkedFile, info: unknown): string | null | undefined {
  // The writer's own note, which holds names that no file can have.
  if (isRecord(info) && (info.split === null || typeof info.split === 'string')) return info.split
  return splitOfFile(file.relative)
}

function strayProblems(file: WalkedFile, spans: SpanTable): DraftProblem[] {
  const fix = 'Add the image to the list of images, or remove its annotations.'
  const strays = [...spans.strays].map(([id, count]) =>
    problem(
      file.path,
      'label-image',
      `${count === 1 ? 'One annotation names' : `${count} annotations name`} the image id ${id}, which no image has.`,
      fix,
    ),
  )
  const nameless = spans.nameless.map((number) =>
    problem(
      file.path,
      'label-image',
      `annotations[${number}]: expected an object with an image_id.`,
      'Name its image, or remove it.',
    ),
  )
  return [...strays, ...nameless]
}
