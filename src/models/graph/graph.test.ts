import { readFile } from 'node:fs/promises'
import fc from 'fast-check'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { describe, expect, it } from 'vitest'
import { createRng, FoveaError } from '#base'
import {
  elementType,
  encodeModel,
  floatAttribute,
  floats,
  floatsAttribute,
  integerAttribute,
  integers,
  integersAttribute,
  node,
  stringAttribute,
  tensorAttribute,
  value,
} from '../encode-onnx.ts'
import { encodeTinyNetwork } from '../testing.ts'
import { builtInBackbone, openBackbone } from './backbone.ts'
import { cutGraph } from './cut.ts'
import { joinGraphs, readAsHead } from './join.ts'
import { readModel } from './read.ts'
import { bytesField, join, numberField, textField } from './wire.ts'

const noise = (count: number, seed = 1): Float32Array => {
  const rng = createRng(seed)
  return Float32Array.from({ length: count }, () => rng.next() * 2 - 1)
}

/** A network that adds one and takes the softmax, said to be of any opset. */
function encodeOf(opset: number, operator = 'Softmax', attributes: readonly Uint8Array[] = []): Uint8Array {
  const graph = bytesField(
    7,
    bytesField(1, node(operator, ['image'], 'out', attributes)),
    textField(2, 'g'),
    bytesField(11, value('image', elementType.float, ['n', 4])),
    bytesField(12, value('out', elementType.float, ['n', 4])),
  )
  return join([numberField(1, 8), graph, bytesField(8, numberField(2, opset))])
}

const doubling = {
  nodes: [node('Add', ['out', 'out'], 'twice')],
  initializers: [],
  inputs: [],
  outputs: [value('twice', elementType.float, ['n', 4])],
}

const codeOf = (run: () => unknown): string => {
  try {
    run()
  } catch (error) {
    return error instanceof FoveaError ? error.code : `not a FoveaError: ${String(error)}`
  }
  return 'no error'
}

async function runModel(model: Uint8Array, feeds: Record<string, Tensor>): Promise<Record<string, Float32Array>> {
  const session = await InferenceSession.create(model, { intraOpNumThreads: 1 })
  const answers = await session.run(feeds)
  await session.release()
  return Object.fromEntries(Object.entries(answers).map(([name, tensor]) => [name, tensor.data as Float32Array]))
}

describe('encoding', () => {
  it('gives operators attributes of every kind', async () => {
    const model = encodeModel({
      nodes: [
        node('LeakyRelu', ['x'], 'leaky', [floatAttribute('alpha', -0.5)]),
        node('Constant', [], 'three', [tensorAttribute('value', floats('', [3], [1, 2, 3]))]),
        node('Constant', [], 'more', [floatsAttribute('value_floats', [0.5, 0.25, -1])]),
        node('Sum', ['leaky', 'three', 'more'], 'sum'),
        node('Split', ['sum', 'sizes'], ['first', 'rest'], [integerAttribute('axis', -1)]),
        node('Pad', ['rest', 'pads', 'level'], 'padded', [stringAttribute('mode', 'constant')]),
        node('Transpose', ['padded'], 'turned', [integersAttribute('perm', [1, 0])]),
      ],
      initializers: [integers('sizes', [1, 2]), integers('pads', [0, 1, 0, 0]), floats('level', [], [7])],
      inputs: [value('x', elementType.float, [1, 3])],
      outputs: [value('first', elementType.float, [1, 1]), value('turned', elementType.float, [3, 1])],
    })
    const answers = await runModel(model, { x: new Tensor('float32', Float32Array.of(-2, 2, 4), [1, 3]) })
    expect([...answers['first']!]).toEqual([2.5])
    expect([...answers['turned']!]).toEqual([7, 4.25, 6])
  })

  it('writes weights as they are in memory', () => {
    const weights = noise(1_000_000)
    const bytes = floats('w', [1000, 1000], weights.subarray(0))
    expect(bytes.length).toBeGreaterThan(4_000_000)
    expect(bytes.length).toBeLessThan(4_000_040)
    expect(Buffer.from(bytes.subarray(-4_000_000)).equals(Buffer.from(weights.buffer))).toBe(true)
  })
})

