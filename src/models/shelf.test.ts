import { mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { createEmbedder } from './embedder.ts'
import { createModelShelf, type ModelShelf, type TryOut } from './shelf.ts'
import { writeTinyTaskModel } from './testing-hub-tasks.ts'
import { colourWeights, encodeTinyNetwork, writeColour, writeTinyModel } from './testing.ts'

let root: string
let shelf: ModelShelf
let count = 0
const tryOut: TryOut = async (source) => {
  const embedder = createEmbedder({ source, threads: 1, maxPixels: 1e6 })
  try {
    return { dimensions: await embedder.open() }
  } finally {
    await embedder.close()
  }
}
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-shelf-'))
})
afterAll(() => rm(root, { recursive: true, force: true }))
beforeEach(() => {
  shelf = createModelShelf({ folder: join(root, `shelf-${count++}`) })
})

describe('the shelf of models', () => {
  it('has the backbone and the pixels from the start', async () => {
    const models = await shelf.list()
    expect(models.map(({ name, dimensions }) => [name, dimensions])).toEqual([
      ['efficientnet-lite0', 1280],
      ['pixels', 1024],
    ])
    expect(models[0]!.classes).toHaveLength(1000)
    await expect(shelf.remove('pixels')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })

  it('takes a detector of the hub, with the classes it tells, and says what it is for', async () => {
    const folder = join(root, 'finder')
    await writeTinyTaskModel(folder, { modelType: 'yolos', boxes: [[0.5, 0.5, 0.5, 0.5]] })
    const added = await shelf.add(folder, { tryOut })
    expect(added).toMatchObject({ name: 'finder', task: 'detection', dimensions: 0, classes: ['red', 'green', 'blue'] })
    const embedder = createEmbedder({ source: added.runner, threads: 1, maxPixels: 1e6 })
    try {
      const red = await writeColour(join(root, 'found.png'), [255, 0, 0])
      const [found] = await embedder.detect([{ file: red }], 0.5)
      expect(found).toMatchObject({ ok: true, boxes: [{ class: 'red', x: 4, y: 4, w: 8, h: 8 }] })
      await expect(embedder.embed([{ file: red }])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
    } finally {
      await embedder.close()
    }
    await writeTinyTaskModel(folder, { modelType: 'yolos', output: 'x', boxes: [[0, 0, 1, 1]] })
    await expect(shelf.add(folder, { name: 'wrong', tryOut })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    expect((await shelf.list()).map(({ name }) => name)).not.toContain('wrong')
  })

  it('takes a network with its card, and gives it back', async () => {
    const { weights, card } = await writeTinyModel(root)
    const added = await shelf.add(weights, { card, tryOut })
    expect(added).toMatchObject({ name: 'tiny', dimensions: 4, origin: 'added', classes: ['red', 'green', 'blue'] })
    expect((await shelf.find('tiny')).fingerprint).toBe(added.fingerprint)
    await expect(shelf.add(weights, { card, tryOut })).rejects.toMatchObject({ code: 'MODEL_EXISTS' })
    expect((await shelf.add(weights, { card, name: 'other', tryOut })).name).toBe('other')
    await shelf.remove('tiny')
    await expect(shelf.find('tiny')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
  })

  it.each([
    ['an input of another name', { network: encodeTinyNetwork({ input: 'x' }) }, /has no input image; it has x/],
    ['an input of another size', { network: encodeTinyNetwork({ sizePx: 32 }) }, /takes n × 3 × 32 × 32/],
    ['other dimensions', { card: { dimensions: 5 } }, /has 4 values a picture, its card says 5/],
  ])(
    'refuses %s and keeps nothing',
    async (_, { network, card: said }: { network?: Uint8Array; card?: object }, message) => {
      const { weights, card } = await writeTinyModel(root, { name: 'wrong', ...said }, network)
      await expect(shelf.add(weights, { card, tryOut })).rejects.toMatchObject({
        code: 'MODEL_MISMATCH',
        message: expect.stringMatching(message) as string,
      })
      await expect(shelf.find('wrong')).rejects.toMatchObject({ code: 'MODEL_NOT_FOUND' })
      expect(await readdir(join(root, `shelf-${count - 1}`))).toEqual([])
    },
  )

  it('refuses a network that answers with no numbers', async () => {
    const weights = colourWeights.map((one) => (one === 1 ? Number.NaN : one))
    const { weights: file, card } = await writeTinyModel(root, { name: 'nan' }, encodeTinyNetwork({ weights }))
    await expect(shelf.add(file, { card, tryOut })).rejects.toMatchObject({ code: 'MODEL_OUTPUT' })
  })

  it('refuses what is no network, and cards with faults, naming each', async () => {
    const { weights, card } = await writeTinyModel(root, { name: 'broken' }, Buffer.from('no network'))
    await expect(shelf.add(weights, { card, tryOut })).rejects.toMatchObject({ code: 'MODEL_INVALID' })
    await expect(shelf.add(weights, { tryOut })).rejects.toMatchObject({ code: 'INPUT_INVALID' })
    const bad = join(root, 'bad.toml')
    await writeFile(bad, 'name = "Bad Name"\nsurprise = 1\n')
    await expect(shelf.add(weights, { card: bad, tryOut })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(
        /^(?=.*name: )(?=.*task: )(?=.*weights: )(?=.*input: )(?=.*output: ).*surprise/,
      ) as string,
    })
    await writeFile(bad, 'name = ')
    await expect(shelf.add(weights, { card: bad, tryOut })).rejects.toMatchObject({
      message: expect.stringMatching(/line 1/) as string,
    })
  })

  it('sees that weights are not those of the card', async () => {
    const { weights, card } = await writeTinyModel(root, { name: 'signed', lines: `sha256 = "${'0'.repeat(64)}"` })
    await expect(shelf.add(weights, { card, tryOut })).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/SHA-256/) as string,
    })
  })
})

