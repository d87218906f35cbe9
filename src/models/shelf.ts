import { createHash } from 'node:crypto'
import { cp, mkdir, readdir, readFile, rename, rm, stat } from 'node:fs/promises'
import { basename, dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { FoveaError, hashFile } from '#base'
import { readCard, type ModelCard } from './card.ts'
import { readClasses } from './model-files.ts'
import { describeHubFolder, isHubFolder, type HubModel } from './hub-folder.ts'
import type { RunnerSource } from './types.ts'

/** A model that can be run, wherever it came from. */
export interface ShelvedModel {
  name: string
  title: string
  origin: 'built-in' | 'added'
  kind: RunnerSource['kind']
  /** What it does of a picture; only those of `embedding` make spaces. */
  task: HubModel['task']
  /** Numbers in a vector; 0 for models that give none. */
  dimensions: number
  /** Whether texts have vectors in the same space. */
  readsText: boolean
  licence: string
  source: string
  /** Bytes on disk. */
  bytes: number
  /** Changes when the weights or what is done around them changes: vectors of different fingerprints do not mix. */
  fingerprint: string
  /** Names of the classes its answers are of; empty without. */
  classes: readonly string[]
  card: ModelCard | null
  runner: RunnerSource
}

/** The models of a workspace: built in, and a folder for each that was added. */
export interface ModelShelf {
  list(): Promise<ShelvedModel[]>
  /** Throws MODEL_NOT_FOUND, MODEL_INVALID when its files were changed or are gone. */
  find(name: string): Promise<ShelvedModel>
  /**
   * Copies a model in: an .onnx file with its card, or a folder in the layout of the Hugging Face hub. It is opened and tried
   * before it counts. Throws MODEL_EXISTS, MODEL_INVALID, MODEL_MISMATCH.
   */
  add(path: string, options: { card?: string; name?: string; tryOut: TryOut }): Promise<ShelvedModel>
  /** Throws MODEL_NOT_FOUND, and INPUT_INVALID for a built-in one. */
  remove(name: string): Promise<void>
}

/** Opens a model and runs it once; throws when it does not do what it says. */
export type TryOut = (runner: RunnerSource) => Promise<{ dimensions: number }>

export const builtInModels = { backbone: 'efficientnet-lite0', pixels: 'pixels' } as const
const builtInFolder = fileURLToPath(new URL('./builtin/', import.meta.url))

/** `isRegistered` tells which names the registry has; a model of the shelf takes none of them. */
export function createModelShelf({
  folder,
  isRegistered,
}: {
  folder: string
  isRegistered?: (name: string) => Promise<boolean>
}): ModelShelf {
  const listAdded = async (): Promise<string[]> => {
    const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT') return []
      throw error
    })
    return entries.filter((entry) => entry.isDirectory() && !entry.name.startsWith('.')).map((entry) => entry.name)
  }
  const shelf: ModelShelf = {
    async list() {
      const added = await listAdded()
      return Promise.all([...Object.values(builtInModels), ...added.toSorted()].map((name) => shelf.find(name)))
    },
    async find(name) {
      if (name === builtInModels.pixels) return pixelModel
      if (name === builtInModels.backbone)
        return readCardModel(join(builtInFolder, `${builtInModels.backbone}.toml`), 'built-in')
      const added = await listAdded()
      if (!added.includes(name)) {
        const known = [...Object.values(builtInModels), ...added]
        throw new FoveaError('MODEL_NOT_FOUND', `There is no model ${name}; there are ${known.join(', ')}.`, {
          hint: 'Add one with: fovea models add model.onnx --card card.toml',
        })
      }
      const own = join(folder, name)
      return isHubFolder(own)
        ? toShelved(name, await describeHubFolder(own), own)
        : readCardModel(join(own, 'card.toml'), 'added')
    },
    async add(path, { card, name, tryOut }) {
      const facts = await stat(path).catch((error: NodeJS.ErrnoException) => {
        throw new FoveaError('SOURCE_NOT_FOUND', `There is no file or folder ${path} (${error.code}).`, {
          hint: 'Give an .onnx file with --card, or a folder as the Hugging Face hub lays it out.',
          cause: error,
        })
      })
      await mkdir(folder, { recursive: true })
      const taken = [...Object.values<string>(builtInModels), ...(await listAdded())]
      const staging = join(folder, `.adding-${process.pid}-${taken.length}`)
      await rm(staging, { recursive: true, force: true })
      await mkdir(staging)
      try {
        const chosen = facts.isDirectory()
          ? await stageHubFolder(path, staging, name)
          : await stageOnnx(path, card, staging, name)
        if ((await isRegistered?.(chosen.name)) === true)
          throw new FoveaError('MODEL_EXISTS', `There is already a registered model called ${chosen.name}.`, {
            hint: 'Give another name with --name.',
          })
        if (taken.includes(chosen.name))
          throw new FoveaError('MODEL_EXISTS', `There is already a model called ${chosen.name}.`, {
            hint: `Give another name with --name, or remove it first: fovea models rm ${chosen.name}`,
          })
        const { dimensions } = await tryOut(chosen.runner)
        if (dimensions !== chosen.dimensions)
          throw new FoveaError(
            'MODEL_MISMATCH',
            `Model ${chosen.name} answers with ${dimensions} numbers, its card says ${chosen.dimensions}.`,
            { hint: 'Correct output.dimensions of its card.' },
          )
        await rename(staging, join(folder, chosen.name))
        return await shelf.find(chosen.name)
      } finally {
        await rm(staging, { recursive: true, force: true })
      }
    },
    async remove(name) {
      const model = await shelf.find(name).catch((error: FoveaError) => {
        // One that is broken can be removed all the same.
        if (error.code === 'MODEL_INVALID') return undefined
        throw error
      })
      if (model?.origin === 'built-in')
        throw new FoveaError('INPUT_INVALID', `Model ${name} is built in and cannot be removed.`)
      await rm(join(folder, name), { recursive: true })
    },
  }
  return shelf
}

