import { integerAttribute, integersAttribute, stringAttribute } from '#models'
import type { Tape, Tensor } from './tape.ts'

/** A slice end beyond every size. */
const toTheEnd = 2 ** 31 - 1

/** Sum of two tensors of the same sizes. */
export function add(tape: Tape, a: Tensor, b: Tensor): Tensor {
  return tape.apply('Add', [a, b], a.channels, {
    pulls: [
      [a, (gradient) => gradient],
      [b, (gradient) => gradient],
    ],
  })
}

/** max(x, 0); its gradient at 0 is 0. */
export function relu(tape: Tape, x: Tensor): Tensor {
  const result = tape.apply('Relu', [x], x.channels)
  tape.record(result, [
    [
      x,
      (gradient) => {
        const isOn = tape.apply('Greater', [result, tape.floats([], [0])], x.channels)
        const mask = tape.apply('Cast', [isOn], x.channels, { attributes: [integerAttribute('to', 1)] })
        return tape.apply('Mul', [gradient, mask], x.channels)
      },
    ],
  ])
  return result
}

/** (x − mean) ÷ deviation, a number each for every channel; both are constants. */
export function standardise(
  tape: Tape,
  x: Tensor,
  { mean, deviation }: { mean: readonly number[]; deviation: readonly number[] },
): Tensor {
  const dims = [1, x.channels, 1, 1]
  const scale = tape.floats(
    dims,
    deviation.map((each) => 1 / each),
  )
  const shift = tape.floats(
    dims,
    mean.map((each, i) => -each / deviation[i]!),
  )
  const scaled = tape.apply('Mul', [x, scale], x.channels, {
    pulls: [[x, (gradient) => tape.apply('Mul', [gradient, scale], x.channels)]],
  })
  return tape.apply('Add', [scaled, shift], x.channels, { pulls: [[scaled, (gradient) => gradient]] })
}

/** Tensors of the same height and width one behind the other, along the channels. */
export function concatenate(tape: Tape, parts: readonly Tensor[]): Tensor {
  let from = 0
  const pulls = parts.map((part) => {
    const [first, end] = [from, (from += part.channels)]
    const pull = (gradient: Tensor): Tensor =>
      tape.apply('Slice', [gradient, tape.integers([first]), tape.integers([end]), tape.integers([1])], part.channels)
    return [part, pull] as const
  })
  return tape.apply('Concat', parts, from, { attributes: [integerAttribute('axis', 1)], pulls })
}

/** Every pixel four times: twice the height and the width. */
export function doubleSize(tape: Tape, x: Tensor): Tensor {
  const scales = tape.floats([4], [1, 1, 2, 2])
  const none = { name: '', channels: 0 }
  return tape.apply('Resize', [x, none, scales], x.channels, {
    attributes: [
      stringAttribute('mode', 'nearest'),
      stringAttribute('nearest_mode', 'floor'),
      stringAttribute('coordinate_transformation_mode', 'asymmetric'),
    ],
    pulls: [
      [
        x,
        (gradient) => {
          const mean = tape.apply('AveragePool', [gradient], x.channels, {
            attributes: [integersAttribute('kernel_shape', [2, 2]), integersAttribute('strides', [2, 2])],
          })
          return tape.apply('Mul', [mean, tape.floats([], [4])], x.channels)
        },
      ],
    ],
  })
}

/** Channels of one pixel to block × block pixels: [C·block², H, W] to [C, H·block, W·block], as PyTorch's PixelShuffle. */
export function unfoldPixels(tape: Tape, x: Tensor, block: number): Tensor {
  return tape.apply('DepthToSpace', [x], x.channels / block ** 2, {
    attributes: [integerAttribute('blocksize', block), stringAttribute('mode', 'CRD')],
    pulls: [
      [
        x,
        (gradient) => {
          // SpaceToDepth puts the place within the block before the channel; the other way round is wanted.
          const [channels, inside] = [x.channels / block ** 2, block ** 2]
          const folded = foldPixels(tape, gradient, block)
          if (channels === 1) return folded
          const order = Array.from({ length: x.channels }, (_, i) => (i % inside) * channels + Math.floor(i / inside))
          return tape.apply('Gather', [folded, tape.integers(order)], x.channels, {
            attributes: [integerAttribute('axis', 1)],
          })
        },
      ],
    ],
  })
}