describe('cutting the built-in backbone', () => {
  it('keeps the answers at every size, and less of it', async () => {
    const { file } = await builtInBackbone()
    const whole = await readFile(file)
    const cut = cutGraph(whole, ['stride8', 'stride16'])
    expect(cut.length).toBeLessThan(whole.length / 3)
    expect(readModel(cut).nodes.length).toBeLessThan(readModel(whole).nodes.length)
    for (const [height, width] of [
      [64, 96],
      [32, 32],
    ] as const) {
      const image = new Tensor('float32', noise(2 * 3 * height * width), [2, 3, height, width])
      const [expected, answers] = [await runModel(whole, { image }), await runModel(cut, { image })]
      expect(Object.keys(answers).toSorted()).toEqual(['stride16', 'stride8'])
      expect(answers['stride8']).toEqual(expected['stride8'])
      expect(answers['stride16']).toEqual(expected['stride16'])
    }
  })

  it('opens for chosen outputs', async () => {
    const { file } = await builtInBackbone()
    const backbone = await openBackbone({ outputs: ['stride16', 'features'], threads: 1 })
    const input = noise(3 * 64 * 64)
    const [once, again] = await Promise.all([backbone.run(input, [1, 3, 64, 64]), backbone.run(input, [1, 3, 64, 64])])
    const expected = await runModel(await readFile(file), { image: new Tensor('float32', input, [1, 3, 64, 64]) })
    expect(once['stride16']).toEqual(expected['stride16'])
    expect(again['features']).toEqual(expected['features'])
    await expect(backbone.run(input, [1, 3, 60, 64])).rejects.toThrow(/multiples of 32/)
    await backbone.close()
  })

  it('reaches tensors that are no outputs', async () => {
    const { file } = await builtInBackbone()
    const cut = cutGraph(await readFile(file), ['block0'])
    const answers = await runModel(cut, { image: new Tensor('float32', noise(3 * 32 * 32), [1, 3, 32, 32]) })
    expect(answers['block0']).toHaveLength(16 * 16 * 16)
  })

  it('refuses outputs that are not there', () => {
    expect(() => cutGraph(encodeTinyNetwork(), ['depth'])).toThrow(
      /has no tensor depth; its outputs are features, logits/,
    )
  })
})

describe('joining', () => {
  it('answers as body and head do one after the other', async () => {
    const { file } = await builtInBackbone()
    const body = await readFile(file)
    // Names that the backbone has too are given others.
    const head = {
      nodes: [
        node('Cast', ['weight.half'], 'stem.weight', [integerAttribute('to', 1)]),
        node('Conv', ['stride16', 'stem.weight', 'stem.bias'], 'stem'),
        node('GlobalAveragePool', ['stem'], 'pooled'),
        node('Flatten', ['pooled'], 'scores'),
      ],
      initializers: [floats('weight.half', [5, 112, 1, 1], noise(560, 3)), floats('stem.bias', [5], noise(5, 4))],
      inputs: [value('stride16', elementType.float, ['n', 112, 'h', 'w'])],
      outputs: [value('scores', elementType.float, ['n', 5])],
    }
    const joined = joinGraphs({ body, keep: ['stride16'], head, also: ['stride8'] })
    const image = new Tensor('float32', noise(3 * 96 * 64), [1, 3, 96, 64])
    const answers = await runModel(joined, { image })
    const first = await runModel(body, { image })
    const second = await runModel(encodeModel(head), {
      stride16: new Tensor('float32', first['stride16']!, [1, 112, 6, 4]),
    })
    expect(Object.keys(answers).toSorted()).toEqual(['scores', 'stride8'])
    expect(answers['stride8']).toEqual(first['stride8'])
    answers['scores']!.forEach((score, i) => expect(score).toBeCloseTo(second['scores']![i]!, 5))
  })

  it('lets the head read inputs of the body', async () => {
    const joined = joinGraphs({
      body: encodeTinyNetwork(),
      keep: ['features'],
      head: {
        nodes: [node('Shape', ['image'], 'size'), node('Identity', ['features'], 'colours')],
        initializers: [],
        inputs: [],
        outputs: [value('size', elementType.int64, [4]), value('colours', elementType.float, ['n', 4])],
      },
    })
    const answers = await runModel(joined, { image: new Tensor('float32', noise(48), [1, 3, 4, 4]) })
    expect([...(answers['size'] as unknown as BigInt64Array)]).toEqual([1n, 3n, 4n, 4n])
  })

  it('takes a whole network as the head', async () => {
    const before = encodeModel({
      nodes: [node('Neg', ['picture'], 'image')],
      initializers: [],
      inputs: [value('picture', elementType.float, ['n', 3, 'h', 'w'])],
      outputs: [value('image', elementType.float, ['n', 3, 'h', 'w'])],
    })
    const joined = joinGraphs({ body: before, keep: ['image'], head: readAsHead(encodeTinyNetwork()) })
    const picture = noise(48)
    const answers = await runModel(joined, { picture: new Tensor('float32', picture, [1, 3, 4, 4]) })
    const expected = await runModel(encodeTinyNetwork(), {
      image: new Tensor(
        'float32',
        picture.map((each) => -each),
        [1, 3, 4, 4],
      ),
    })
    expect(answers).toEqual(expected)
  })

  it('joins a network to itself, operators with names included', async () => {
    const named = encodeModel({
      nodes: [join([node('Neg', ['picture'], 'image'), textField(3, 'neg')])],
      initializers: [],
      inputs: [value('picture', elementType.float, ['n', 4])],
      outputs: [value('image', elementType.float, ['n', 4])],
    })
    const sum = {
      nodes: [node('Add', ['image', 'other'], 'sum')],
      initializers: [],
      inputs: [],
      outputs: [value('sum', elementType.float, ['n', 4])],
    }
    const other = {
      ...readAsHead(named),
      nodes: [join([node('Neg', ['picture'], 'other'), textField(3, 'neg')]), ...sum.nodes],
      outputs: sum.outputs,
    }
    const joined = joinGraphs({ body: named, keep: ['image'], head: other })
    const answers = await runModel(joined, { picture: new Tensor('float32', Float32Array.of(1, 2, 3, 4), [1, 4]) })
    expect([...answers['sum']!]).toEqual([-2, -4, -6, -8])
  })

  it('raises the opset where nothing changed in between', async () => {
    for (const [opset, operator] of [
      [13, 'Softmax'],
      [8, 'Relu'],
      [21, 'Relu'],
    ] as const) {
      const joined = joinGraphs({ body: encodeOf(opset, operator), keep: ['out'], head: doubling })
      expect(readModel(joined).opsets.get('')).toBe(Math.max(opset, 17))
      const answers = await runModel(joined, { image: new Tensor('float32', Float32Array.of(0, 0, 0, 0), [1, 4]) })
      expect([...answers['twice']!]).toEqual(Array(4).fill(operator === 'Relu' ? 0 : 0.5))
    }
  })

  it.each([
    [
      'an operator of the body changed',
      () => joinGraphs({ body: encodeOf(11), keep: ['out'], head: doubling }),
      /Softmax/,
    ],
    [
      'an operator of the head changed',
      () =>
        joinGraphs({
          body: encodeOf(20, 'Relu'),
          keep: ['out'],
          head: { ...doubling, nodes: [node('ReduceMax', ['out'], 'twice', [integersAttribute('axes', [1])])] },
        }),
      /ReduceMax of the head changed between opset 17 and 20/,
    ],
    [
      'the opset is newer than all',
      () => joinGraphs({ body: encodeOf(99), keep: ['out'], head: doubling }),
      /opset 99/,
    ],
    [
      'an output has a name of the body',
      () =>
        joinGraphs({
          body: encodeTinyNetwork(),
          keep: ['features'],
          head: { ...doubling, nodes: [node('Relu', ['features'], 'logits')], outputs: [value('logits', 1, ['n', 4])] },
          also: ['logits'],
        }),
      /already has a tensor logits/,
    ],
    [
      'the head reads what nothing makes',
      () => joinGraphs({ body: encodeOf(17), keep: [], head: doubling, also: ['out'] }),
      /Add reads out, which nothing before it makes/,
    ],
    ['the body lacks a tensor', () => joinGraphs({ body: encodeOf(17), keep: ['in'], head: doubling }), /no tensor in/],
  ])('refuses when %s', (_, run, message) => {
    expect(run).toThrow(message)
    expect(codeOf(run)).toBe('MODEL_INVALID')
  })
})

