import type { InferenceSession, Tensor } from 'onnxruntime-node'
import { FoveaError } from '#base'

/** What a network answered for a batch, read as 32-bit floats. */
export interface Outputs {
  /** How many pictures the batch had. */
  rows: number
  /**
   * An output whose sizes are as expected; null stands for any. Throws MODEL_MISMATCH that names the tensor, what was expected
   * and what came.
   */
  read(name: string, expected: readonly (number | null)[], or?: readonly (number | null)[]): FloatTensor
}

export interface FloatTensor {
  dims: readonly number[]
  data: Float32Array
}

export function readOutputs(model: string, answer: InferenceSession.OnnxValueMapType, rows: number): Outputs {
  return {
    rows,
    read(name, ...shapes) {
      const tensor = answer[name] as Tensor
      const wanted = shapes.filter((shape) => shape !== undefined)
      const fits = wanted.some(
        (shape) =>
          shape.length === tensor.dims.length && shape.every((size, i) => size === null || size === tensor.dims[i]),
      )
      const data = toFloats(tensor)
      if (fits && data !== undefined) return { dims: tensor.dims, data }
      throw new FoveaError(
        'MODEL_MISMATCH',
        `Output ${name} of model ${model}: expected floats [${wanted.map(describeShape).join('] or [')}], got ${tensor.type} [${tensor.dims.join(' × ')}].`,
        {
          hint: 'Correct output of its card, or export the network so that it answers as docs/models.md says of its task.',
          details: { tensor: name, expected: wanted, found: tensor.dims },
        },
      )
    },
  }
}

const describeShape = (shape: readonly (number | null)[]): string =>
  shape.map((size) => (size === null ? 'any' : String(size))).join(' × ')

function toFloats({ type, data }: Tensor): Float32Array | undefined {
  if (data instanceof Float32Array) return data
  if (type === 'float16') return widenHalves(data as unknown as Uint16Array)
  if (type === 'float64' || type === 'int32' || type === 'int64' || type === 'uint8')
    return Float32Array.from(data as unknown as ArrayLike<number>, Number)
  return undefined
}

/** IEEE 754 binary16 to binary32. */
function widenHalves(halves: Uint16Array): Float32Array {
  return Float32Array.from(halves, (half) => {
    const sign = half & 0x8000 ? -1 : 1
    const exponent = (half >> 10) & 31
    const fraction = half & 1023
    if (exponent === 0) return sign * fraction * 2 ** -24
    if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
    return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
  })
}

/** Throws MODEL_OUTPUT for NaN and infinity. */
export function requireFinite(model: string, name: string, values: Float32Array): void {
  let areFinite = true
  for (let i = 0; i < values.length && areFinite; i++) areFinite = Number.isFinite(values[i])
  if (areFinite) return
  throw new FoveaError(
    'MODEL_OUTPUT',
    `Model ${model} answered with values that are no numbers (NaN or infinite) in ${name}.`,
    {
      hint: 'Check mean, std and scale of its card, and that the weights are not damaged or overflow in half precision.',
    },
  )
}

/**
 * Makes probabilities of channels that lie one after the other, each `size` long: softmax over the channels, or the logistic function.
 * Throws MODEL_MISMATCH when `none` is said of what are no probabilities.
 */
export function activate(
  model: string,
  values: Float32Array,
  channels: number,
  activation: 'none' | 'softmax' | 'sigmoid',
): Float32Array {
  const size = values.length / channels
  const out = new Float32Array(values.length)
  if (activation === 'softmax') {
    for (let i = 0; i < size; i++) {
      let highest = -Infinity
      for (let at = i; at < values.length; at += size) if (values[at]! > highest) highest = values[at]!
      let sum = 0
      for (let at = i; at < values.length; at += size) sum += out[at] = Math.exp(values[at]! - highest)
      for (let at = i; at < values.length; at += size) out[at]! /= sum
    }
    return out
  }
  if (activation === 'sigmoid') {
    for (let i = 0; i < values.length; i++) out[i] = 1 / (1 + Math.exp(-values[i]!))
    return out
  }
  for (let i = 0; i < values.length; i++) {
    const value = values[i]!
    if (value < -rounding || value > 1 + rounding)
      throw new FoveaError(
        'MODEL_MISMATCH',
        `Model ${model} answered ${value} where a probability of 0 to 1 was expected.`,
        {
          hint: 'Set output.activation of its card to softmax or sigmoid.',
        },
      )
    out[i] = Math.min(1, Math.max(0, value))
  }
  return out
}

const rounding = 1e-3
