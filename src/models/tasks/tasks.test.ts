import { mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { FoveaError } from '#base'
import { floats, node } from '../encode-onnx.ts'
import { labelOptions, predictionLabels } from './labels.ts'
import { openTaskModel } from './open.ts'
import {
  encodeBoxNetwork,
  encodeColourNetwork,
  encodeEchoNetwork,
  encodeNetwork,
  meanColour,
  writeTaskModel,
} from './testing.ts'
import type { Prediction, TaskModel } from './types.ts'

let root: string
beforeAll(async () => void (root = await mkdtemp(join(tmpdir(), 'fovea-tasks-'))))
afterAll(() => rm(root, { recursive: true }))

type Described = Parameters<typeof writeTaskModel>[1]

async function open(model: Described, maxPixels = 1_000_000): Promise<TaskModel> {
  const folder = await mkdtemp(join(root, 'model-'))
  return openTaskModel({ folder: await writeTaskModel(folder, model), threads: 1, maxPixels })
}

async function withModel<Result>(model: Described, use: (model: TaskModel) => Promise<Result>): Promise<Result> {
  const opened = await open(model)
  try {
    return await use(opened)
  } finally {
    await opened.close()
  }
}

const picture = (width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Promise<Buffer> =>
  sharp(paint(width, height, pixel), { raw: { width, height, channels: 3 } })
    .png()
    .toBuffer()

function paint(width: number, height: number, pixel: (x: number, y: number) => readonly number[]): Buffer {
  const data = Buffer.alloc(width * height * 3)
  for (let y = 0; y < height; y++) for (let x = 0; x < width; x++) data.set(pixel(x, y), (y * width + x) * 3)
  return data
}

async function predictOne(model: TaskModel, bytes: Uint8Array): Promise<Prediction> {
  const [answer] = await model.predict([await model.prepare({ bytes })])
  return answer!
}

const colours: Described = {
  task: 'classification',
  output: 'scores = "colour"\nactivation = "softmax"\nclasses = "classes.json"',
  network: encodeColourNetwork(),
  classes: ['red', 'green', 'blue'],
}
const echo: Described = {
  task: 'segmentation',
  output: 'scores = "maps"\nclasses = "classes.json"',
  network: encodeEchoNetwork(),
  classes: ['green', 'blue'],
}
const [red, green, blue] = [
  [255, 0, 0],
  [0, 255, 0],
  [0, 0, 255],
] as const

describe('openTaskModel', () => {
  test('ranks classes by softmax of what the network says', () =>
    withModel(colours, async (model) => {
      const { classes, widthPx, heightPx } = await predictOne(model, await picture(20, 10, () => green))
      expect([widthPx, heightPx]).toEqual([20, 10])
      expect(classes!.map((each) => each.class)[0]).toBe('green')
      expect(classes![0]!.score).toBeCloseTo(Math.E / (Math.E + 2), 5)
      expect(classes!.reduce((sum, each) => sum + each.score, 0)).toBeCloseTo(1, 5)
    }))

  test('reads files, regions of them and bytes alike', () =>
    withModel(colours, async (model) => {
      const bytes = await picture(20, 10, (x) => (x < 10 ? red : blue))
      const file = join(root, 'halves.png')
      await writeFile(file, bytes)
      const [whole, sent, right] = await Promise.all([
        model.prepare({ file }),
        model.prepare({ bytes }),
        model.prepare({ file, region: { x: 12, y: 0, width: 8, height: 10 } }),
      ])
      expect(sent).toEqual(whole)
      expect((await model.predict([right]))[0]!.classes![0]!.class).toBe('blue')
    }))

  test('answers many pictures in order, whatever the batch', () =>
    withModel(colours, async (model) => {
      const kinds = Array.from({ length: 37 }, (_, i) => [red, green, blue][(i * 7) % 3]!)
      const prepared = await Promise.all(
        kinds.map(async (kind) => model.prepare({ bytes: await picture(8, 8, () => kind) })),
      )
      const halves = await Promise.all([model.predict(prepared.slice(0, 20)), model.predict(prepared.slice(20))])
      expect(halves.flat().map((answer) => answer.classes![0]!.class)).toEqual(
        kinds.map((kind) => ['red', 'green', 'blue'][[red, green, blue].indexOf(kind)]),
      )
    }))

  test('fills up the batch of a network that has a fixed one', () =>
    withModel(
      { ...colours, network: encodeNetwork({ nodes: meanColour, outputs: { colour: [4, 3] }, batch: 4 }) },
      async (model) => {
        const prepared = await Promise.all(
          [red, green, blue, red, blue].map(async (kind) => model.prepare({ bytes: await picture(8, 8, () => kind) })),
        )
        const answers = await model.predict(prepared)
        expect(answers.map((answer) => answer.classes![0]!.class)).toEqual(['red', 'green', 'blue', 'red', 'blue'])
      },
    ))

  test('gives numbers by the names of their fields', () =>
    withModel(
      { task: 'regression', output: 'values = "colour"\nnames = ["r", "g", "b"]', network: encodeColourNetwork() },
      async (model) => {
        const { values } = await predictOne(model, await picture(9, 9, () => [51, 102, 255]))
        expect(values!['r']).toBeCloseTo(0.2, 5)
        expect(values!['g']).toBeCloseTo(0.4, 5)
        expect(values!['b']).toBeCloseTo(1, 5)
      },
    ))

  test('leads maps back to the size of the picture', () =>
    withModel(echo, async (model) => {
      const { mask } = await predictOne(model, await picture(32, 16, (x) => (x < 16 ? red : blue)))
      const expected = Uint8Array.from({ length: 512 }, (_, i) => (i % 32 < 16 ? 0 : 2))
      expect(mask!.classes).toEqual(['green', 'blue'])
      expect(mask!.data).toEqual(expected)
      expect(mask!.scores[0]).toBe(0)
      expect(mask!.scores[1]).toBeGreaterThan(0.9)
    }))

  test('cuts off the bars of a letterbox', () =>
    withModel({ ...echo, input: 'resize = "letterbox"\npad = 0' }, async (model) => {
      const { mask } = await predictOne(model, await picture(32, 16, (_, y) => (y < 8 ? green : blue)))
      expect(mask!.data).toEqual(Uint8Array.from({ length: 512 }, (_, i) => (i < 256 ? 1 : 2)))
    }))

  test('says background of what a centre crop cut off', () =>
    withModel({ ...echo, input: 'resize = "shorter"' }, async (model) => {
      const { mask } = await predictOne(model, await picture(32, 16, () => blue))
      expect(mask!.data).toEqual(Uint8Array.from({ length: 512 }, (_, i) => (i % 32 >= 8 && i % 32 < 24 ? 2 : 0)))
    }))

  test('without a background channel a pixel is of its best class from the threshold on', () =>
    withModel(
      { ...echo, output: `${echo.output}\nbackground = false\nthreshold = 0.6`, classes: ['r', 'g', 'b'] },
      async (model) => {
        const { mask } = await predictOne(model, await picture(8, 8, (x) => (x < 4 ? [140, 0, 0] : [160, 100, 0])))
        expect(mask!.data).toEqual(Uint8Array.from({ length: 64 }, (_, i) => (i % 8 < 4 ? 0 : 1)))
      },
    ))

  test('suppresses boxes of a class that overlap, and leads the others back', () => {
    const boxes = [2, 2, 6, 6, 2, 2, 6, 5.9, 2, 2, 6, 6, 6, 4, 12, 6, 3, 3, 3, 5]
    const scores = [0.9, 0, 0.8, 0, 0, 0.7, 0.6, 0, 0.9, 0.9]
    return withModel(
      {
        task: 'detection',
        output: 'boxes = "boxes"\nscores = "scores"\nclasses = "classes.json"',
        input: 'resize = "letterbox"',
        network: encodeBoxNetwork(boxes, scores),
        classes: ['car', 'dog'],
      },
      async (model) => {
        const answer = await predictOne(model, await picture(32, 16, () => red))
        const round = answer.boxes!.map((box) => ({ ...box, score: Math.round(box.score * 100) / 100 }))
        expect(round).toEqual([
          { class: 'car', score: 0.9, x: 8, y: 0, w: 16, h: 16 },
          { class: 'dog', score: 0.7, x: 8, y: 0, w: 16, h: 16 },
          { class: 'car', score: 0.6, x: 24, y: 8, w: 8, h: 8 },
        ])
        expect(predictionLabels(answer, { minScore: 0.65, several: false }).map((label) => label.class)).toEqual([
          'car',
          'dog',
        ])
      },
    )
  })

  test.each([
    ['xywh', [2, 2, 4, 2]],
    ['cxcywh', [4, 3, 4, 2]],
  ])('reads boxes as %s and as fractions', (format, box) =>
    withModel(
      {
        task: 'detection',
        output: `boxes = "boxes"\nscores = "scores"\nclasses = "classes.json"\nformat = "${format}"\nunit = "fraction"`,
        network: encodeBoxNetwork(
          box.map((side) => side / 8),
          [1],
        ),
        classes: ['car'],
      },
      async (model) => {
        const answer = await predictOne(model, await picture(16, 8, () => red))
        expect(answer.boxes).toEqual([{ class: 'car', score: 1, x: 4, y: 2, w: 8, h: 2 }])
      },
    ),
  )

  test('tells anomalies by score and map, and makes labels of them', () =>
    withModel(
      {
        task: 'anomaly',
        output: 'score = "score"\nmap = "map"\nthreshold = 0.5',
        input: 'resize = "letterbox"',
        network: encodeNetwork({
          nodes: [
            node('Conv', ['image', 'blueOnly'], 'map'),
            node('GlobalMaxPool', ['map'], 'highest'),
            node('Flatten', ['highest'], 'score'),
          ],
          initializers: [floats('blueOnly', [1, 3, 1, 1], [0, 0, 1])],
          outputs: { score: ['n', 1], map: ['n', 1, 8, 8] },
        }),
      },
      async (model) => {
        const odd = await predictOne(model, await picture(32, 16, (x) => (x < 8 ? blue : red)))
        expect(odd.anomaly).toMatchObject({ score: 1, threshold: 0.5, map: { widthPx: 8, heightPx: 4 } })
        const labels = predictionLabels(odd, labelOptions(model.card, undefined))
        expect(labels.map(({ kind, class: name, box }) => ({ kind, name, box }))).toEqual([
          { kind: 'class', name: 'anomaly', box: null },
          { kind: 'mask', name: 'anomaly', box: { x: 0, y: 0, w: 8, h: 16 } },
        ])
        const plain = await predictOne(model, await picture(32, 16, () => red))
        expect(predictionLabels(plain, labelOptions(model.card, undefined))).toEqual([])
      },
    ))
})

describe('bad input', () => {
  const refusal = async (work: Promise<unknown>): Promise<FoveaError> => {
    const error: unknown = await work.then(
      () => undefined,
      (reason: unknown) => reason,
    )
    if (!(error instanceof FoveaError)) throw new Error(`expected a refusal, got ${String(error)}`)
    return error
  }

  test('refuses what is no picture, what is cut and what is too large', () =>
    withModel(colours, async (model) => {
      const whole = await sharp({ create: { width: 64, height: 64, channels: 3, background: 'red' } })
        .jpeg()
        .toBuffer()
      // The header says 100 Mpx; nothing is decoded to know.
      const large = await picture(8, 8, () => red)
      large.writeUInt32BE(10_000, 16)
      large.writeUInt32BE(10_000, 20)
      expect(await refusal(model.prepare({ bytes: Buffer.from('no picture') }))).toMatchObject({
        code: 'MEDIA_UNREADABLE',
      })
      expect(await refusal(model.prepare({ bytes: new Uint8Array(0) }))).toMatchObject({ code: 'MEDIA_UNREADABLE' })
      expect(await refusal(model.prepare({ bytes: whole.subarray(0, whole.length / 2) }))).toMatchObject({
        code: 'MEDIA_UNREADABLE',
      })
      const refused = await refusal(model.prepare({ bytes: large }))
      expect(refused.code).toBe('MEDIA_TOO_LARGE')
      expect(refused.message).toContain('10000 × 10000')
      expect(await refusal(model.prepare({ file: join(root, 'nowhere.png') }))).toMatchObject({ code: 'MEDIA_MISSING' })
    }))

  test('refuses weights that are damaged or not those of the card', async () => {
    expect(await refusal(open({ ...colours, network: colours.network.slice(0, 40) }))).toMatchObject({
      code: 'MODEL_INVALID',
    })
    const other = await refusal(open({ ...colours, lines: `sha256 = "${'0'.repeat(64)}"` }))
    expect(other.code).toBe('MODEL_INVALID')
    expect(other.message).toContain('SHA-256')
  })

  test('names the tensor, what was expected and what came', async () => {
    const tooFew = await refusal(open({ ...colours, classes: ['red', 'green'] }))
    expect(tooFew.code).toBe('MODEL_MISMATCH')
    expect(tooFew.message).toContain('Output colour of model tiny: expected floats [1 × 2], got float32 [1 × 3]')
    const flat = await refusal(
      open({ ...echo, output: 'scores = "colour"\nclasses = "classes.json"', network: encodeColourNetwork() }),
    )
    expect(flat.message).toContain('[1 × 3 × any × any], got float32 [1 × 3]')
    const missing = await refusal(open({ ...colours, output: 'scores = "logits"\nclasses = "classes.json"' }))
    expect(missing.message).toContain('has no output logits; it has colour')
  })

  test('refuses scores that are no probabilities where the card says they are', async () => {
    const refused = await refusal(
      open({ ...colours, output: 'scores = "colour"\nclasses = "classes.json"', input: 'scale = 1.0' }),
    )
    expect(refused.code).toBe('MODEL_MISMATCH')
    expect(refused.hint).toContain('output.activation')
  })

  test('tells values that are no numbers', async () => {
    const refused = await refusal(
      open({
        ...colours,
        network: encodeNetwork({
          nodes: [...meanColour, node('Mul', ['colour', 'nan'], 'broken')],
          initializers: [floats('nan', [1], [Number.NaN])],
          outputs: { broken: ['n', 3] },
        }),
        output: 'scores = "broken"\nclasses = "classes.json"',
      }),
    )
    expect(refused).toMatchObject({ code: 'MODEL_OUTPUT' })
  })

  test('names every fault of a card', async () => {
    const refused = await refusal(open({ ...colours, output: 'scores = 3' }))
    expect(refused.code).toBe('MODEL_INVALID')
    expect(refused.message).toContain('output.scores')
    expect(refused.message).toContain('output.classes')
    expect(await refusal(open({ ...colours, task: 'guessing' }))).toMatchObject({ code: 'MODEL_INVALID' })
  })
})

describe('infer', () => {
  const image = (side = 8) => ({
    type: 'float32',
    dims: [1, 3, side, side],
    data: new Float32Array(3 * side * side).fill(0.5),
  })

  test('takes tensors and gives tensors', () =>
    withModel(colours, async (model) => {
      expect(model.signature).toEqual({
        inputs: [{ name: 'image', type: 'float32', dims: [-1, 3, 8, 8] }],
        outputs: [{ name: 'colour', type: 'float32', dims: [-1, 3] }],
      })
      const { colour } = await model.infer({ image: image() })
      expect(colour).toEqual({ type: 'float32', dims: [1, 3], data: Float32Array.of(0.5, 0.5, 0.5) })
    }))

  test('refuses tensors of another name, type, shape or length', () =>
    withModel(colours, async (model) => {
      const said = async (inputs: Parameters<TaskModel['infer']>[0], outputs?: string[]): Promise<string> =>
        model.infer(inputs, outputs).then(
          () => 'taken',
          (error: FoveaError) => `${error.code} ${error.message}`,
        )
      expect(await said({})).toBe('INPUT_INVALID Tensor "image" is missing; expected float32 [any × 3 × 8 × 8].')
      expect(await said({ picture: image() })).toContain('INPUT_INVALID Tensor "picture" is no input of the model')
      expect(await said({ image: image(9) })).toBe(
        'INPUT_INVALID Tensor "image": expected float32 [any × 3 × 8 × 8], got float32 [1 × 3 × 9 × 9].',
      )
      expect(await said({ image: { ...image(), type: 'uint8', data: new Uint8Array(192) } })).toContain('got uint8')
      expect(await said({ image: { ...image(), data: new Float32Array(7) } })).toContain('has 7 elements')
      expect(await said({ image: image() }, ['logits'])).toContain('Tensor "logits" is no output')
    }))
})

test('labels follow the task: the best class, or all from the threshold of the card on', () => {
  const prediction: Prediction = {
    widthPx: 4,
    heightPx: 4,
    classes: [
      { class: 'a', score: 0.8 },
      { class: 'b', score: 0.6 },
      { class: 'c', score: 0.1 },
    ],
  }
  const named = (task: 'classification' | 'multilabel', minScore?: number): string[] =>
    predictionLabels(prediction, labelOptions({ task, output: { threshold: 0.5 } } as never, minScore)).map(
      (label) => label.class,
    )
  expect(named('classification')).toEqual(['a'])
  expect(named('classification', 0.9)).toEqual([])
  expect(named('multilabel')).toEqual(['a', 'b'])
  expect(named('multilabel', 0.7)).toEqual(['a'])
})