/** block × block pixels to channels of one: [C, H, W] to [block²·C, H/block, W/block], the place in the block slowest. */
export function foldPixels(tape: Tape, x: Tensor, block: number): Tensor {
  return tape.apply('SpaceToDepth', [x], x.channels * block ** 2, {
    attributes: [integerAttribute('blocksize', block)],
    pulls: [
      [
        x,
        (gradient) =>
          tape.apply('DepthToSpace', [gradient], x.channels, {
            attributes: [integerAttribute('blocksize', block), stringAttribute('mode', 'DCR')],
          }),
      ],
    ],
  })
}

/** Convolution with stride 1 that keeps height and width; `side` 1 or 3. `weight` is [out, in, side, side], `bias` [out]. */
export function convolve(
  tape: Tape,
  x: Tensor,
  { weight, bias, channels, side }: { weight: Tensor; bias: Tensor; channels: number; side: 1 | 3 },
): Tensor {
  const rim = (side - 1) / 2
  const attributes = [integersAttribute('kernel_shape', [side, side]), integersAttribute('pads', [rim, rim, rim, rim])]
  return tape.apply('Conv', [x, weight, bias], channels, {
    attributes,
    pulls: [
      [x, (gradient) => tape.apply('Conv', [gradient, turnKernel(tape, weight, side)], x.channels, { attributes })],
      [weight, (gradient) => correlate(tape, { x, gradient, channels, side })],
      [
        bias,
        (gradient) =>
          tape.apply('ReduceSum', [gradient, tape.integers([0, 2, 3])], 1, {
            attributes: [integerAttribute('keepdims', 0)],
          }),
      ],
    ],
  })
}

/** Kernel of the convolution that leads gradients back: in and out exchanged, turned by 180°. */
function turnKernel(tape: Tape, weight: Tensor, side: number): Tensor {
  const exchanged = tape.apply('Transpose', [weight], weight.channels, {
    attributes: [integersAttribute('perm', [1, 0, 2, 3])],
  })
  if (side === 1) return exchanged
  const [last, first, axes, step] = [
    [-1, -1],
    [-toTheEnd, -toTheEnd],
    [2, 3],
    [-1, -1],
  ].map((each) => tape.integers(each))
  return tape.apply('Slice', [exchanged, last!, first!, axes!, step!], weight.channels)
}

/** Gradient of a kernel: for each of its places, the product of the result's gradient and the input moved to that place. */
function correlate(
  tape: Tape,
  { x, gradient, channels, side }: { x: Tensor; gradient: Tensor; channels: number; side: number },
): Tensor {
  const rim = (side - 1) / 2
  const padded = side === 1 ? x : tape.apply('Pad', [x, tape.integers([0, 0, rim, rim, 0, 0, rim, rim])], x.channels)
  const rows = tape.apply('Reshape', [gradient, tape.integers([0, 0, -1])], channels)
  const places = Array.from({ length: side ** 2 }, (_, place) => {
    const [down, right] = [Math.floor(place / side), place % side]
    const end = (from: number): number => (from === side - 1 ? toTheEnd : from - side + 1)
    const moved =
      side === 1
        ? padded
        : tape.apply(
            'Slice',
            [padded, tape.integers([down, right]), tape.integers([end(down), end(right)]), tape.integers([2, 3])],
            x.channels,
          )
    const flat = tape.apply('Reshape', [moved, tape.integers([0, 0, -1])], x.channels)
    // ONNX Runtime joins the two into one operator that never moves the numbers.
    const turned = tape.apply('Transpose', [flat], x.channels, { attributes: [integersAttribute('perm', [0, 2, 1])] })
    const product = tape.apply('MatMul', [rows, turned], channels)
    const sum = tape.apply('ReduceSum', [product, tape.integers([0])], x.channels, {
      attributes: [integerAttribute('keepdims', 0)],
    })
    return tape.apply('Unsqueeze', [sum, tape.integers([2])], x.channels)
  })
  const joined =
    places.length === 1
      ? places[0]!
      : tape.apply('Concat', places, x.channels, { attributes: [integerAttribute('axis', 2)] })
  return tape.apply('Reshape', [joined, tape.integers([0, 0, side, side])], x.channels)
}
