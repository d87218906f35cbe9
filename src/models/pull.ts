import { createWriteStream } from 'node:fs'
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FoveaError, silentProgress, throwIfAborted, type Progress } from '#base'
import { originFile } from './hub-card.ts'
import { toModelName } from './hub-folder.ts'
import { hubVariants } from './hub-kinds.ts'
import { parseHubConfig, readHubKind } from './hub-layout.ts'
import { findHubTask } from './hub-tasks.ts'
import { loadTransformers } from './run/transformers.ts'

export interface PullOptions {
  /** Folder to lay the model's own folder in; the caller's, who also removes it. */
  into: string
  /** Address of the hub; that of transformers.js when left out. */
  remote?: string
  signal?: AbortSignal
  progress?: Progress
}

const idPattern = /^[A-Za-z0-9][\w.-]{0,95}\/[A-Za-z0-9][\w.-]{0,95}$/
const stage = 'download'

/**
 * Downloads what of a hub's repository is needed to run a model: configuration, model card, tokenizer, and of its networks the most
 * exact variant there is, all of one commit. Answers the folder, which describeHubFolder can read; after a failure nothing is left.
 * Throws INPUT_INVALID (id is not owner/name), MODEL_NOT_FOUND, MODEL_INVALID (no kind that can be used), MODEL_OFFLINE,
 * TARGET_EXISTS, CANCELLED.
 */
export async function pullModel(id: string, options: PullOptions): Promise<string> {
  const { into, signal, progress = silentProgress } = options
  if (!idPattern.test(id) || id.includes('..'))
    throw new FoveaError('INPUT_INVALID', `Expected a model of the hub as owner/name, got ${JSON.stringify(id)}.`, {
      hint: 'For a folder on disk: fovea models add DIR',
    })
  const remote = options.remote ?? (await loadTransformers()).env.remoteHost
  const folder = join(into, toModelName(id))
  await mkdir(into, { recursive: true })
  await mkdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code !== 'EEXIST') throw error
    throw new FoveaError('TARGET_EXISTS', `There is already a folder ${folder}.`, {
      hint: 'Remove it, then download again.',
    })
  })
  try {
    await fill(createDownload({ id, remote, folder, signal, progress }), folder)
    return folder
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function fill(download: Download, folder: string): Promise<void> {
  await download.require('config.json')
  const config = parseHubConfig(await readFile(join(folder, 'config.json'), 'utf8'), `config.json of ${download.id}`)
  const purpose = findHubTask(config)
  const kind = purpose === undefined ? readHubKind(config, download.id).kind : undefined
  await download.require('preprocessor_config.json')
  await download.accept('README.md')
  for (const stem of purpose?.networks ?? []) await download.oneOf(listVariants(stem))
  if (kind !== undefined) await download.oneOf(kind.pictures.flatMap(listVariants))
  if (
    kind?.texts !== undefined &&
    (await download.accept('tokenizer.json')) &&
    (await download.accept('tokenizer_config.json'))
  )
    // Without a text network the model is one of pictures only.
    await download.oneOf(listVariants(kind.texts.file), { optional: true })
  await writeFile(join(folder, originFile), `${JSON.stringify(download.origin(), null, 2)}\n`)
}

const listVariants = (stem: string): string[] => hubVariants.map(([ending]) => `onnx/${stem}${ending}.onnx`)

interface Download {
  readonly id: string
  /** Throws MODEL_NOT_FOUND when the file is not there. */
  require(file: string): Promise<void>
  /** Whether the file was there. */
  accept(file: string): Promise<boolean>
  /** The first network that is there, and the files beside it that hold its weights. Throws MODEL_NOT_FOUND for none. */
  oneOf(files: readonly string[], options?: { optional: boolean }): Promise<void>
  origin(): { source: string; revision: string }
}

interface DownloadPlan {
  id: string
  remote: string
  folder: string
  signal: AbortSignal | undefined
  progress: Progress
}

function createDownload({ id, remote, folder, signal, progress }: DownloadPlan): Download {
  const repository = `${remote.replace(/\/+$/, '')}/${id}`
  let revision = 'main'
  let doneBytes = 0
  let knownBytes = 0

  const count = async function* (chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array> {
    for await (const chunk of chunks) {
      doneBytes += chunk.byteLength
      progress.report({ stage, done: doneBytes, total: Math.max(doneBytes, knownBytes), unit: 'bytes' })
      yield chunk
    }
  }

  const accept = async (file: string): Promise<boolean> => {
    throwIfAborted(signal)
    try {
      const response = await fetch(`${repository}/resolve/${revision}/${file}`, { signal: signal ?? null })
      if (isMissing(response.status) || !response.ok || response.body === null) {
        await response.body?.cancel()
        if (isMissing(response.status)) return false
        throw new FoveaError('MODEL_OFFLINE', `${repository} answered ${response.status} for ${file}.`, {
          hint: offlineHint,
        })
      }
      // What comes after is of the same commit, even when somebody uploads meanwhile.
      const commit = response.headers.get('x-repo-commit')
      if (commit !== null && /^[0-9a-f]{40}$/.test(commit)) revision = commit
      knownBytes += readLength(response)
      const path = join(folder, file)
      await mkdir(dirname(path), { recursive: true })
      await pipeline(Readable.from(response.body), count, createWriteStream(path), { signal })
      return true
    } catch (error) {
      throwIfAborted(signal)
      throw toDownloadError(error, repository, file)
    }
  }

  const oneOf: Download['oneOf'] = async (files, { optional } = { optional: false }) => {
    for (const file of files) {
      if (!(await accept(file))) continue
      if (await accept(`${file}_data`)) for (let part = 1; await accept(`${file}_data_${part}`); part++);
      return
    }
    if (!optional)
      throw new FoveaError(
        'MODEL_NOT_FOUND',
        `Model ${id} has no network that can be run: none of ${files.join(', ')}.`,
        {
          hint: 'Look for an export of it to ONNX; many are called owner/name-ONNX.',
          details: { looked: files },
        },
      )
  }

  return {
    id,
    accept,
    oneOf,
    async require(file) {
      if (await accept(file)) return
      throw new FoveaError('MODEL_NOT_FOUND', `There is no ${file} of a model ${id} at ${remote}.`, {
        hint: 'Check owner and name. Models that need a login are downloaded by hand, then added: fovea models add DIR',
      })
    },
    origin: () => ({ source: repository, revision }),
  }
}

const offlineHint = 'Add a copy on disk instead: fovea models add DIR'

/** The hub answers 401 for repositories that do not exist, and 403 for those whose terms were not accepted. */
const isMissing = (status: number): boolean => status === 401 || status === 403 || status === 404

function readLength(response: Response): number {
  // Compressed, the length is not that of what is counted.
  if (response.headers.has('content-encoding')) return 0
  return Number(response.headers.get('content-length') ?? 0)
}

function toDownloadError(error: unknown, repository: string, file: string): unknown {
  if (error instanceof FoveaError) return error
  const { code } = error as NodeJS.ErrnoException
  // Faults of the disk are no faults of the network.
  if (code !== undefined && /^E(NOSPC|ACCES|ROFS|DQUOT|IO|MFILE)$/.test(code)) return error
  const cause = error instanceof Error && error.cause instanceof Error ? error.cause : error
  const detail = cause instanceof Error ? ((cause as NodeJS.ErrnoException).code ?? cause.message) : String(cause)
  return new FoveaError(
    'MODEL_OFFLINE',
    `${repository} cannot be reached, or stopped while sending ${file} (${detail}).`,
    {
      hint: offlineHint,
      cause: error,
    },
  )
}
