import fc from 'fast-check'
import { InferenceSession, Tensor as Value } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { elementType, encodeModel } from '#models'
import { segmentationLoss } from './loss.ts'
import { add, concatenate, convolve, doubleSize, foldPixels, relu, standardise, unfoldPixels } from './operators.ts'
import { createTape, type Tape, type Tensor } from './tape.ts'

type Sizes = readonly number[]
const product = (sizes: Sizes): number => sizes.reduce((sum, size) => sum * size, 1)

interface Trial {
  /** Parameters by name; the result depends on all of them. */
  sizes: Record<string, Sizes>
  build(tape: Tape, of: Record<string, Tensor>): Tensor
  /** Sizes of the result; a single number is taken as it is, all else times random numbers and summed. */
  result?: Sizes
  fixed?: { name: string; type: number; dims: Sizes; data: Uint8Array }
  seed: number
}

/** Greatest difference of a gradient from the central difference, over the greatest gradient. */
async function checkGradients({ sizes, build, result, fixed, seed }: Trial): Promise<number> {
  const rng = createRng(seed)
  // Away from the kink of ReLU, which finite differences see.
  const draw = (count: number): Float32Array =>
    Float32Array.from({ length: count }, () => rng.uniform(0.1, 1) * (rng.next() < 0.5 ? -1 : 1))
  const tape = createTape()
  const tensors = Object.fromEntries(Object.entries(sizes).map(([name, dims]) => [name, tape.parameter(name, dims)]))
  if (fixed !== undefined)
    tensors[fixed.name] = tape.input(fixed.name, fixed.dims[1]!, { type: fixed.type, dims: fixed.dims })
  const made = build(tape, tensors)
  const weights = draw(product(result ?? [1]))
  const seedTensor = result === undefined ? tape.floats([1], [1]) : tape.floats(result, weights)
  const names = Object.keys(sizes)
  const gradients = tape.differentiate(
    made,
    seedTensor,
    names.map((name) => tensors[name]!),
  )
  const outputs = {
    made: { tensor: made, dims: result ?? [1] },
    ...Object.fromEntries(names.map((name, i) => [`d.${name}`, { tensor: gradients[i]!, dims: sizes[name]! }])),
  }
  const session = await InferenceSession.create(encodeModel(tape.finish(outputs)), {
    intraOpNumThreads: 1,
    logSeverityLevel: 3,
  })
  const values = Object.fromEntries(Object.entries(sizes).map(([name, dims]) => [name, draw(product(dims))]))
  const run = async (): Promise<Record<string, Float32Array>> => {
    const feeds: Record<string, Value> = {}
    for (const [name, dims] of Object.entries(sizes)) feeds[name] = new Value('float32', values[name]!, dims)
    if (fixed !== undefined) feeds[fixed.name] = new Value('uint8', fixed.data, fixed.dims)
    const answers = await session.run(feeds)
    return Object.fromEntries(Object.entries(answers).map(([name, each]) => [name, each.data as Float32Array]))
  }
  const total = ({ made: data }: Record<string, Float32Array>): number =>
    result === undefined ? data![0]! : data!.reduce((sum, each, i) => sum + each * weights[i]!, 0)
  const exact = await run()
  let worst = 0
  for (const name of names) {
    const gradient = exact[`d.${name}`]!
    expect(gradient).toHaveLength(product(sizes[name]!))
    const greatest = gradient.reduce((most, each) => Math.max(most, Math.abs(each)), 1e-3)
    const data = values[name]!
    for (let tries = 0; tries < Math.min(6, data.length); tries++) {
      const at = rng.integer(0, data.length - 1)
      const kept = data[at]!
      const h = 1e-2
      data[at] = kept + h
      const up = total(await run())
      data[at] = kept - h
      const down = total(await run())
      data[at] = kept
      worst = Math.max(worst, Math.abs((up - down) / (2 * h) - gradient[at]!) / greatest)
    }
  }
  await session.release()
  return worst
}

const few = { numRuns: 8 }
const size = fc.integer({ min: 1, max: 3 })
const shape = fc.record({
  rows: size,
  channels: fc.integer({ min: 1, max: 4 }),
  height: fc.integer({ min: 1, max: 4 }),
  width: fc.integer({ min: 1, max: 4 }),
  seed: fc.nat(),
})

describe('gradients are those of finite differences', { timeout: 180_000 }, () => {
  it.each([1, 3] as const)('convolution of side %i', (side) =>
    fc.assert(
      fc.asyncProperty(shape, fc.integer({ min: 1, max: 4 }), async ({ rows, channels, height, width, seed }, out) => {
        const worst = await checkGradients({
          sizes: { x: [rows, channels, height, width], w: [out, channels, side, side], b: [out] },
          build: (tape, { x, w, b }) => convolve(tape, x!, { weight: w!, bias: b!, channels: out, side }),
          result: [rows, out, height, width],
          seed,
        })
        expect(worst).toBeLessThan(2e-3)
      }),
      few,
    ),
  )

  it('sum, ReLU, parts one behind the other, standardising', () =>
    fc.assert(
      fc.asyncProperty(shape, size, async ({ rows, channels, height, width, seed }, more) => {
        const mean = Array.from({ length: channels }, (_, i) => i / 2)
        const deviation = Array.from({ length: channels }, (_, i) => 1 + i)
        const worst = await checkGradients({
          sizes: {
            x: [rows, channels, height, width],
            y: [rows, channels, height, width],
            z: [rows, more, height, width],
          },
          build: (tape, { x, y, z }) =>
            concatenate(tape, [
              add(tape, relu(tape, x!), standardise(tape, y!, { mean, deviation })),
              relu(tape, z!),
              y!,
            ]),
          result: [rows, channels * 2 + more, height, width],
          seed,
        })
        expect(worst).toBeLessThan(2e-3)
      }),
      few,
    ))

  it('twice the size, pixels to channels and back', () =>
    fc.assert(
      fc.asyncProperty(
        shape,
        fc.integer({ min: 1, max: 3 }),
        async ({ rows, channels, height, width, seed }, block) => {
          const area = block ** 2
          const sizes = { x: [rows, channels * area, height, width] }
          for (const [build, result] of [
            [doubleSize, [rows, channels * area, height * 2, width * 2]],
            [(tape: Tape, x: Tensor) => unfoldPixels(tape, x, block), [rows, channels, height * block, width * block]],
            [
              (tape: Tape, x: Tensor) => foldPixels(tape, doubleSize(tape, x), 2),
              [rows, channels * area * 4, height, width],
            ],
          ] as const)
            expect(await checkGradients({ sizes, build: (tape, { x }) => build(tape, x!), result, seed })).toBeLessThan(
              2e-3,
            )
        },
      ),
      few,
    ))

  it('cross-entropy with Dice, pixels of no class left out', () =>
    fc.assert(
      fc.asyncProperty(shape, fc.integer({ min: 2, max: 4 }), async ({ rows, height, width, seed }, classes) => {
        const rng = createRng(seed)
        const data = Uint8Array.from({ length: rows * height * width }, () =>
          rng.next() < 0.2 ? 255 : rng.integer(0, classes - 1),
        )
        const dims = [rows, 1, height, width]
        const worst = await checkGradients({
          sizes: { x: [rows, classes, height, width] },
          build: (tape, { x, target }) => segmentationLoss(tape, x!, target!),
          fixed: { name: 'target', type: elementType.uint8, dims, data },
          seed,
        })
        expect(worst).toBeLessThan(1e-2)
      }),
      few,
    ))
})
