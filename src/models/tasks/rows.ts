import type { InferenceSession } from 'onnxruntime-node'
import type { TensorValue } from './types.ts'

type Tensors = Readonly<Record<string, TensorValue>>
type TensorData = TensorValue['data']

/**
 * Numbers that a run of one thread takes at once, four pictures of 224 px: with more, what lies between the layers no longer stays near
 * the core (EfficientNet-Lite0: 8.0 ms a picture for one to four, 8.4 for eight, 9.0 for sixteen). Smaller pictures share a run.
 */
const numbersPerThread = 4 * 3 * 224 * 224
const mostRows = 64

/** Rows of a network's input, of so many numbers each, that run together best. */
export const rowsOfRun = (numbersPerRow: number, threads: number): number =>
  Math.min(mostRows, Math.max(1, Math.floor((threads * numbersPerThread) / numbersPerRow)))

/** Whether a network treats rows of its inputs one by one: the first size of every tensor is free, and has the same name. */
export function takesRows({
  inputMetadata,
  outputMetadata,
}: Pick<InferenceSession, 'inputMetadata' | 'outputMetadata'>): boolean {
  const firsts = [...inputMetadata, ...outputMetadata].map((each) => (each.isTensor ? each.shape[0] : undefined))
  const isFree = typeof firsts[0] === 'string' || Number(firsts[0]) < 0
  return isFree && firsts.every((first) => first === firsts[0])
}

/** Runs tensors a few rows at a time, and joins what is answered; at once where an answer is not row by row after all. */
export async function inParts(
  inputs: Tensors,
  threads: number,
  run: (inputs: Tensors) => Promise<Record<string, TensorValue>>,
): Promise<Record<string, TensorValue>> {
  const all = Object.values(inputs)
  const rows = all[0]?.dims[0] ?? 1
  const numbers = all.reduce((sum, { data }) => sum + lengthOf(data), 0)
  const most = rowsOfRun(numbers / rows, threads)
  // Bytes instead of numbers cannot be cut by the shape.
  if (rows <= most || all.some(({ dims, data }) => dims[0] !== rows || lengthOf(data) !== product(dims)))
    return run(inputs)
  const parts: Record<string, TensorValue>[] = []
  for (let from = 0; from < rows; from += most) {
    const to = Math.min(rows, from + most)
    const part = await run(sliceRows(inputs, from, to))
    if (Object.values(part).some(({ dims }) => dims[0] !== to - from)) return run(inputs)
    parts.push(part)
  }
  return joinRows(parts)
}

/** Rows `from` up to `to` of every tensor, in the same memory. */
export function sliceRows(tensors: Tensors, from: number, to: number): Record<string, TensorValue> {
  return Object.fromEntries(
    Object.entries(tensors).map(([name, { type, dims, data }]) => {
      const perRow = product(dims.slice(1))
      const part = [from * perRow, to * perRow] as const
      const own = isTexts(data) ? data.slice(...part) : (data as unknown as Float32Array).subarray(...part)
      return [name, { type, dims: [to - from, ...dims.slice(1)], data: own }]
    }),
  )
}

/** Tensors of the same names one behind the other along their first axis; a single part stays as it is. */
export function joinRows(parts: readonly Tensors[]): Record<string, TensorValue> {
  const [first] = parts
  if (parts.length === 1) return { ...first! }
  return Object.fromEntries(
    Object.entries(first!).map(([name, { type, dims }]) => {
      const all = parts.map((part) => part[name]!)
      const rows = all.reduce((sum, each) => sum + each.dims[0]!, 0)
      return [name, { type, dims: [rows, ...dims.slice(1)], data: joinData(all.map(({ data }) => data)) }]
    }),
  )
}

function joinData(parts: readonly TensorData[]): TensorData {
  const [first] = parts
  if (isTexts(first!)) return parts.flatMap((part) => part as readonly string[])
  const arrays = parts as readonly (ArrayBufferView & { length: number })[]
  const Kind = arrays[0]!.constructor as new (length: number) => Numbers
  const whole = new Kind(arrays.reduce((sum, { length }) => sum + length, 0))
  let at = 0
  for (const part of arrays) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

const product = (dims: readonly number[]): number => dims.reduce((whole, size) => whole * size, 1)

const lengthOf = (data: TensorData): number => (data as { length?: number }).length ?? NaN

const isTexts = (data: TensorData): data is readonly string[] => Array.isArray(data)

interface Numbers extends ArrayBufferView {
  length: number
  set(from: ArrayBufferView, at: number): void
}
