/** Types of elements that tensors may have here, by their numbers in onnx.proto3. */
export const elementType = { float: 1, int64: 7 } as const

/** Parts of a graph, each encoded by the functions below. */
export interface OnnxGraph {
  nodes: readonly number[][]
  initializers: readonly number[][]
  inputs: readonly number[][]
  outputs: readonly number[][]
}

/**
 * Bytes of a model in the wire format of onnx.proto3, IR version 8, opset 17: field numbers as they stand there. Networks of a few
 * nodes need no library.
 */
export function encodeModel({ nodes, initializers, inputs, outputs }: OnnxGraph): Uint8Array {
  const graph = [
    ...nodes.flatMap((each) => bytes(1, each)),
    ...text(2, 'graph'),
    ...initializers.flatMap((each) => bytes(5, each)),
    ...inputs.flatMap((each) => bytes(11, each)),
    ...outputs.flatMap((each) => bytes(12, each)),
  ]
  return Uint8Array.from([...number(1, 8), ...bytes(7, graph), ...bytes(8, number(2, 17))])
}

/** One operator with a single output. */
export function node(
  operator: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly number[][] = [],
): number[] {
  return [
    ...inputs.flatMap((name) => text(1, name)),
    ...text(2, output),
    ...text(4, operator),
    ...attributes.flatMap((each) => bytes(5, each)),
  ]
}

export const integerAttribute = (name: string, said: number): number[] => [
  ...text(1, name),
  ...number(3, said),
  ...number(20, 2),
]
export const integersAttribute = (name: string, said: readonly number[]): number[] => [
  ...text(1, name),
  ...said.flatMap((each) => number(8, each)),
  ...number(20, 7),
]

/** Weights as 32-bit floats. */
export function floats(name: string, dims: readonly number[], data: readonly number[]): number[] {
  const raw = [...new Uint8Array(Float32Array.from(data).buffer)]
  return [
    ...dims.flatMap((size) => number(1, size)),
    ...number(2, elementType.float),
    ...text(8, name),
    ...bytes(9, raw),
  ]
}

/** A constant list of 64-bit integers. */
export function integers(name: string, data: readonly number[]): number[] {
  const raw = [...new Uint8Array(BigInt64Array.from(data, BigInt).buffer)]
  return [...number(1, data.length), ...number(2, elementType.int64), ...text(8, name), ...bytes(9, raw)]
}

/** An input or output; sizes given as text are free. */
export function value(name: string, type: number, dims: readonly (number | string)[]): number[] {
  const shape = dims.flatMap((size) => bytes(1, typeof size === 'number' ? number(1, size) : text(2, size)))
  return [...text(1, name), ...bytes(2, bytes(1, [...number(1, type), ...bytes(2, shape)]))]
}

function text(field: number, said: string): number[] {
  return bytes(field, [...Buffer.from(said)])
}

function bytes(field: number, said: readonly number[]): number[] {
  return [...varint((field << 3) | 2), ...varint(said.length), ...said]
}

function number(field: number, said: number): number[] {
  return [...varint(field << 3), ...varint(said)]
}

function varint(said: number): number[] {
  return said < 128 ? [said] : [(said & 127) | 128, ...varint(said >>> 7)]
}
