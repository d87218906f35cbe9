import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import { writeFileAtomic } from '#base'
import type { StoredIndex } from './approximate.ts'

const about = z.object({
  /** Of the rows it was built of. */
  key: z.string(),
  rows: z.int(),
  axes: z.int(),
  width: z.int(),
  candidates: z.int(),
  recall: z.number(),
})

/** Writes an index: a line of JSON, then mean, axes, variances and reduced vectors as 32-bit floats. */
export async function writeIndex(
  file: string,
  key: string,
  { pca, reduced, candidates, recall }: StoredIndex,
): Promise<void> {
  const head = { key, rows: reduced.rows, axes: pca.axes.rows, width: pca.axes.columns, candidates, recall }
  const text = JSON.stringify(head)
  // Padded, so that the numbers begin where a number may.
  const line = Buffer.from(
    `${text.padEnd(Math.ceil((Buffer.byteLength(text) + 1) / 8) * 8 - 1 - (Buffer.byteLength(text) - text.length))}\n`,
  )
  const parts = [pca.mean, pca.axes.data, pca.variance, reduced.data]
  await writeFileAtomic(
    file,
    Buffer.concat([line, ...parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))]),
  )
}

/** The index in a file; undefined when there is none, or it is of other rows. */
export async function readIndex(file: string, key: string): Promise<StoredIndex | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined) return undefined
  const end = bytes.indexOf(0x0a)
  const parsed = about.safeParse(parseJson(bytes.toString('utf8', 0, Math.max(0, end))))
  if (!parsed.success || parsed.data.key !== key) return undefined
  const { rows, axes, width, candidates, recall } = parsed.data
  let at = bytes.byteOffset + end + 1
  const sizes = [width, axes * width, axes, rows * (axes + 1)]
  if (bytes.length - end - 1 !== 4 * sizes.reduce((sum, size) => sum + size, 0)) return undefined
  const [mean, directions, variance, data] = sizes.map((size) => {
    const part =
      at % 4 === 0 ? new Float32Array(bytes.buffer, at, size) : new Float32Array(bytes.buffer.slice(at, at + 4 * size))
    at += 4 * size
    return part
  })
  return {
    pca: { mean: mean!, axes: { rows: axes, columns: width, data: directions! }, variance: variance! },
    reduced: { rows, columns: axes + 1, data: data! },
    candidates,
    recall,
  }
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
