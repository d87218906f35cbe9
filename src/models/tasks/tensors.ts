import type { InferenceSession, Tensor, TypedTensor } from 'onnxruntime-node'
import { FoveaError } from '#base'
import type { TensorSpec, TensorValue } from './types.ts'

type TypedArray = {
  new (buffer: ArrayBufferLike, offset: number, length: number): ArrayBufferView
  BYTES_PER_ELEMENT: number
}

/** How ONNX Runtime holds each type. */
const arrays: Readonly<Record<string, TypedArray>> = {
  float32: Float32Array,
  float64: Float64Array,
  float16: Uint16Array,
  uint8: Uint8Array,
  int8: Int8Array,
  uint16: Uint16Array,
  int16: Int16Array,
  uint32: Uint32Array,
  int32: Int32Array,
  uint64: BigUint64Array,
  int64: BigInt64Array,
  bool: Uint8Array,
}

/** Inputs or outputs as a network declares them; sizes that it leaves free are −1. */
export function readSignature(values: readonly InferenceSession.ValueMetadata[]): TensorSpec[] {
  return values.map((each) =>
    each.isTensor
      ? {
          name: each.name,
          type: each.type,
          dims: each.shape.map((size) => (typeof size === 'number' && size >= 0 ? size : -1)),
        }
      : { name: each.name, type: 'other', dims: [] },
  )
}

/**
 * Makes tensors of ONNX Runtime of what was given, copied unless `handedOver`, so that the caller may go on with its buffers. Throws INPUT_INVALID that
 * names the tensor, what was expected and what came.
 */
export function makeInputs(
  create: (type: string, data: unknown, dims: readonly number[]) => Tensor,
  specs: readonly TensorSpec[],
  given: Readonly<Record<string, TensorValue>>,
  handedOver: boolean,
): Record<string, Tensor> {
  const names = specs.map(({ name }) => name)
  for (const name of Object.keys(given))
    if (!names.includes(name)) throw refuse(name, `is no input of the model; it takes ${names.join(', ')}`)
  return Object.fromEntries(
    specs.map((spec) => {
      const value = given[spec.name]
      if (value === undefined) throw refuse(spec.name, `is missing; expected ${describe(spec)}`)
      return [spec.name, create(spec.type, readData(spec, value, handedOver), value.dims)]
    }),
  )
}

function readData(spec: TensorSpec, { type, dims, data }: TensorValue, handedOver: boolean): unknown {
  const isFree = spec.dims.length === 0
  const fits =
    type === spec.type &&
    (isFree || dims.length === spec.dims.length) &&
    dims.every(
      (size, i) => Number.isInteger(size) && size >= 0 && (isFree || spec.dims[i] === -1 || spec.dims[i] === size),
    )
  if (!fits) throw refuse(spec.name, `: expected ${describe(spec)}, got ${describe({ type, dims })}`)
  const elements = dims.reduce((product, size) => product * size, 1)
  const found = count(type, data)
  if (found !== elements)
    throw refuse(spec.name, `has ${found} elements of ${type}, its shape [${dims.join(' × ')}] asks for ${elements}`)
  if (!ArrayBuffer.isView(data)) return [...data]
  const array = arrays[type]!
  if (handedOver && data.byteOffset % array.BYTES_PER_ELEMENT === 0)
    return new array(data.buffer, data.byteOffset, elements)
  const copy = new Uint8Array(data.byteLength)
  copy.set(new Uint8Array(data.buffer, data.byteOffset, data.byteLength))
  return new array(copy.buffer, 0, elements)
}

/** Elements there are; NaN for data of another kind than the type's. */
function count(type: string, data: TensorValue['data']): number {
  if (type === 'string') return ArrayBuffer.isView(data) ? NaN : data.length
  const array = arrays[type]
  return array !== undefined && ArrayBuffer.isView(data) ? data.byteLength / array.BYTES_PER_ELEMENT : NaN
}

/** Outputs of a run that were asked for. Throws INPUT_INVALID for a name that the model does not have. */
export function checkOutputNames(specs: readonly TensorSpec[], asked: readonly string[] | undefined): string[] {
  const names = specs.map(({ name }) => name)
  for (const name of asked ?? [])
    if (!names.includes(name)) throw refuse(name, `is no output of the model; it has ${names.join(', ')}`)
  return asked === undefined || asked.length === 0 ? names : [...asked]
}

/** A tensor of ONNX Runtime as plain data. */
export function toTensorValue(tensor: TypedTensor<Tensor.Type>): TensorValue {
  const { type, dims } = tensor
  const data = tensor.data as unknown
  return { type, dims, data: ArrayBuffer.isView(data) ? data : (data as string[]) }
}

const describe = ({ type, dims }: Pick<TensorSpec, 'type' | 'dims'>): string =>
  `${type} [${dims.map((size) => (size === -1 ? 'any' : size)).join(' × ')}]`

function refuse(tensor: string, what: string): FoveaError {
  return new FoveaError('INPUT_INVALID', `Tensor ${JSON.stringify(tensor)}${what.startsWith(':') ? '' : ' '}${what}.`, {
    hint: 'Ask the model for its signature: names, types and shapes of its tensors.',
    details: { tensor },
  })
}