describe('hostile bytes', () => {
  const good = encodeTinyNetwork()

  it('are refused, whatever they are', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 300 }), (bytes) => {
        expect(['MODEL_INVALID', 'no error']).toContain(codeOf(() => cutGraph(bytes, ['features'])))
      }),
      { numRuns: 300 },
    )
  })

  it('are refused when a good file is cut off or changed', () => {
    for (let length = 0; length < good.length - 4; length++)
      expect(codeOf(() => cutGraph(good.subarray(0, length), ['features']))).toBe('MODEL_INVALID')
    fc.assert(
      fc.property(fc.nat(good.length - 1), fc.nat(255), (at, byte) => {
        const changed = good.slice()
        changed[at] = byte
        expect(['MODEL_INVALID', 'no error']).toContain(codeOf(() => cutGraph(changed, ['features'])))
      }),
      { numRuns: 500 },
    )
  })

  it('are refused when graphs lie deep in each other', () => {
    let deep = node('If', ['c'], 'o')
    for (let i = 0; i < 40; i++) deep = node('If', ['c'], 'o', [bytesField(6, bytesField(1, deep))])
    const model = join([numberField(1, 8), bytesField(7, bytesField(1, deep)), bytesField(8, numberField(2, 17))])
    expect(() => readModel(model)).toThrow(/deep in each other/)
  })

  it('are refused when weights lie in other files', () => {
    const outside = join([textField(8, 'w'), bytesField(13, textField(1, 'location'), textField(2, '/etc/passwd'))])
    const model = join([numberField(1, 8), bytesField(7, bytesField(5, outside)), bytesField(8, numberField(2, 17))])
    expect(() => readModel(model)).toThrow(/another file/)
  })

  it('come to an end when the graph runs in circles', () => {
    const circle = encodeModel({
      nodes: [node('Relu', ['b'], 'a'), node('Relu', ['a'], 'b')],
      initializers: [],
      inputs: [value('x', elementType.float, [1])],
      outputs: [value('a', elementType.float, [1])],
    })
    expect(codeOf(() => cutGraph(circle, ['a']))).toBe('MODEL_INVALID')
  })
})
