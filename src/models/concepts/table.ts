import { readFile } from 'node:fs/promises'
import { promisify } from 'node:util'
import { gunzip } from 'node:zlib'
import { FoveaError } from '#base'
import type { KnownBy } from './types.ts'

const ways: readonly KnownBy[] = ['wordnet', 'embedding']

/** Words and the classes they speak of. */
export interface ConceptTable {
  readonly classNames: readonly string[]
  readonly words: readonly string[]
  /** Whether a word is known and how. */
  knows(word: string): KnownBy | undefined
  /** Raises `into` [classes] to the word's weights, 0 to 1. */
  weigh(word: string, into: Float32Array): void
}

interface Header {
  format: number
  words: number
  rows: number
  entries: number
  classes: string[]
}

/** Reads the table that scripts/concepts/make.py wrote; the layout is in its README. Throws MODEL_INVALID. */
export async function readTable(file: URL): Promise<ConceptTable> {
  const broken = (cause: unknown): FoveaError =>
    new FoveaError('MODEL_INVALID', `The table of words for searching by text cannot be read: ${file.pathname}.`, {
      hint: 'It is part of fovea: install fovea again.',
      cause,
    })
  try {
    return parseTable(await promisify(gunzip)(await readFile(file)))
  } catch (error) {
    throw broken(error)
  }
}

function parseTable(bytes: Buffer): ConceptTable {
  const headerEnd = bytes.indexOf(10)
  const header = JSON.parse(bytes.toString('ascii', 0, headerEnd)) as Header
  if (header.format !== 1) throw new RangeError(`format ${header.format}`)
  const numbers = header.words * 5 + header.rows * 2 + header.entries * 3
  const wordsEnd = bytes.length - numbers
  const words = bytes.toString('ascii', headerEnd + 1, wordsEnd - 1).split('\n')
  if (words.length !== header.words) throw new RangeError(`${words.length} words for ${header.words}`)

  const view = new DataView(bytes.buffer, bytes.byteOffset + wordsEnd, numbers)
  const rowsAt = header.words
  const lengthsAt = rowsAt + header.words * 4
  const classesAt = lengthsAt + header.rows * 2
  const stepsAt = classesAt + header.entries * 2
  const starts = new Uint32Array(header.rows + 1)
  for (let row = 0; row < header.rows; row++)
    starts[row + 1] = (starts[row] ?? 0) + view.getUint16(lengthsAt + row * 2, true)
  if (starts[header.rows] !== header.entries)
    throw new RangeError(`${starts[header.rows]} entries for ${header.entries}`)
  const places = new Map(words.map((word, place) => [word, place]))

  return {
    classNames: header.classes,
    words,
    knows(word) {
      const place = places.get(word)
      return place === undefined ? undefined : ways[view.getUint8(place)]
    },
    weigh(word, into) {
      const place = places.get(word)
      if (place === undefined) return
      const row = view.getUint32(rowsAt + place * 4, true)
      for (let entry = starts[row] ?? 0; entry < (starts[row + 1] ?? 0); entry++) {
        const index = view.getUint16(classesAt + entry * 2, true)
        into[index] = Math.max(into[index] ?? 0, view.getUint8(stepsAt + entry) / 255)
      }
    },
  }
}
