import { elementType, encodeModel, integerAttribute, joinGraphs, type OnnxGraph } from '#models'
import type { Weights } from '../../graph/adam.ts'
import { segmentationLoss } from '../../graph/loss.ts'
import { createTape, type Tape, type Tensor } from '../../graph/tape.ts'
import { featureMaps, writeDecoder, type DecoderPlan } from './decoder.ts'

/** Number of 16-bit floats in onnx.proto3. */
const half = 10
const pictureName = 'image'

/** Name of the factors for the channels of a map. */
export const maskName = (map: string): string => `mask.${map}`

/**
 * One step of training as a network: picture, features in 16-bit floats and factors for their channels, target and all weights in; `loss` and for each weight
 * `gradient.<its name>` out.
 */
export function encodeStep(plan: DecoderPlan, weights: Weights): Uint8Array {
  const { tape, logits, parameters } = writeForward(plan, weights, true)
  const target = tape.input('target', 1, { type: elementType.uint8 })
  const loss = segmentationLoss(tape, logits, target)
  const names = Object.keys(weights)
  const gradients = tape.differentiate(
    loss,
    tape.floats([1], [1]),
    names.map((name) => parameters.get(name)!),
  )
  return encodeModel(
    tape.finish({
      loss: { tensor: loss, dims: [1] },
      ...Object.fromEntries(
        names.map((name, i) => [`gradient.${name}`, { tensor: gradients[i]!, dims: weights[name]!.dims }]),
      ),
    }),
  )
}

/** The decoder alone as a network: picture, features and weights in; `classes`, the best class of every pixel, out. */
export function encodeJudge(plan: DecoderPlan, weights: Weights): Uint8Array {
  const { tape, logits } = writeForward(plan, weights)
  const best = tape.apply('ArgMax', [logits], 1, {
    attributes: [integerAttribute('axis', 1), integerAttribute('keepdims', 0)],
  })
  const bytes = tape.apply('Cast', [best], 1, { attributes: [integerAttribute('to', elementType.uint8)] })
  return encodeModel(tape.finish({ classes: { tensor: bytes, dims: ['n', 'h', 'w'], type: elementType.uint8 } }))
}

/** The decoder with its weights behind the backbone: `image` in, `probabilities` [N, classes, height, width] out. */
export function encodeSegmenter(plan: DecoderPlan, weights: Weights, backbone: Uint8Array): Uint8Array {
  const tape = createTape()
  const logits = writeDecoder(tape, plan, {
    picture: { name: pictureName, channels: 3 },
    maps: featureMaps.map(({ name, channels }) => ({ name, channels })),
    weightOf: (name) => tape.floats(weights[name]!.dims, weights[name]!.data),
  })
  const probabilities = tape.apply('Softmax', [logits], plan.classes, { attributes: [integerAttribute('axis', 1)] })
  return joinGraphs({
    body: backbone,
    keep: featureMaps.map(({ name }) => name),
    head: tape.finish({ probabilities: { tensor: probabilities, dims: ['batch', plan.classes, 'height', 'width'] } }),
  })
}

/** The backbone, cut to the maps that the decoder reads, answering in 16-bit floats as `<map>.half`. */
export function encodeFeatures(backbone: Uint8Array): Uint8Array {
  const tape = createTape()
  const halves = featureMaps.map(({ name, channels }) => {
    const tensor = tape.apply('Cast', [{ name, channels }], channels, { attributes: [integerAttribute('to', half)] })
    return [`${name}.half`, { tensor, dims: ['n', channels, `${name}.h`, `${name}.w`], type: half }] as const
  })
  const head: OnnxGraph = tape.finish(Object.fromEntries(halves))
  return joinGraphs({ body: backbone, keep: featureMaps.map(({ name }) => name), head })
}

function writeForward(
  plan: DecoderPlan,
  weights: Weights,
  isTraining = false,
): { tape: Tape; logits: Tensor; parameters: ReadonlyMap<string, Tensor> } {
  const tape = createTape()
  const picture = tape.input(pictureName, 3)
  const maps = featureMaps.map(({ name, channels }) =>
    tape.apply('Cast', [tape.input(name, channels, { type: half })], channels, {
      attributes: [integerAttribute('to', elementType.float)],
    }),
  )
  const parameters = new Map(Object.entries(weights).map(([name, { dims }]) => [name, tape.parameter(name, dims)]))
  const masks = new Map(
    featureMaps.map(({ name, channels }) => [
      name as string,
      isTraining ? tape.input(maskName(name), channels, { dims: ['n', channels, 1, 1] }) : undefined,
    ]),
  )
  const logits = writeDecoder(tape, plan, {
    picture,
    maps,
    weightOf: (name) => parameters.get(name)!,
    maskOf: (map) => masks.get(map),
  })
  return { tape, logits, parameters }
}
