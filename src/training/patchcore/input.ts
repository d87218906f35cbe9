import { elementType, encodeModel, floats, integersAttribute, node, value } from '#models'
import type { PatchcoreParams } from './params.ts'

/** Mean and spread of levels that `brightness: even` brings pictures to, in the units of the backbone's input. */
const evenSpread = 0.25
/** Keeps pictures of one level from being blown up. */
const leastSpread = 0.02

/**
 * From `picture` to the input of the backbone under the name `output`: at the same mean and spread of levels for every picture where
 * that is wanted, and at half the size where that is.
 */
export function encodeInput({ brightness }: PatchcoreParams, output: string, isHalf: boolean): Uint8Array {
  const axes = [integersAttribute('axes', [1, 2, 3])]
  const last = isHalf ? 'whole' : output
  return encodeModel({
    nodes: [
      ...(brightness === 'keep'
        ? [node('Identity', ['picture'], last)]
        : [
            node('ReduceMean', ['picture'], 'level', axes),
            node('Sub', ['picture', 'level'], 'centred'),
            node('Mul', ['centred', 'centred'], 'squared'),
            node('ReduceMean', ['squared'], 'variance', axes),
            node('Sqrt', ['variance'], 'spread'),
            node('Add', ['spread', 'least'], 'divisor'),
            node('Div', ['centred', 'divisor'], 'unit'),
            node('Mul', ['unit', 'wanted'], last),
          ]),
      ...(isHalf
        ? [
            node('AveragePool', [last], output, [
              integersAttribute('kernel_shape', [2, 2]),
              integersAttribute('strides', [2, 2]),
            ]),
          ]
        : []),
    ],
    initializers: brightness === 'keep' ? [] : [floats('least', [], [leastSpread]), floats('wanted', [], [evenSpread])],
    inputs: [value('picture', elementType.float, ['n', 3, 'height', 'width'])],
    outputs: [value(output, elementType.float, ['n', 3, 'height', 'width'])],
  })
}
