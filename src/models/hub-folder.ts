import { createHash } from 'node:crypto'
import { createReadStream, readdirSync } from 'node:fs'
import { readdir, readFile, stat } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { FoveaError } from '#base'
import { readModelCard, readOrigin } from './hub-card.ts'
import { configFiles, isNetwork, readHubLayout, tokenizerFiles, type HubLayout, type HubNetwork } from './hub-layout.ts'

/** What a folder in the layout of the Hugging Face hub holds. */
export interface HubModel {
  /** Made from the folder's name: a-z, 0-9, dot, dash and underscore. */
  name: string
  title: string
  task: HubLayout['task']
  /** Numbers in a vector; 0 for models that give none. */
  dimensions: number
  /** Names of the classes it tells; empty for models that give vectors or masks without a name. */
  classes: readonly string[]
  /** Whether texts have vectors in the same space. */
  readsText: boolean
  licence: string
  source: string
  /** Of the files that are used, not of other variants beside them. */
  bytes: number
  fingerprint: string
}

/** Whether a folder looks like one of the hub's: config.json, and an .onnx file in `onnx/`. */
export function isHubFolder(folder: string): boolean {
  try {
    return readdirSync(folder).includes('config.json') && readdirSync(join(folder, 'onnx')).some(isNetwork)
  } catch {
    return false
  }
}

/**
 * Says what a folder in the layout of the Hugging Face hub holds, from its configuration and model card; the networks are hashed
 * but not opened. Throws MODEL_INVALID with what was looked for and what was found.
 */
export async function describeHubFolder(folder: string): Promise<HubModel> {
  const layout = await readHubLayout(folder)
  const texts = layout.task === 'embedding' ? layout.texts : undefined
  const pictures = layout.task === 'embedding' ? [layout.pictures] : layout.networks
  const weights = await findWeights(layout.folder, texts === undefined ? pictures : [...pictures, texts])
  const small = [...configFiles, ...(texts === undefined ? [] : tokenizerFiles)]
  const fingerprint = createHash('sha256')
  let bytes = 0
  for (const file of [...weights, ...small]) {
    const path = join(layout.folder, file)
    const { size } = await stat(path)
    if (size < 1024) await refusePointer(path)
    bytes += size
    fingerprint.update(`${file}\n`).update(await hashFile(path))
  }
  const card = await readModelCard(layout.folder)
  const origin = await readOrigin(layout.folder)
  const { _name_or_path: said = '' } = layout.config
  // Paths of the exporter's own disk say nothing to anybody else.
  const ancestor = /^[\w.-]+\/[\w.-]+$/.test(said) ? said : ''
  const name = toModelName(layout.folder)
  return {
    name,
    title: card.title || ancestor || name,
    task: layout.task,
    dimensions: layout.task === 'embedding' ? layout.dimensions : 0,
    classes: layout.task === 'embedding' ? [] : layout.classes,
    readsText: texts !== undefined,
    licence: card.licence,
    source: origin ?? ancestor,
    bytes,
    fingerprint: fingerprint.digest('hex').slice(0, 16),
  }
}

/** Name that a model of a folder gets, of the signs that names of models have. */
export function toModelName(folder: string): string {
  const name = basename(folder)
    .toLowerCase()
    .replaceAll(/[^a-z0-9._-]+/g, '-')
    .replace(/^[^a-z0-9]+/, '')
    .slice(0, 64)
  return name === '' ? 'model' : name
}

/** The networks' files, and those that hold weights of theirs that are too large for one: `x.onnx_data`, `x.onnx.data`. */
async function findWeights(folder: string, networks: readonly HubNetwork[]): Promise<string[]> {
  const files = (await readdir(join(folder, 'onnx'))).map((file) => `onnx/${file}`)
  return networks.flatMap(({ file }) => [
    file,
    ...files.filter((other) => other.startsWith(`${file}_data`) || other.startsWith(`${file}.data`)).toSorted(),
  ])
}

/** A clone without Git LFS has a few lines of text where the weights should be. Throws MODEL_INVALID for such a file. */
async function refusePointer(file: string): Promise<void> {
  const text = await readFile(file, 'utf8')
  const size = /^version \S+\/spec\/v1\noid sha256:[0-9a-f]{64}\nsize (\d+)\n$/.exec(text)?.[1]
  if (size !== undefined)
    throw new FoveaError(
      'MODEL_INVALID',
      `${file} stands for ${size} bytes that were not downloaded with it (Git LFS).`,
      {
        hint: 'Run git lfs pull in the folder, then add it again.',
      },
    )
}

async function hashFile(file: string): Promise<Buffer> {
  const hash = createHash('sha256')
  for await (const chunk of createReadStream(file)) hash.update(chunk as Buffer)
  return hash.digest()
}