describe('an embedder', () => {
  it('keeps batches that are worked on at once apart', async () => {
    const { weights, card } = await writeTinyModel(root)
    const model = await shelf.add(weights, { card, tryOut })
    const colours = [
      [255, 0, 0],
      [0, 255, 0],
      [0, 0, 255],
    ] as const
    const files = await Promise.all(colours.map((colour, i) => writeColour(join(root, `plain-${i}.png`), colour)))
    const embedder = createEmbedder({ source: model.runner, threads: 1, maxPixels: 1e6 })
    try {
      const order = Array.from({ length: 40 }, (_, i) => i % 3)
      const batches = await Promise.all(order.map((i) => embedder.embed([{ file: files[i]! }, { file: files[i]! }])))
      const seen = batches.map((answers) =>
        answers.map((answer) => (answer.ok ? [...answer.vector].map(Math.round).indexOf(1) : -1)),
      )
      expect(seen).toEqual(order.map((i) => [i, i]))
    } finally {
      await embedder.close()
    }
  })

  it('answers pictures, regions, and files that cannot be read', async () => {
    const { weights, card } = await writeTinyModel(root)
    const model = await shelf.add(weights, { card, tryOut })
    const red = await writeColour(join(root, 'red.png'), [255, 0, 0])
    const wide = join(root, 'halves.png')
    const { default: sharp } = await import('sharp')
    await sharp({ create: { width: 32, height: 16, channels: 3, background: 'blue' } })
      .composite([{ input: await writeColour(join(root, 'green.png'), [0, 255, 0]), left: 0, top: 0 }])
      .png()
      .toFile(wide)
    await writeFile(join(root, 'text.png'), 'text')
    const embedder = createEmbedder({ source: model.runner, threads: 2, maxPixels: 1e6 })
    try {
      const answers = await embedder.embed([
        { file: red },
        { file: wide, region: { x: 0, y: 0, width: 16, height: 16 } },
        { file: wide, region: { x: 20.5, y: 4, width: 100, height: 100 } },
        { file: join(root, 'text.png') },
        { file: join(root, 'gone.png') },
      ])
      const vectors = answers.map((answer) => (answer.ok ? [...answer.vector].map(Math.round) : answer.what))
      expect(vectors.slice(0, 3)).toEqual([
        [1, 0, 0, 0],
        [0, 1, 0, 0],
        [0, 0, 1, 0],
      ])
      expect(vectors[3]).toMatch(/text\.png: Expected an image/)
      expect(vectors[4]).toMatch(/gone\.png: The file does not exist/)
      const top = answers[0]?.ok === true ? answers[0].top! : undefined
      expect([top?.classes[0], Math.round(100 * (top?.probabilities[0] ?? 0))]).toEqual([0, 100])
      await expect(embedder.embedTexts(['red'])).rejects.toMatchObject({ code: 'MODEL_MISMATCH' })
    } finally {
      await embedder.close()
    }
  })

  it('correlates pictures by their pixels, whatever their exposure', async () => {
    const { default: sharp } = await import('sharp')
    const noise = Buffer.from(Array.from({ length: 64 * 64 }, (_, i) => (Math.imul(i, 2654435761) >>> 24) & 127))
    const dark = join(root, 'dark.png')
    const light = join(root, 'light.png')
    await sharp(noise, { raw: { width: 64, height: 64, channels: 1 } })
      .png()
      .toFile(dark)
    await sharp(
      noise.map((one) => one + 100),
      { raw: { width: 64, height: 64, channels: 1 } },
    )
      .png()
      .toFile(light)
    const embedder = createEmbedder({ source: { kind: 'pixels' }, threads: 1, maxPixels: 1e6 })
    try {
      const flat = await writeColour(join(root, 'flat.png'), [9, 9, 9])
      const [a, b, none] = (await embedder.embed([{ file: dark }, { file: light }, { file: flat }])).map((answer) =>
        answer.ok ? answer.vector : new Float32Array(),
      )
      expect(a!.reduce((sum, one, i) => sum + one * b![i]!, 0)).toBeGreaterThan(0.999)
      expect(none!.every((one) => one === 0)).toBe(true)
    } finally {
      await embedder.close()
    }
  })
})
