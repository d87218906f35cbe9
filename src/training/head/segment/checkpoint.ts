import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '#base'
import type { AdamState, Weights } from '../../graph/adam.ts'

/** How far training has come. */
export interface TrainingState {
  /** Epochs that are done. */
  epoch: number
  weights: Weights
  /** Running mean of the weights, which is judged and kept. */
  averaged: Weights
  adam: AdamState
  best: { epoch: number; weights: Weights; metrics: Record<string, number> } | null
}

interface Header {
  key: string
  epoch: number
  step: number
  best: { epoch: number; metrics: Record<string, number> } | null
  sizes: Record<string, readonly number[]>
}

/** Writes the state as a header in JSON and the numbers after it. `key` stands for all that training depends on. */
export async function writeCheckpoint(file: string, key: string, state: TrainingState): Promise<void> {
  const { epoch, weights, averaged, adam, best } = state
  const names = Object.keys(weights)
  const header: Header = {
    key,
    epoch,
    step: adam.step,
    best: best === null ? null : { epoch: best.epoch, metrics: best.metrics },
    sizes: Object.fromEntries(names.map((name) => [name, weights[name]!.dims])),
  }
  const text = Buffer.from(JSON.stringify(header))
  const length = Buffer.alloc(4)
  length.writeUInt32LE(text.length)
  const parts = names.flatMap((name) => [
    weights[name]!.data,
    averaged[name]!.data,
    adam.first[name]!,
    adam.second[name]!,
    ...(best === null ? [] : [best.weights[name]!.data]),
  ])
  await writeFileAtomic(
    file,
    Buffer.concat([length, text, ...parts.map((part) => Buffer.from(part.buffer, part.byteOffset, part.byteLength))]),
  )
}

/** What an earlier try left; undefined where there is nothing, it stands for something else, or it is damaged. */
export async function readCheckpoint(file: string, key: string): Promise<TrainingState | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  const header = bytes === undefined ? undefined : readHeader(bytes)
  if (bytes === undefined || header === undefined || header.value.key !== key) return undefined
  const { epoch, step, best, sizes } = header.value
  const kinds = best === null ? 4 : 5
  const count = Object.values(sizes).reduce((sum, dims) => sum + product(dims), 0)
  if (bytes.length !== header.end + 4 * kinds * count) return undefined
  let at = header.end
  const take = (dims: readonly number[]): Float32Array => {
    const data = new Float32Array(bytes.buffer.slice(bytes.byteOffset + at, bytes.byteOffset + at + 4 * product(dims)))
    at += data.byteLength
    return data
  }
  const names = Object.keys(sizes)
  const taken = names.map((name) => Array.from({ length: kinds }, () => take(sizes[name]!)))
  const weightsOf = (kind: number): Weights =>
    Object.fromEntries(names.map((name, i) => [name, { dims: sizes[name]!, data: taken[i]![kind]! }]))
  const numbersOf = (kind: number): Record<string, Float32Array> =>
    Object.fromEntries(names.map((name, i) => [name, taken[i]![kind]!]))
  return {
    epoch,
    weights: weightsOf(0),
    averaged: weightsOf(1),
    adam: { step, first: numbersOf(2), second: numbersOf(3) },
    best: best === null ? null : { ...best, weights: weightsOf(4) },
  }
}

function readHeader(bytes: Buffer): { value: Header; end: number } | undefined {
  if (bytes.length < 4) return undefined
  const end = 4 + bytes.readUInt32LE(0)
  try {
    return { value: JSON.parse(bytes.toString('utf8', 4, end)) as Header, end }
  } catch {
    return undefined
  }
}

const product = (sizes: readonly number[]): number => sizes.reduce((sum, size) => sum * size, 1)