const pixelModel: ShelvedModel = {
  name: builtInModels.pixels,
  title: 'The picture itself: 32 × 32 grey levels without their mean',
  origin: 'built-in',
  kind: 'pixels',
  task: 'embedding',
  dimensions: 1024,
  readsText: false,
  licence: 'Apache-2.0',
  source: 'fovea',
  bytes: 0,
  fingerprint: 'pixels-1',
  classes: [],
  card: null,
  runner: { kind: 'pixels' },
}

async function stageOnnx(
  path: string,
  card: string | undefined,
  staging: string,
  name: string | undefined,
): Promise<ShelvedModel> {
  if (card === undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected a card beside the network: what it takes and answers.', {
      hint: `fovea models add ${basename(path)} --card card.toml; docs/models.md shows a card.`,
    })
  const said = await readCard(card)
  await cp(path, join(staging, said.weights))
  const { classes } = said.output
  if (classes !== undefined) await cp(join(dirname(card), classes), join(staging, basename(classes)))
  const text = await readFile(card, 'utf8')
  const { writeFile } = await import('node:fs/promises')
  await writeFile(
    join(staging, 'card.toml'),
    name === undefined ? text : text.replace(/^name\s*=.*$/m, `name = ${JSON.stringify(name)}`),
  )
  return readCardModel(join(staging, 'card.toml'), 'added')
}

async function stageHubFolder(path: string, staging: string, name: string | undefined): Promise<ShelvedModel> {
  const described = await describeHubFolder(path)
  await cp(path, staging, { recursive: true, dereference: true })
  return toShelved(name ?? described.name, described, staging)
}

function toShelved(name: string, hub: HubModel, folder: string): ShelvedModel {
  return {
    ...hub,
    name,
    origin: 'added',
    kind: 'hub',
    card: null,
    runner: { kind: 'hub', folder },
  }
}

async function readCardModel(file: string, origin: ShelvedModel['origin']): Promise<ShelvedModel> {
  const card = await readCard(file)
  const weights = join(dirname(file), card.weights)
  const facts = await stat(weights).catch((error: NodeJS.ErrnoException) => {
    throw new FoveaError('MODEL_INVALID', `The weights of model ${card.name} are gone: expected them at ${weights}.`, {
      hint: 'Put them back, or add the model again.',
      cause: error,
    })
  })
  const digest = await hashFile(weights, 'sha256')
  if (card.sha256 !== undefined && card.sha256 !== digest)
    throw new FoveaError(
      'MODEL_INVALID',
      `The weights of model ${card.name} are not those of its card (SHA-256 differs).`,
      {
        hint: 'Put back the right file, or correct sha256 of the card.',
        details: { expected: card.sha256, found: digest },
      },
    )
  const classes = card.output.classes === undefined ? [] : await readClasses(join(dirname(file), card.output.classes))
  const { input, output } = card
  const fingerprint = createHash('sha256')
    .update(digest)
    .update(JSON.stringify({ input, output }))
    .digest('hex')
    .slice(0, 16)
  return {
    name: card.name,
    title: card.title,
    origin,
    kind: 'onnx',
    task: 'embedding',
    dimensions: output.dimensions,
    readsText: false,
    licence: card.licence,
    source: card.source,
    bytes: facts.size,
    fingerprint,
    classes,
    card,
    runner: { kind: 'onnx', weights, card, classes: classes.length },
  }
}
