import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { FoveaError } from '#base'
import type { TensorValue } from '#models'
import { readInfer } from './read-infer.ts'
import { writeInfer } from './write-infer.ts'

const ask = (inputs: unknown, tail: Buffer = Buffer.alloc(0), more: object = {}): ReturnType<typeof readInfer> => {
  const head = Buffer.from(JSON.stringify({ inputs, ...more }))
  return readInfer(Buffer.concat([head, tail]), tail.length === 0 ? undefined : head.length)
}
const messageOf = (work: () => unknown): string => {
  try {
    work()
  } catch (error) {
    expect((error as FoveaError).code).toBe('INPUT_INVALID')
    return (error as FoveaError).message
  }
  return 'nothing was thrown'
}

/** What the writer makes of tensors, in the form the reader takes. */
function roundTrip(tensors: Record<string, TensorValue>, isBinary: boolean): Record<string, TensorValue> {
  const { body, headerBytes } = writeInfer({ model: 'm', version: '1', id: 'x' }, tensors, {
    isBinary: () => isBinary,
    outputs: undefined,
  })
  const split = headerBytes ?? body.length
  const { outputs } = JSON.parse(body.toString('utf8', 0, split)) as { outputs: object[] }
  return ask(outputs, body.subarray(split)).inputs
}

describe('tensors come back as they went', () => {
  const tensors: Record<string, TensorValue> = {
    floats: { type: 'float32', dims: [2, 2], data: Float32Array.of(1, -0.1, 3e38, 1e-45) },
    doubles: { type: 'float64', dims: [1], data: Float64Array.of(Math.PI) },
    bytes: { type: 'uint8', dims: [3], data: Uint8Array.of(0, 128, 255) },
    longs: { type: 'int64', dims: [2], data: BigInt64Array.of(-5n, 9_007_199_254_740_991n) },
    flags: { type: 'bool', dims: [2], data: Uint8Array.of(1, 0) },
    texts: { type: 'string', dims: [2], data: ['straße', ''] },
  }
  it.each([true, false])('binary: %s', (isBinary) => {
    expect(roundTrip(tensors, isBinary)).toEqual(Object.assign(Object.create(null), tensors))
  })

  it('any shape of floats, from any place in the body', () => {
    fc.assert(
      fc.property(
        fc.array(fc.float({ noNaN: true, noDefaultInfinity: true }), { minLength: 1, maxLength: 50 }),
        fc.string({ maxLength: 7 }),
        fc.boolean(),
        (numbers, text, isBinary) => {
          // The text moves the floats to places that are no multiples of four.
          const given: Record<string, TensorValue> = {
            text: { type: 'string', dims: [1], data: [text] },
            x: { type: 'float32', dims: [1, numbers.length], data: Float32Array.from(numbers) },
          }
          const back = roundTrip(given, isBinary)['x']!.data as Float32Array
          expect([...back].map((value) => value + 0)).toEqual([...Float32Array.from(numbers)].map((value) => value + 0))
        },
      ),
      { numRuns: 50 },
    )
  })
})

it('halves travel in binary only', () => {
  const half: TensorValue = { type: 'float16', dims: [2], data: Uint16Array.of(0x3c00, 0) }
  expect(roundTrip({ half }, true)['half']).toEqual(half)
  expect(messageOf(() => roundTrip({ half }, false))).toMatch(/binary/)
  expect(messageOf(() => ask([{ name: 'half', shape: [1], datatype: 'FP16', data: [1] }]))).toMatch(/binary/)
})

it('answers that JSON has no form for are no answers', () => {
  const bad: TensorValue = { type: 'float32', dims: [1], data: Float32Array.of(Number.NaN) }
  expect(() => roundTrip({ bad }, false)).toThrow(/no numbers/)
  expect(roundTrip({ bad }, true)['bad']).toEqual(bad)
})

it('outputs are binary as asked one by one, else as asked for all', () => {
  const x = { name: 'x', shape: [1], datatype: 'INT32', data: [1] }
  const asked = ask([x], undefined, {
    parameters: { binary_data_output: true },
    outputs: [{ name: 'a' }, { name: 'b', parameters: { binary_data: false } }],
  })
  expect([asked.outputs, asked.isBinary('a'), asked.isBinary('b')]).toEqual([['a', 'b'], true, false])
  expect(ask([x]).isBinary('a')).toBe(false)
})

it('what is wrong with a tensor is said by its name', () => {
  const x = (more: object): object => ({ name: 'x', shape: [2], datatype: 'INT8', ...more })
  const cases: [object[], Buffer | undefined, RegExp][] = [
    [[x({ data: [1, 300] })], undefined, /datatype holds in the data of input x, got 300/],
    [[x({ data: [1, 0.5] })], undefined, /whole number/],
    [[x({ data: [1, null] })], undefined, /got null/],
    [[x({ data: [1, 2, 3] })], undefined, /Expected 2 elements of input x/],
    [[x({})], undefined, /Expected data of input x, got none/],
    [[x({ data: [1, 2] }), x({ data: [1, 2] })], undefined, /x twice/],
    [[x({ parameters: { binary_data_size: 2 } })], undefined, /Inference-Header-Content-Length is missing/],
    [[x({ parameters: { binary_data_size: 3 } })], Buffer.alloc(2), /Expected 3 bytes/],
    [[x({ parameters: { binary_data_size: 2 } })], Buffer.alloc(3), /end after/],
    [[x({ parameters: { binary_data_size: 1 } })], Buffer.alloc(1), /Expected 2 bytes of input x/],
    [[x({ parameters: { binary_data_size: -1 } })], Buffer.alloc(2), /-1 bytes/],
    [[x({ data: [1, 2], parameters: { binary_data_size: 2 } })], Buffer.alloc(2), /once/],
    [[x({ datatype: 'BYTES', parameters: { binary_data_size: 5 } })], Buffer.of(9, 0, 0, 0, 65), /beyond its bytes/],
    [[x({ datatype: 'BYTES', parameters: { binary_data_size: 5 } })], Buffer.of(1, 0, 0, 0, 65), /Expected 2 elements/],
    [[x({ shape: [2 ** 40, 2 ** 40], data: [] })], undefined, /too large/],
    [[x({ shape: [-1], data: [] })], undefined, /inputs\.0\.shape/],
    [[x({ data: [1, 2], parameters: { shared_memory_region: 'r' } })], undefined, /shared_memory_region/],
  ]
  for (const [inputs, tail, message] of cases) expect(messageOf(() => ask(inputs, tail))).toMatch(message)
})

it('no bytes bring the reader down', () => {
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 200 }), fc.option(fc.nat(300), { nil: undefined }), (bytes, header) => {
      expect(messageOf(() => readInfer(Buffer.from(bytes), header))).not.toBe('nothing was thrown')
    }),
    { numRuns: 200 },
  )
})
