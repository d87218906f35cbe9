import { multiply, multiplyTransposed } from '../linear/matmul.ts'
import type { LongWork, Matrix } from '../types.ts'
import { minimise } from './minimise.ts'

/** Linear classifiers, one a fold: scores of a row x are weights · x + bias, probabilities the softmax over the classes of a fold. */
export interface FoldModels {
  /** [folds · classes × columns], fold after fold. */
  weights: Matrix
  bias: Float32Array
}

export interface SoftmaxOptions {
  classes: number
  folds: number
  /** Strength of the penalty ½·λ·|weights|², against the mean loss; the bias is free. */
  penalty: number
  iterations: number
  start?: FoldModels | undefined
}

/**
 * Multinomial logistic regressions with an L2 penalty (Hastie, Tibshirani & Friedman, 4.4), one a fold, each of the least mean cross-entropy over
 * the rows outside its fold. All are fitted at once, since products of matrices cost little more for several. Features belong centred,
 * with a mean squared length near 1.
 */
export async function fitFolds(
  features: Matrix,
  classOf: Int32Array,
  foldOf: Uint8Array,
  { classes, folds, penalty, iterations, start }: SoftmaxOptions,
  { signal }: LongWork = {},
): Promise<FoldModels> {
  const { rows, columns } = features
  const outputs = folds * classes
  const size = outputs * columns
  const outside = countOutside(foldOf, folds)
  const flow: Matrix = { rows: outputs, columns: rows, data: new Float32Array(outputs * rows) }
  const gradient = new Float64Array(size + outputs)
  const origin = new Float64Array(size + outputs)
  if (start !== undefined) {
    origin.set(start.weights.data)
    origin.set(start.bias, size)
  }
  const evaluate = async (point: Float64Array): Promise<{ value: number; gradient: Float64Array }> => {
    const { weights, bias } = toModels(point, outputs, columns)
    const { data: scores } = await multiplyTransposed(features, weights)
    let value = 0
    gradient.fill(0)
    flow.data.fill(0)
    for (let row = 0; row < rows; row++) {
      const k = classOf[row]!
      for (let fold = 0; fold < folds; fold++) {
        if (foldOf[row] === fold) continue
        const first = fold * classes
        const at = row * outputs + first
        for (let c = 0; c < classes; c++) scores[at + c]! += bias[first + c]!
        const given = scores[at + k]!
        value += (toProbabilities(scores, at, classes) - given) / outside[fold]!
        for (let c = 0; c < classes; c++) {
          const pull = (scores[at + c]! - (c === k ? 1 : 0)) / outside[fold]!
          flow.data[(first + c) * rows + row] = pull
          gradient[size + first + c]! += pull
        }
      }
    }
    const { data: slopes } = await multiply(flow, features)
    let squares = 0
    for (let at = 0; at < size; at++) {
      gradient[at] = slopes[at]! + penalty * point[at]!
      squares += point[at]! ** 2
    }
    return { value: value + (penalty / 2) * squares, gradient }
  }
  const found = await minimise(evaluate, origin, { iterations, tolerance: 1e-4, signal })
  return toModels(found, outputs, columns)
}

/** Class probabilities of every row, [rows × classes], by the model of its own fold, which has not seen it. */
export async function predictOutOfFold(
  { weights, bias }: FoldModels,
  features: Matrix,
  foldOf: Uint8Array,
  classes: number,
): Promise<Matrix> {
  const { data: scores } = await multiplyTransposed(features, weights)
  const out: Matrix = { rows: features.rows, columns: classes, data: new Float32Array(features.rows * classes) }
  for (let row = 0; row < features.rows; row++) {
    const first = foldOf[row]! * classes
    const at = row * bias.length + first
    for (let c = 0; c < classes; c++) out.data[row * classes + c] = scores[at + c]! + bias[first + c]!
    toProbabilities(out.data, row * classes, classes)
  }
  return out
}

/** Turns scores into probabilities where they lie. Answers the logarithm of the sum of their exponentials. */
function toProbabilities(scores: Float32Array, from: number, classes: number): number {
  let highest = -Infinity
  for (let at = from; at < from + classes; at++) highest = Math.max(highest, scores[at]!)
  let sum = 0
  for (let at = from; at < from + classes; at++) sum += scores[at] = Math.exp(scores[at]! - highest)
  for (let at = from; at < from + classes; at++) scores[at]! /= sum
  return highest + Math.log(sum)
}

function countOutside(foldOf: Uint8Array, folds: number): Float64Array {
  const outside = new Float64Array(folds).fill(foldOf.length)
  for (const fold of foldOf) outside[fold]!--
  return outside.map((count) => Math.max(1, count))
}

function toModels(point: Float64Array, outputs: number, columns: number): FoldModels {
  return {
    weights: { rows: outputs, columns, data: Float32Array.from(point.subarray(0, outputs * columns)) },
    bias: Float32Array.from(point.subarray(outputs * columns)),
  }
}
