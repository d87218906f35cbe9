import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { z } from 'zod'
import { cardSchema, readCard } from './card.ts'
import { hubKinds } from './hub-kinds.ts'

const page = await readFile(resolve(import.meta.dirname, '../../docs/models.md'), 'utf8')
const shown = /```toml\n(.*?)```/s.exec(page)![1]!

let folder: string
beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-card-'))
})
afterAll(() => rm(folder, { recursive: true }))

const read = async (text: string): Promise<unknown> => {
  const file = join(folder, 'card.toml')
  await writeFile(file, text)
  return readCard(file)
}

describe('a card', () => {
  test('is read as docs/models.md shows it, with defaults', async () => {
    expect(await read(shown)).toMatchObject({
      name: 'resnet18',
      input: { layout: 'nchw', size: [224, 224], scale: 1 / 255, channels: 'rgb', interpolation: 'cubic' },
      output: { dimensions: 512, maps: [] },
    })
  })

  test('is refused with every fault and its key', async () => {
    const faulty = shown
      .replace('"nchw"', '"chwn"')
      .replace('[224, 224]', '[4, 224]')
      .replace('dimensions = 512', 'dimensions = 0\nsoftmax = true')
    await expect(read(faulty)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringMatching(/input\.layout: .*input\.size\.0: .*output\.dimensions: .*softmax/) as string,
    })
    await expect(read(shown.replace(/^weights.*$/m, 'weights = "../other.onnx"'))).rejects.toMatchObject({
      message: expect.stringMatching(/weights: Expected the name of an \.onnx file/) as string,
    })
    await expect(read('name = ')).rejects.toMatchObject({
      message: expect.stringMatching(/no valid TOML at line 1/) as string,
    })
    await expect(readCard(join(folder, 'none.toml'))).rejects.toMatchObject({ code: 'MODEL_INVALID' })
  })
})

describe('docs/models.md', () => {
  test('has every key of a card, and every type of the hub', () => {
    const table = page.slice(page.indexOf('| key | is |'), page.indexOf('## Models of the Hugging Face hub'))
    const schema = z.toJSONSchema(cardSchema, { io: 'input' }) as {
      properties: Record<string, { properties?: Record<string, unknown> }>
    }
    const keys = Object.entries(schema.properties).flatMap(([key, { properties }]) =>
      properties === undefined ? [key] : Object.keys(properties).map((inner) => `${key}.${inner}`),
    )
    expect(keys.length).toBeGreaterThan(20)
    expect(keys.filter((key) => !table.includes(`\`${key}\``))).toEqual([])
    expect(Object.keys(hubKinds).filter((type) => !page.includes(`\`${type}\``))).toEqual([])
  })
})
