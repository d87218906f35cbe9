import { appendFile, copyFile, mkdir, mkdtemp, rename, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { originFile } from './hub-card.ts'
import { describeHubFolder, isHubFolder } from './hub-folder.ts'
import { readHubLayout, type EmbeddingLayout } from './hub-layout.ts'
import { writeTinyHubModel } from './testing-hub.ts'

let root: string
beforeAll(async () => {
  root = await mkdtemp(join(tmpdir(), 'fovea-hub-folder-'))
})
afterAll(() => rm(root, { recursive: true }))

async function makeModel(name: string, model: Parameters<typeof writeTinyHubModel>[1]): Promise<string> {
  const folder = join(await mkdtemp(join(root, 'at-')), name)
  await writeTinyHubModel(folder, model)
  return folder
}

describe('isHubFolder', () => {
  test('wants config.json and an .onnx file in onnx/', async () => {
    const folder = await makeModel('clip', { modelType: 'clip' })
    expect(isHubFolder(folder)).toBe(true)
    expect(isHubFolder(join(folder, 'onnx'))).toBe(false)
    expect(isHubFolder(join(folder, 'config.json'))).toBe(false)
    expect(isHubFolder(join(folder, 'gone'))).toBe(false)
    await rm(join(folder, 'onnx'), { recursive: true })
    await mkdir(join(folder, 'onnx'))
    expect(isHubFolder(folder)).toBe(false)
  })
})

describe('describeHubFolder', () => {
  test('reads title and licence of the model card, and what the configuration says', async () => {
    const folder = await makeModel('My CLIP (tiny)', {
      modelType: 'clip',
      config: { projection_dim: 4, _name_or_path: 'some/clip' },
    })
    await writeFile(join(folder, 'README.md'), '---\nlicense: apache-2.0\ntags:\n- x\n---\n\n# Tiny CLIP\n\nText.\n')
    const model = await describeHubFolder(folder)
    expect(model).toMatchObject({
      name: 'my-clip-tiny-',
      title: 'Tiny CLIP',
      dimensions: 4,
      readsText: true,
      licence: 'apache-2.0',
      source: 'some/clip',
      fingerprint: expect.stringMatching(/^[0-9a-f]{16}$/),
    })
    const files = [
      'config.json',
      'preprocessor_config.json',
      'tokenizer.json',
      'tokenizer_config.json',
      'onnx/vision_model.onnx',
      'onnx/text_model.onnx',
    ]
    const sizes = await Promise.all(files.map(async (file) => (await stat(join(folder, file))).size))
    expect(model.bytes).toBe(sizes.reduce((sum, size) => sum + size, 0))
  })

  test('does without a card, and keeps silent of paths of the exporter', async () => {
    const folder = await makeModel('dino', {
      modelType: 'dinov2',
      config: { hidden_size: 4, _name_or_path: '/home/somebody/out' },
    })
    expect(await describeHubFolder(folder)).toMatchObject({ title: 'dino', licence: '', source: '', readsText: false })
    await writeFile(join(folder, 'README.md'), '---\nlicense: other\nlicense_name: dinov3-license\n---\n')
    await writeFile(join(folder, originFile), JSON.stringify({ source: 'https://hub.example/a/b', revision: 'main' }))
    expect(await describeHubFolder(folder)).toMatchObject({
      licence: 'dinov3-license',
      source: 'https://hub.example/a/b',
    })
    await writeFile(join(folder, 'README.md'), '---\nlicense: [\n---\n# T')
    await writeFile(join(folder, originFile), 'scribble')
    expect(await describeHubFolder(folder)).toMatchObject({ title: 'T', licence: '', source: '' })
  })

  test('changes its fingerprint with weights and configuration, and with nothing else', async () => {
    const folder = await makeModel('clip', { modelType: 'clip' })
    const { fingerprint } = await describeHubFolder(folder)
    await writeFile(join(folder, 'README.md'), '# Words')
    await copyFile(join(folder, 'onnx/vision_model.onnx'), join(folder, 'onnx/vision_model_fp16.onnx'))
    expect((await describeHubFolder(folder)).fingerprint).toBe(fingerprint)
    const seen = new Set([fingerprint])
    for (const file of [
      'onnx/vision_model.onnx',
      'preprocessor_config.json',
      'tokenizer.json',
      'onnx/vision_model.onnx_data',
    ]) {
      await appendFile(join(folder, file), ' ')
      seen.add((await describeHubFolder(folder)).fingerprint)
    }
    expect(seen.size).toBe(5)
  })

  test('takes the most exact variant, and no texts without their tokenizer', async () => {
    const folder = await makeModel('clip', { modelType: 'clip', variant: '_quantized' })
    const read = async (): Promise<EmbeddingLayout> => (await readHubLayout(folder)) as EmbeddingLayout
    const network = (await read()).pictures
    expect(network).toEqual({ stem: 'vision_model', variant: 'q8', file: 'onnx/vision_model_quantized.onnx' })
    await copyFile(join(folder, network.file), join(folder, 'onnx/vision_model.onnx'))
    expect((await read()).pictures.variant).toBe('fp32')
    expect((await read()).texts?.variant).toBe('q8')
    await rm(join(folder, 'tokenizer_config.json'))
    expect((await describeHubFolder(folder)).readsText).toBe(false)
  })

  test.each([
    ['clip', { projection_dim: 640 }, 640],
    ['clip', {}, 512],
    ['siglip', { vision_config: { hidden_size: 1152 } }, 1152],
    ['siglip', {}, 768],
    ['dinov3_convnext', { hidden_sizes: [96, 192, 384, 768] }, 768],
    ['efficientnet', { hidden_dim: 1280 }, 1280],
    ['mobilevit', { neck_hidden_sizes: [16, 32, 640] }, 640],
    ['swin', { hidden_size: 1024 }, 1024],
  ])('knows how long vectors are: %s %j', async (modelType, config, dimensions) => {
    const folder = await makeModel('model', { modelType, config })
    expect((await describeHubFolder(folder)).dimensions).toBe(dimensions)
  })

  test.each([
    ['owlvit', 'looks for objects that a text names'],
    ['clipseg', 'cuts out areas that a text names'],
    ['depth_anything', 'estimates depth'],
    ['llama', 'is not known to give'],
    ['constructor', 'is not known to give'],
  ])('refuses %s, which %s', async (modelType, purpose) => {
    const folder = await makeModel('model', { modelType })
    await expect(describeHubFolder(folder)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining(`type ${modelType}, which ${purpose}`),
      hint: expect.stringContaining('clip, clip_vision_model, siglip'),
    })
  })

  test('tells a clone without its weights from a model', async () => {
    const folder = await makeModel('clip', { modelType: 'clip' })
    const pointer = `version https://git-lfs.example/spec/v1\noid sha256:${'0'.repeat(64)}\nsize 351684938\n`
    await writeFile(join(folder, 'onnx/text_model.onnx'), pointer)
    await expect(describeHubFolder(folder)).rejects.toMatchObject({
      code: 'MODEL_INVALID',
      message: expect.stringContaining('text_model.onnx stands for 351684938 bytes'),
    })
  })

  test('says what was looked for and what was found', async () => {
    const folder = await makeModel('clip', { modelType: 'clip' })
    const fails = async (message: string) =>
      expect(describeHubFolder(folder)).rejects.toMatchObject({
        code: 'MODEL_INVALID',
        message: expect.stringContaining(message),
      })
    await rename(join(folder, 'onnx/vision_model.onnx'), join(folder, 'onnx/model.onnx'))
    await fails('a clip model has onnx/vision_model.onnx; found config.json, onnx/model.onnx, onnx/text_model.onnx')
    await rename(join(folder, 'onnx/model.onnx'), join(folder, 'onnx/vision_model.onnx'))
    await rm(join(folder, 'preprocessor_config.json'))
    await fails('there is no preprocessor_config.json')
    await writeFile(join(folder, 'config.json'), '{"model_type": "vit"')
    await fails('is no valid JSON')
    await writeFile(join(folder, 'config.json'), '{"hidden_size": "768"}')
    await fails('model_type: Expected model_type to name the architecture; hidden_size: ')
    await writeFile(join(folder, 'config.json'), '{"model_type": "vit"}')
    await fails('does not say how long its vectors are')
    await rm(join(folder, 'config.json'))
    await fails('there is no config.json')
    await rm(folder, { recursive: true })
    await fails('found none of them')
  })
})
