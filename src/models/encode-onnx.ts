import { bytesField, floatField, join, numberField, textField } from './graph/wire.ts'

/** Types of elements that tensors may have here, by their numbers in onnx.proto3. */
export const elementType = { float: 1, uint8: 2, int32: 6, int64: 7, bool: 9 } as const

/** The opset that graphs made here speak. */
export const ownOpset = 17

/** Parts of a graph, each encoded by the functions below. */
export interface OnnxGraph {
  nodes: readonly Uint8Array[]
  initializers: readonly Uint8Array[]
  inputs: readonly Uint8Array[]
  outputs: readonly Uint8Array[]
}

/**
 * Bytes of a model in the wire format of onnx.proto3, IR version 8, opset 17: field numbers as they stand there. Networks of a few
 * nodes need no library.
 */
export function encodeModel({ nodes, initializers, inputs, outputs }: OnnxGraph): Uint8Array {
  const graph = bytesField(
    7,
    ...nodes.map((each) => bytesField(1, each)),
    textField(2, 'graph'),
    ...initializers.map((each) => bytesField(5, each)),
    ...inputs.map((each) => bytesField(11, each)),
    ...outputs.map((each) => bytesField(12, each)),
  )
  return join([numberField(1, 8), graph, bytesField(8, numberField(2, ownOpset))])
}

/** One operator; of several outputs, one that is left out is an empty name. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string | readonly string[],
  attributes: readonly Uint8Array[] = [],
): Uint8Array {
  const outputs = typeof output === 'string' ? [output] : output
  return join([
    ...inputs.map((name) => textField(1, name)),
    ...outputs.map((name) => textField(2, name)),
    textField(4, operator),
    ...attributes.map((each) => bytesField(5, each)),
  ])
}

export const floatAttribute = (name: string, said: number): Uint8Array =>
  join([textField(1, name), floatField(2, said), numberField(20, 1)])
export const integerAttribute = (name: string, said: number): Uint8Array =>
  join([textField(1, name), numberField(3, said), numberField(20, 2)])
export const stringAttribute = (name: string, said: string): Uint8Array =>
  join([textField(1, name), textField(4, said), numberField(20, 3)])
/** `tensor` from `floats` or `integers`. */
export const tensorAttribute = (name: string, said: Uint8Array): Uint8Array =>
  join([textField(1, name), bytesField(5, said), numberField(20, 4)])
export const floatsAttribute = (name: string, said: readonly number[]): Uint8Array =>
  join([textField(1, name), ...said.map((each) => floatField(7, each)), numberField(20, 6)])
export const integersAttribute = (name: string, said: readonly number[]): Uint8Array =>
  join([textField(1, name), ...said.map((each) => numberField(8, each)), numberField(20, 7)])

/** Weights as 32-bit floats, row by row; no sizes for a single number. */
export function floats(name: string, dims: readonly number[], data: Float32Array | readonly number[]): Uint8Array {
  return tensor(name, elementType.float, dims, data instanceof Float32Array ? data : Float32Array.from(data))
}

/** A constant list of 64-bit integers; of `dims` where it is no plain list, and none for a single number. */
export function integers(
  name: string,
  data: BigInt64Array | readonly number[],
  dims: readonly number[] = [data.length],
): Uint8Array {
  return tensor(name, elementType.int64, dims, data instanceof BigInt64Array ? data : BigInt64Array.from(data, BigInt))
}

function tensor(name: string, type: number, dims: readonly number[], data: Float32Array | BigInt64Array): Uint8Array {
  return join([
    ...dims.map((size) => numberField(1, size)),
    numberField(2, type),
    textField(8, name),
    bytesField(9, new Uint8Array(data.buffer, data.byteOffset, data.byteLength)),
  ])
}

/** An input or output; sizes given as text are free. */
export function value(name: string, type: number, dims: readonly (number | string)[]): Uint8Array {
  const shape = dims.map((size) => bytesField(1, typeof size === 'number' ? numberField(1, size) : textField(2, size)))
  return join([textField(1, name), bytesField(2, bytesField(1, numberField(1, type), bytesField(2, ...shape)))])
}
