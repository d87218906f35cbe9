import { readdir, readFile } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { FoveaError } from '#base'
import { hubConfigSchema, hubKinds, hubVariants, type HubConfig, type HubKind, type HubVariant } from './hub-kinds.ts'
import { describePurpose, findHubTask, taskTypes, type HubTask } from './hub-tasks.ts'

/** A network's file in `onnx/`. */
export interface HubNetwork {
  /** As transformers.js takes it: without variant and ending. */
  stem: string
  variant: HubVariant
  file: string
}

interface AnyLayout {
  folder: string
  config: HubConfig
}

/** A model that gives a vector a picture. */
export interface EmbeddingLayout extends AnyLayout {
  task: 'embedding'
  kind: HubKind
  dimensions: number
  pictures: HubNetwork
  /** Absent when the kind has none, or when its network or tokenizer is not there. */
  texts: HubNetwork | undefined
}

/** A model that answers with something else. */
export interface TaskLayout extends AnyLayout {
  task: HubTask['task']
  purpose: HubTask
  /** As many as the purpose needs, in its order. */
  networks: readonly HubNetwork[]
  /** Names of its classes by their number; empty for those that have none. */
  classes: readonly string[]
}

/** What of a folder is used, before anything large is read. */
export type HubLayout = EmbeddingLayout | TaskLayout

const expected =
  'config.json, preprocessor_config.json and onnx/model.onnx, or onnx/vision_model.onnx with onnx/text_model.onnx, tokenizer.json and tokenizer_config.json for models of pictures and texts'
export const configFiles = ['config.json', 'preprocessor_config.json'] as const
export const tokenizerFiles = ['tokenizer.json', 'tokenizer_config.json'] as const

/** Finds what of a folder is used. Throws MODEL_INVALID, as describeHubFolder does. */
export async function readHubLayout(path: string): Promise<HubLayout> {
  const folder = resolve(path)
  const files = await listFiles(folder)
  const config = await readHubConfig(folder, files)
  const networks = files.filter((file) => file.startsWith('onnx/')).map((file) => file.slice('onnx/'.length))
  const purpose = findHubTask(config)
  if (purpose !== undefined) return readTaskLayout(folder, files, networks, config, purpose)
  const { kind, dimensions } = readHubKind(config, basename(folder))
  const pictures = kind.pictures.map((stem) => findNetwork(networks, stem)).find((found) => found !== undefined)
  if (pictures === undefined)
    throw invalid(folder, files, `a ${config.model_type} model has onnx/${kind.pictures.join('.onnx or onnx/')}.onnx`)
  if (!files.includes('preprocessor_config.json')) throw invalid(folder, files, missingProcessor)
  const canRead = kind.texts !== undefined && tokenizerFiles.every((file) => files.includes(file))
  const texts = canRead ? findNetwork(networks, kind.texts!.file) : undefined
  return { task: 'embedding', folder, config, kind, dimensions, pictures, texts }
}

const missingProcessor = 'there is no preprocessor_config.json'

function readTaskLayout(
  folder: string,
  files: readonly string[],
  networks: readonly string[],
  config: HubConfig,
  purpose: HubTask,
): TaskLayout {
  const { task } = purpose
  const found = purpose.networks.map((stem) => findNetwork(networks, stem))
  const whole = found.every((network) => network !== undefined)
  if (!whole)
    throw invalid(
      folder,
      files,
      `a ${config.model_type} model has onnx/${purpose.networks.join('.onnx and onnx/')}.onnx`,
    )
  if (!files.includes('preprocessor_config.json')) throw invalid(folder, files, missingProcessor)
  const classes = task === 'mask-generation' ? [] : readClassNames(config, folder)
  return { task, folder, config, purpose, networks: found, classes }
}

/** Names of id2label by number. Throws MODEL_INVALID when there are none or some are left out. */
function readClassNames({ id2label = {} }: HubConfig, folder: string): string[] {
  const names = Object.entries(id2label).toSorted(([a], [b]) => Number(a) - Number(b))
  if (names.length > 0 && names.every(([number], i) => Number(number) === i)) return names.map(([, name]) => name)
  throw new FoveaError(
    'MODEL_INVALID',
    `config.json of ${folder} does not name the classes of the model from 0 on (id2label).`,
    { hint: 'Take config.json from where the model was trained.' },
  )
}

/**
 * Checks that a configuration is of a kind of model that gives a vector a picture. Throws MODEL_INVALID for what is not known to,
 * and for a configuration that does not say how long its vectors are.
 */
export function readHubKind(config: HubConfig, name: string): { kind: HubKind; dimensions: number } {
  const kind = Object.hasOwn(hubKinds, config.model_type) ? hubKinds[config.model_type] : undefined
  if (kind === undefined) {
    const purpose = describePurpose(config.model_type)
    const usable = [...Object.keys(hubKinds), ...taskTypes]
    const why = purpose === undefined ? 'is not known to give' : `${purpose} and does not give`
    throw new FoveaError(
      'MODEL_INVALID',
      `Model ${name} is of type ${config.model_type}, which ${why} a vector of a whole picture.`,
      {
        hint: `Types that can be used: ${usable.join(', ')}. Any other network can be added as an .onnx file with a card.`,
        details: { modelType: config.model_type, usable },
      },
    )
  }
  const dimensions = kind.dimensions(config)
  if (dimensions === undefined)
    throw new FoveaError(
      'MODEL_INVALID',
      `config.json of model ${name} does not say how long its vectors are (hidden_size).`,
      {
        hint: 'Take config.json from where the model was trained.',
      },
    )
  return { kind, dimensions }
}

/** Parses the text of a config.json. Throws MODEL_INVALID. */
export function parseHubConfig(text: string, where: string): HubConfig {
  let data: unknown
  try {
    data = JSON.parse(text)
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `${where} is no valid JSON.`, { hint: 'Copy the file again.', cause: error })
  }
  const result = hubConfigSchema.safeParse(data)
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'the file'}: ${issue.message}`)
  throw new FoveaError('MODEL_INVALID', `${where} is not the configuration of a model: ${faults.join('; ')}.`, {
    hint: 'Take config.json from where the model was trained.',
    details: { faults },
  })
}

async function readHubConfig(folder: string, files: readonly string[]): Promise<HubConfig> {
  if (!files.includes('config.json')) throw invalid(folder, files, 'there is no config.json')
  const file = join(folder, 'config.json')
  return parseHubConfig(await readFile(file, 'utf8'), file)
}

function findNetwork(networks: readonly string[], stem: string): HubNetwork | undefined {
  for (const [ending, variant] of hubVariants) {
    const file = `${stem}${ending}.onnx`
    if (networks.includes(file)) return { stem, variant, file: `onnx/${file}` }
  }
  return undefined
}

async function listFiles(folder: string): Promise<string[]> {
  const list = (path: string): Promise<string[]> => readdir(path).catch(() => [])
  return [...(await list(folder)), ...(await list(join(folder, 'onnx'))).map((file) => `onnx/${file}`)]
}

function invalid(folder: string, files: readonly string[], why: string): FoveaError {
  const found = files.filter((file) => file.endsWith('.json') || isNetwork(file)).toSorted()
  const shown = found.length === 0 ? 'none of them' : found.slice(0, 12).join(', ')
  return new FoveaError(
    'MODEL_INVALID',
    `Expected a model as the Hugging Face hub lays it out in ${folder}, but ${why}; found ${shown}.`,
    {
      hint: `It takes ${expected}. Variants such as model_quantized.onnx count too.`,
      details: { found },
    },
  )
}

export const isNetwork = (file: string): boolean => file.endsWith('.onnx')
