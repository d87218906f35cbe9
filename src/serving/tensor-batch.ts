import { FoveaError } from '#base'
import type { TaskModel, TensorSpec, TensorValue } from '#models'

/** Tensors of one request, held against the signature. */
export interface TensorWork {
  inputs: Readonly<Record<string, TensorValue>>
  outputs: readonly string[] | undefined
  rows: number
  /** The same for requests that may share a run; null where the network takes no batches. */
  key: string | null
}

/**
 * Holds tensors against the signature of a model: names, types, shapes, and as many elements as the shape says.
 * Throws INPUT_INVALID that names the tensor, what was expected and what came.
 */
export function checkTensors(
  signature: TaskModel['signature'],
  inputs: Readonly<Record<string, TensorValue>>,
  outputs: readonly string[] | undefined,
): TensorWork {
  const known = signature.inputs.map(({ name }) => name)
  for (const name of Object.keys(inputs))
    if (!known.includes(name)) throw invalid(`There is no input ${JSON.stringify(name)}; there is ${known.join(', ')}.`)
  for (const name of outputs ?? [])
    if (!signature.outputs.some((output) => output.name === name))
      throw invalid(
        `There is no output ${JSON.stringify(name)}; there is ${signature.outputs.map((output) => output.name).join(', ')}.`,
      )
  for (const spec of signature.inputs) checkTensor(spec, inputs[spec.name])
  const first = inputs[signature.inputs[0]!.name]!
  const takesBatches = [...signature.inputs, ...signature.outputs].every(({ dims }) => dims[0] === -1)
  const rows = takesBatches ? first.dims[0]! : 1
  const sameRows = signature.inputs.every(({ name }) => inputs[name]!.dims[0] === rows)
  const key =
    takesBatches && sameRows
      ? JSON.stringify([signature.inputs.map(({ name }) => inputs[name]!.dims.slice(1)), outputs ?? null])
      : null
  return { inputs, outputs, rows: Math.max(1, rows), key }
}

function checkTensor(spec: TensorSpec, given: TensorValue | undefined): void {
  const expected = `${spec.type} [${spec.dims.join(', ')}]`
  if (given === undefined) throw invalid(`Expected input ${spec.name} as ${expected}, got none.`)
  const fits =
    given.dims.length === spec.dims.length && spec.dims.every((size, i) => size === -1 || size === given.dims[i])
  if (given.type !== spec.type || !fits)
    throw invalid(`Expected input ${spec.name} as ${expected}, got ${given.type} [${given.dims.join(', ')}].`)
  const elements = given.dims.reduce((product, size) => product * size, 1)
  const { length } = given.data as { length: number }
  if (length !== elements)
    throw invalid(`Expected ${elements} elements of input ${spec.name}, as its shape says, got ${length}.`)
  if (elements === 0)
    throw invalid(`Expected input ${spec.name} to hold something, got the shape [${given.dims.join(', ')}].`)
}

const invalid = (message: string): FoveaError =>
  new FoveaError('INPUT_INVALID', message, { hint: 'GET /v2/models/NAME says what the model takes and answers.' })

/** Lays tensors of the same key one behind the other along their first axis. */
export function joinTensors(works: readonly TensorWork[]): Record<string, TensorValue> {
  const [first] = works
  if (works.length === 1) return { ...first!.inputs }
  const rows = works.reduce((sum, work) => sum + work.rows, 0)
  return Object.fromEntries(
    Object.entries(first!.inputs).map(([name, { type, dims }]) => [
      name,
      { type, dims: [rows, ...dims.slice(1)], data: joinData(works.map(({ inputs }) => inputs[name]!.data)) },
    ]),
  )
}

type TensorData = TensorValue['data']

function joinData(parts: readonly TensorData[]): TensorData {
  const [first] = parts
  if (isTexts(first!)) return parts.flatMap((part) => part as readonly string[])
  const arrays = parts as readonly (ArrayBufferView & { length: number })[]
  const whole = newLike(
    arrays[0]!,
    arrays.reduce((sum, { length }) => sum + length, 0),
  )
  let at = 0
  for (const part of arrays) {
    whole.set(part, at)
    at += part.length
  }
  return whole
}

/** Takes what a joined run answered apart. Throws MODEL_OUTPUT where an output has other rows than the inputs. */
export function splitTensors(
  outputs: Readonly<Record<string, TensorValue>>,
  works: readonly TensorWork[],
): Record<string, TensorValue>[] {
  if (works.length === 1) return [{ ...outputs }]
  const rows = works.reduce((sum, work) => sum + work.rows, 0)
  for (const [name, { dims }] of Object.entries(outputs))
    if (dims[0] !== rows)
      throw new FoveaError(
        'MODEL_OUTPUT',
        `Expected ${rows} rows of output ${name}, got ${dims[0] ?? 'a single number'}.`,
      )
  let from = 0
  return works.map((work) => {
    const at = from
    from += work.rows
    return Object.fromEntries(
      Object.entries(outputs).map(([name, { type, dims, data }]) => {
        const perRow = dims.slice(1).reduce((product, size) => product * size, 1)
        const part = [at * perRow, (at + work.rows) * perRow] as const
        const own = isTexts(data) ? data.slice(...part) : (data as unknown as Float32Array).subarray(...part)
        return [name, { type, dims: [work.rows, ...dims.slice(1)], data: own }]
      }),
    )
  })
}

const isTexts = (data: TensorData): data is readonly string[] => Array.isArray(data)

interface Numbers extends ArrayBufferView {
  length: number
  set(from: ArrayBufferView, at: number): void
}

function newLike(array: ArrayBufferView, length: number): Numbers {
  const Kind = array.constructor as new (length: number) => Numbers
  return new Kind(length)
}
