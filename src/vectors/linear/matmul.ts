import { FoveaError } from '#base'
import { elementType, encodeModel, integerAttribute, node, value } from '#models'
import type { InferenceSession } from 'onnxruntime-node'
import type { Matrix } from '../types.ts'

let session: Promise<InferenceSession> | undefined

/**
 * A·Bᵀ of `a` [m × d] and `b` [n × d], as [m × n], on ONNX Runtime with all cores. It runs on the calling thread without giving
 * way, so large ones belong in blocks and on a worker thread. Throws INTERNAL when the widths differ.
 */
export async function multiplyTransposed(a: Matrix, b: Matrix): Promise<Matrix> {
  if (a.columns !== b.columns)
    throw new FoveaError('INTERNAL', `Expected rows of the same width, got ${a.columns} and ${b.columns}.`)
  if (a.rows === 0 || b.rows === 0) return { rows: a.rows, columns: b.rows, data: new Float32Array(0) }
  const { Tensor } = await import('onnxruntime-node')
  const { product } = await (
    await openSession()
  ).run({
    a: new Tensor('float32', a.data.subarray(0, a.rows * a.columns), [a.rows, a.columns]),
    b: new Tensor('float32', b.data.subarray(0, b.rows * b.columns), [b.rows, b.columns]),
  })
  return { rows: a.rows, columns: b.rows, data: product!.data as Float32Array }
}

/** Rows `from` to `to` (exclusive) as a view on the same memory. */
export function sliceRows({ columns, data }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, columns, data: data.subarray(from * columns, to * columns) }
}

function openSession(): Promise<InferenceSession> {
  return (session ??= import('onnxruntime-node').then((ort) => ort.InferenceSession.create(encodeProductModel())))
}

/** A model of one Gemm node with B transposed. */
function encodeProductModel(): Uint8Array {
  return encodeModel({
    nodes: [node('Gemm', ['a', 'b'], 'product', [integerAttribute('transB', 1)])],
    initializers: [],
    inputs: [value('a', elementType.float, ['m', 'd']), value('b', elementType.float, ['n', 'd'])],
    outputs: [value('product', elementType.float, ['m', 'n'])],
  })
}
