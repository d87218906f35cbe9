import { stat } from 'node:fs/promises'
import { problem, readText } from '../layout.ts'
import type { DraftLabel, DraftProblem } from '../types.ts'
import { readObject, type VocObject } from './objects.ts'
import { childrenOf, numberOf, parseXml, textOf } from './xml.ts'

const maxBytes = 64 * 1024 ** 2

/** What an annotation file says about its image. */
export interface VocAnnotation {
  filename: string | null
  /** Absolute or other path of the image, as the labelling tool noted it. */
  path: string | null
  size: { width: number; height: number } | null
  objects: VocObject[]
  labels: DraftLabel[]
  problems: DraftProblem[]
}

/** Reads an annotation file. One that cannot be read has its problem and nothing else; null when it is XML of another kind. */
export async function readAnnotation(file: string): Promise<VocAnnotation | null> {
  const nothing = { filename: null, path: null, size: null, objects: [], labels: [] }
  const broken = (what: string): VocAnnotation => ({
    ...nothing,
    problems: [
      problem(
        file,
        'annotation-broken',
        `The annotation cannot be read: ${what}`,
        'Correct the file, or write it again.',
      ),
    ],
  })
  let text: string
  try {
    if ((await stat(file)).size > maxBytes) return broken(`it is larger than ${maxBytes / 1024 ** 2} MiB.`)
    text = await readText(file)
  } catch (error) {
    return broken(`${(error as Error).message}.`)
  }
  if (text.trim() === '') return broken('it is empty.')
  const parsed = parseXml(text, 'annotation')
  if (!parsed.ok) return broken(parsed.what)
  if (!parsed.root) return null
  const { root } = parsed
  const problems: DraftProblem[] = []
  const objects = childrenOf(root, 'object').map((object, i) => readObject(object, `${file}, object ${i + 1}`))
  objects.forEach(({ fault }, i) => {
    if (fault !== null)
      problems.push(problem(file, 'label-row', `Object ${i + 1} is left out: ${fault}.`, 'Correct the object.'))
  })
  return {
    filename: textOf(root, 'filename'),
    path: textOf(root, 'path'),
    size: sizeOf(root),
    objects,
    labels: objects.flatMap(({ label }) => label ?? []),
    problems,
  }
}

/** Tools that do not know the size write 0 or nothing; the image itself is what counts. */
function sizeOf(root: Parameters<typeof childrenOf>[0]): VocAnnotation['size'] {
  const size = childrenOf(root, 'size')[0]
  const width = size ? numberOf(size, 'width') : null
  const height = size ? numberOf(size, 'height') : null
  return width !== null && height !== null && width > 0 && height > 0 ? { width, height } : null
}
