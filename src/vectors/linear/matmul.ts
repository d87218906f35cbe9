import { FoveaError, loadOnnxRuntime } from '#base'
import { elementType, encodeModel, integerAttribute, node, value } from '#models'
import type { InferenceSession } from 'onnxruntime-node'
import type { Matrix } from '../types.ts'

const sessions = new Map<boolean, Promise<InferenceSession>>()

/**
 * A·Bᵀ of `a` [m × d] and `b` [n × d], as [m × n], on ONNX Runtime with all cores. It runs on the calling thread without giving
 * way, so large ones belong in blocks and on a worker thread. Throws INTERNAL when the widths differ.
 */
export async function multiplyTransposed(a: Matrix, b: Matrix): Promise<Matrix> {
  if (a.columns !== b.columns)
    throw new FoveaError('INTERNAL', `Expected rows of the same width, got ${a.columns} and ${b.columns}.`)
  return run(a, b, true, b.rows)
}

/** A·B of `a` [m × d] and `b` [d × n], as [m × n], in the same way. Throws INTERNAL when the sizes do not fit. */
export async function multiply(a: Matrix, b: Matrix): Promise<Matrix> {
  if (a.columns !== b.rows)
    throw new FoveaError('INTERNAL', `Expected as many columns as rows, got ${a.columns} and ${b.rows}.`)
  return run(a, b, false, b.columns)
}

async function run(a: Matrix, b: Matrix, transposed: boolean, columns: number): Promise<Matrix> {
  if (a.rows === 0 || columns === 0) return { rows: a.rows, columns, data: new Float32Array(0) }
  const { Tensor } = await loadOnnxRuntime()
  const { product } = await (
    await openSession(transposed)
  ).run({
    a: new Tensor('float32', a.data.subarray(0, a.rows * a.columns), [a.rows, a.columns]),
    b: new Tensor('float32', b.data.subarray(0, b.rows * b.columns), [b.rows, b.columns]),
  })
  return { rows: a.rows, columns, data: product!.data as Float32Array }
}

/** Rows `from` to `to` (exclusive) as a view on the same memory. */
export function sliceRows({ columns, data }: Matrix, from: number, to: number): Matrix {
  return { rows: to - from, columns, data: data.subarray(from * columns, to * columns) }
}

function openSession(transposed: boolean): Promise<InferenceSession> {
  const known = sessions.get(transposed)
  if (known !== undefined) return known
  const session = loadOnnxRuntime().then((ort) => ort.InferenceSession.create(encodeProductModel(transposed)))
  sessions.set(transposed, session)
  return session
}

/** A model of one Gemm node, with B transposed or not. */
function encodeProductModel(transposed: boolean): Uint8Array {
  return encodeModel({
    nodes: [node('Gemm', ['a', 'b'], 'product', [integerAttribute('transB', transposed ? 1 : 0)])],
    initializers: [],
    inputs: [
      value('a', elementType.float, ['m', 'd']),
      value('b', elementType.float, transposed ? ['n', 'd'] : ['d', 'n']),
    ],
    outputs: [value('product', elementType.float, ['m', 'n'])],
  })
}
