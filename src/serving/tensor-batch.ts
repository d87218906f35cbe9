import { FoveaError } from '#base'
import { sliceRows, type TaskModel, type TensorSpec, type TensorValue } from '#models'

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
    return sliceRows(outputs, at, at + work.rows)
  })
}
