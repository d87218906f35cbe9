import type { Rng } from '#base'

/** y = x · weight + bias, with weight [inputs × outputs]. */
export interface Layer {
  inputs: number
  outputs: number
  weight: Float32Array
  bias: Float32Array
}

export interface HeadWeights {
  /** One, or two with a ReLU between. */
  layers: Layer[]
}

/** Weights to start from: He et al. 2015 for a layer behind which a ReLU stands, small ones at the top. */
export function startWeights(inputs: number, hidden: number, outputs: number, rng: Rng): HeadWeights {
  const layer = (from: number, to: number, deviation: number): Layer => ({
    inputs: from,
    outputs: to,
    weight: Float32Array.from({ length: from * to }, () => rng.normal(0, deviation)),
    bias: new Float32Array(to),
  })
  return hidden === 0
    ? { layers: [layer(inputs, outputs, 0.01 / Math.sqrt(inputs))] }
    : { layers: [layer(inputs, hidden, Math.sqrt(2 / inputs)), layer(hidden, outputs, 0.01 / Math.sqrt(hidden))] }
}

export function copyWeights({ layers }: HeadWeights): HeadWeights {
  return { layers: layers.map((layer) => ({ ...layer, weight: layer.weight.slice(), bias: layer.bias.slice() })) }
}

export const listArrays = ({ layers }: HeadWeights): Float32Array[] =>
  layers.flatMap(({ weight, bias }) => [weight, bias])

/** Mean and deviation of each column. */
export interface Scaling {
  mean: Float32Array
  deviation: Float32Array
}

/** Least deviation of a column, as a share of the root mean square of all: what hardly varies must not be blown up. */
const leastShare = 0.1

/** Columns that hardly vary get a least deviation, 1 where none varies. Two passes, since features may lie far from 0. */
export function measureScaling(data: Float32Array, columns: number): Scaling {
  const rows = data.length / columns
  const mean = new Float64Array(columns)
  const square = new Float64Array(columns)
  for (let row = 0, at = 0; row < rows; row++) for (let c = 0; c < columns; c++) mean[c]! += data[at++]! / rows
  for (let row = 0, at = 0; row < rows; row++)
    for (let c = 0; c < columns; c++) square[c]! += (data[at++]! - mean[c]!) ** 2 / rows
  const least = leastShare * Math.sqrt(square.reduce((sum, variance) => sum + variance, 0) / columns)
  return {
    mean: Float32Array.from(mean),
    deviation: Float32Array.from(square, (variance) => (least > 1e-6 ? Math.max(least, Math.sqrt(variance)) : 1)),
  }
}

/** (x − mean) ÷ deviation of each column, in place. */
export function standardise(data: Float32Array, { mean, deviation }: Scaling): void {
  const columns = mean.length
  for (let at = 0; at < data.length;)
    for (let c = 0; c < columns; c++, at++) data[at] = (data[at]! - mean[c]!) / deviation[c]!
}

/** The same head for features as they come and, with `output`, for values as they are: standardising is led into the weights. */
export function foldScaling(weights: HeadWeights, input: Scaling, output?: Scaling): HeadWeights {
  const folded = copyWeights(weights)
  const first = folded.layers[0]!
  for (let o = 0; o < first.outputs; o++) {
    let shift = 0
    for (let i = 0; i < first.inputs; i++) {
      const at = i * first.outputs + o
      const weight = first.weight[at]! / input.deviation[i]!
      first.weight[at] = weight
      shift += weight * input.mean[i]!
    }
    first.bias[o]! -= shift
  }
  if (output === undefined) return folded
  const last = folded.layers.at(-1)!
  for (let o = 0; o < last.outputs; o++) {
    for (let i = 0; i < last.inputs; i++) last.weight[i * last.outputs + o]! *= output.deviation[o]!
    last.bias[o] = last.bias[o]! * output.deviation[o]! + output.mean[o]!
  }
  return folded
}
