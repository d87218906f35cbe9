import { elementType, integerAttribute, integersAttribute } from '#models'
import type { Tape, Tensor } from './tape.ts'

/** A target of this number belongs to no class and counts nowhere. */
export const ignoredTarget = 255

/**
 * Softmax cross-entropy, mean over pixels, plus the soft Dice loss (Milletari et al. 2016, V-Net; sums pooled over the batch, 1 added
 * above and below, mean over all classes but the first, which is the background). `logits` is [N, classes, H, W], `target` [N, 1, H, W]
 * of bytes: numbers of classes, or {@link ignoredTarget}. The result is a single number.
 */
export function segmentationLoss(tape: Tape, logits: Tensor, target: Tensor): Tensor {
  const classes = logits.channels
  const to = (type: number): Uint8Array => integerAttribute('to', type)
  const op = (operator: string, ...inputs: Tensor[]): Tensor => tape.apply(operator, inputs, classes)
  const sumOver = (x: Tensor, axes: readonly number[]): Tensor =>
    tape.apply('ReduceSum', [x, tape.integers(axes)], classes)
  const number = (said: number): Tensor => tape.floats([], [said])
  const [pixels, all] = [
    [0, 2, 3],
    [0, 1, 2, 3],
  ]
  const perClass = [1, classes, 1, 1]

  const wanted = tape.apply('Cast', [target], 1, { attributes: [to(elementType.float)] })
  const numbers = Array.from({ length: classes }, (_, i) => i)
  const isClass = tape.apply('Equal', [wanted, tape.floats(perClass, numbers)], classes)
  const truth = tape.apply('Cast', [isClass], classes, { attributes: [to(elementType.float)] })
  const counts = sumOver(truth, [1])
  const count = tape.apply('Max', [sumOver(truth, all), number(1)], 1)

  const highest = tape.apply('ReduceMax', [logits], 1, { attributes: [integersAttribute('axes', [1])] })
  const lowered = op('Sub', logits, highest)
  const powers = op('Exp', lowered)
  const powerSum = sumOver(powers, [1])
  const probabilities = op('Div', powers, powerSum)
  const logLikelihoods = op('Mul', truth, op('Sub', lowered, op('Log', powerSum)))
  const entropy = op('Neg', op('Div', sumOver(logLikelihoods, all), count))

  // Of pixels that count.
  const counted = op('Mul', probabilities, counts)
  const above = op('Add', op('Mul', sumOver(op('Mul', counted, truth), pixels), number(2)), number(1))
  const below = op('Add', op('Add', sumOver(counted, pixels), sumOver(truth, pixels)), number(1))
  const share = tape.floats(
    perClass,
    numbers.map((i) => (i === 0 ? 0 : 1 / (classes - 1))),
  )
  const overlap = op('Div', op('Mul', share, above), below)
  const overlaps = sumOver(overlap, all)
  const total = op('Sub', op('Add', entropy, number(1)), overlaps)
  const loss = tape.apply('Reshape', [total, tape.integers([1])], 1)

  tape.record(loss, [
    [
      logits,
      (gradient) => {
        const ofEntropy = op('Div', op('Sub', counted, truth), count)
        // d(above/below)/dp = (2·truth − above/below) / below
        const slope = op(
          'Sub',
          op('Div', overlap, below),
          op('Mul', truth, op('Div', op('Mul', share, number(2)), below)),
        )
        const weighed = op('Mul', counted, slope)
        const ofOverlap = op('Sub', weighed, op('Mul', probabilities, sumOver(weighed, [1])))
        return op('Mul', op('Add', ofEntropy, ofOverlap), gradient)
      },
    ],
  ])
  return loss
}
