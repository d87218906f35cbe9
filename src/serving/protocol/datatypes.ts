/** A type of the Open Inference Protocol: its name there, that of ONNX Runtime, and how its elements lie in memory. */
export interface Datatype {
  name: string
  type: string
  bytes: number
  make: (buffer: ArrayBuffer, at: number, length: number) => ArrayBufferView & { length: number }
}

/** BYTES (texts) has a length of its own before each element, and stands outside of this table. */
const table: readonly Datatype[] = [
  { name: 'BOOL', type: 'bool', bytes: 1, make: (b, at, n) => new Uint8Array(b, at, n) },
  { name: 'UINT8', type: 'uint8', bytes: 1, make: (b, at, n) => new Uint8Array(b, at, n) },
  { name: 'UINT16', type: 'uint16', bytes: 2, make: (b, at, n) => new Uint16Array(b, at, n) },
  { name: 'UINT32', type: 'uint32', bytes: 4, make: (b, at, n) => new Uint32Array(b, at, n) },
  { name: 'UINT64', type: 'uint64', bytes: 8, make: (b, at, n) => new BigUint64Array(b, at, n) },
  { name: 'INT8', type: 'int8', bytes: 1, make: (b, at, n) => new Int8Array(b, at, n) },
  { name: 'INT16', type: 'int16', bytes: 2, make: (b, at, n) => new Int16Array(b, at, n) },
  { name: 'INT32', type: 'int32', bytes: 4, make: (b, at, n) => new Int32Array(b, at, n) },
  { name: 'INT64', type: 'int64', bytes: 8, make: (b, at, n) => new BigInt64Array(b, at, n) },
  { name: 'FP32', type: 'float32', bytes: 4, make: (b, at, n) => new Float32Array(b, at, n) },
  { name: 'FP64', type: 'float64', bytes: 8, make: (b, at, n) => new Float64Array(b, at, n) },
  // Bits as they are: JavaScript of Node 20 has no halves to count in.
  { name: 'FP16', type: 'float16', bytes: 2, make: (b, at, n) => new Uint16Array(b, at, n) },
]

export const datatypeByName = (name: string): Datatype | undefined => table.find((one) => one.name === name)
const datatypeByType = (type: string): Datatype | undefined => table.find((one) => one.type === type)
export const datatypeNames: readonly string[] = [...table.map(({ name }) => name), 'BYTES']

/** Name in the protocol of a type of ONNX Runtime. */
export const nameOfType = (type: string): string =>
  type === 'string' ? 'BYTES' : (datatypeByType(type)?.name ?? type.toUpperCase())
