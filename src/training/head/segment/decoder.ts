import { createRng } from '#base'
import {
  add,
  concatenate,
  convolve,
  doubleSize,
  foldPixels,
  relu,
  standardise,
  unfoldPixels,
} from '../../graph/operators.ts'
import type { Tape, Tensor } from '../../graph/tape.ts'
import type { Weights } from '../../graph/adam.ts'

/** Outputs of the backbone that the decoder reads, the finest first, with their channels; each half as large as the one before. */
export const featureMaps = [
  { name: 'stride4', channels: 24, stride: 4 },
  { name: 'stride8', channels: 40, stride: 8 },
  { name: 'stride16', channels: 112, stride: 16 },
  { name: 'stride32', channels: 320, stride: 32 },
] as const

/** Side of the blocks of pixels that the finest level sees and answers for at once. */
const block = 4
/** Channels that look at the picture itself. */
const stemChannels = 32

export interface FeatureScale {
  mean: readonly number[]
  deviation: readonly number[]
}

/** Numbers that a decoder has beside its weights. */
export interface DecoderPlan {
  width: number
  /** With the background. */
  classes: number
  /** For each of {@link featureMaps}. */
  scales: readonly FeatureScale[]
}

interface Layer {
  in: number
  out: number
  side: 1 | 3
}

/** Every convolution of the decoder by name. */
function planLayers({ width, classes }: Pick<DecoderPlan, 'width' | 'classes'>): Record<string, Layer> {
  const layers: Record<string, Layer> = {}
  for (const { name, channels } of featureMaps) layers[`${name}.in`] = { in: channels, out: width, side: 1 }
  for (const { name } of featureMaps.slice(1))
    for (const step of ['mix', 'more']) layers[`${name}.${step}`] = { in: width, out: width, side: 3 }
  layers['picture'] = { in: 3 * block ** 2, out: stemChannels, side: 3 }
  layers['fine'] = { in: width + stemChannels, out: width, side: 3 }
  layers['finer'] = { in: width, out: width, side: 3 }
  layers['out'] = { in: width, out: classes * block ** 2, side: 1 }
  return layers
}

/**
 * Weights to begin with: normal with variance 2 ÷ inputs (He et al. 2015), biases 0; the last layer small, its biases so that most
 * pixels are background.
 */
export function startWeights(plan: Pick<DecoderPlan, 'width' | 'classes'>, seed: number): Weights {
  const weights: Record<string, Weights[string]> = {}
  for (const [name, layer] of Object.entries(planLayers(plan))) {
    const rng = createRng(`${seed}/weights/${name}`)
    const isLast = name === 'out'
    const deviation = isLast ? 0.01 : Math.sqrt(2 / (layer.in * layer.side ** 2))
    const count = layer.out * layer.in * layer.side ** 2
    weights[`${name}.weight`] = {
      dims: [layer.out, layer.in, layer.side, layer.side],
      data: Float32Array.from({ length: count }, () => rng.normal(0, deviation)),
    }
    const bias = (i: number): number => (isLast ? (i < block ** 2 ? 1.5 : -1.5) : 0)
    weights[`${name}.bias`] = { dims: [layer.out], data: Float32Array.from({ length: layer.out }, (_, i) => bias(i)) }
  }
  return weights
}

/**
 * Writes the decoder: from coarse to fine, every level of features is brought to the same channels and added to the doubled level
 * below it (a feature pyramid, Lin et al. 2017); the finest level sees the picture too, 4 × 4 pixels at a time, and answers for as
 * many. `picture` is [N, 3, H, W] as the backbone takes it; the result is [N, classes, H, W] before softmax. `maskOf` gives factors
 * for the channels of a map, [N, channels, 1, 1], while training.
 */
export function writeDecoder(
  tape: Tape,
  plan: DecoderPlan,
  inputs: {
    picture: Tensor
    maps: readonly Tensor[]
    weightOf: (name: string) => Tensor
    maskOf?: (map: string) => Tensor | undefined
  },
): Tensor {
  const layers = planLayers(plan)
  const through = (name: string, x: Tensor): Tensor => {
    const { out, side } = layers[name]!
    return convolve(tape, x, {
      weight: inputs.weightOf(`${name}.weight`),
      bias: inputs.weightOf(`${name}.bias`),
      channels: out,
      side,
    })
  }
  const lateral = featureMaps.map(({ name }, i) => {
    const scaled = standardise(tape, inputs.maps[i]!, plan.scales[i]!)
    const mask = inputs.maskOf?.(name)
    const seen = mask === undefined ? scaled : tape.apply('Mul', [scaled, mask], scaled.channels)
    return through(`${name}.in`, seen)
  })
  const mix = (name: string, x: Tensor): Tensor => {
    const mixed = relu(tape, through(`${name}.mix`, x))
    return add(tape, mixed, relu(tape, through(`${name}.more`, mixed)))
  }
  let level = mix('stride32', relu(tape, lateral[3]!))
  level = mix('stride16', relu(tape, add(tape, doubleSize(tape, level), lateral[2]!)))
  level = mix('stride8', relu(tape, add(tape, doubleSize(tape, level), lateral[1]!)))
  level = relu(tape, add(tape, doubleSize(tape, level), lateral[0]!))
  const seen = relu(tape, through('picture', foldPixels(tape, inputs.picture, block)))
  const fine = relu(tape, through('fine', concatenate(tape, [level, seen])))
  const finer = add(tape, fine, relu(tape, through('finer', fine)))
  return unfoldPixels(tape, through('out', finer), block)
}
