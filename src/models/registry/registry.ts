import { mkdir, readdir, readFile, rename, rm, stat, writeFile } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { closest } from 'fastest-levenshtein'
import { compareCodePoints, FoveaError, resolveInside, walkFiles, writeFileAtomic, type Clock } from '#base'
import type { ModelShelf } from '../shelf.ts'
import { aliasesOf, appendEvents, readEventLog, replay, type LoggedEvent } from './event-log.ts'
import { describeModel } from './describe-model.ts'
import { champion, checkAlias, checkModelName, latest, parseReference } from './references.ts'
import { tidyRegistry } from './tidy.ts'
import type { LocalModelRegistry, ModelVersion } from './types.ts'
import { copyModel, findFaults, recordName, sync, type VersionRecord } from './version-files.ts'

/** Opens the network of a folder and holds it against its card. Throws MODEL_INVALID, MODEL_MISMATCH and the like. */
type TryModel = (folder: string) => Promise<void>

/**
 * Models as folders: `<model>/<version>/` with the files and `version.json`, which never change, `<model>/<version>.attached/`,
 * and `<model>/events.jsonl`, from which aliases and stages follow. A version counts once its folder has its name.
 */
export function createModelRegistry(deps: {
  folder: string
  clock: Clock
  /** Names that stand there are not given to a registered model. */
  shelf?: Pick<ModelShelf, 'find'>
  tryModel?: TryModel
}): LocalModelRegistry {
  const { folder, clock } = deps
  const now = (): string => new Date(clock.now()).toISOString()
  const placeOf = (model: string, version: number): string => join(folder, model, String(version))
  const logOf = (model: string): string => join(folder, model, 'events.jsonl')
  const attachedTo = ({ model, version }: ModelVersion): string => `${placeOf(model, version)}.attached`
  /** Changes of the registry take turns; the first puts in order what a killed process left. */
  let turn: Promise<unknown> | undefined
  const inTurn = <T>(work: () => Promise<T>): Promise<T> => {
    turn ??= tidyRegistry(folder)
    const result = turn.catch(() => {}).then(work)
    turn = result
    return result
  }

  const listModels = async (): Promise<string[]> =>
    (await readFolder(folder)).filter((name) => !name.startsWith('.')).toSorted(compareCodePoints)
  const listNumbers = async (model: string): Promise<number[]> =>
    (await readFolder(join(folder, model)))
      .filter((name) => /^[1-9]\d*$/.test(name))
      .map(Number)
      .toSorted((a, b) => a - b)

  /** Versions of a model, the oldest first. */
  const versionsOf = async (model: string): Promise<ModelVersion[]> => {
    const numbers = await listNumbers(model)
    if (numbers.length === 0) return []
    const standing = replay(await readEventLog(logOf(model)), new Set(numbers))
    return Promise.all(
      numbers.map(async (version) => ({
        ...(await readRecord(placeOf(model, version))),
        folder: placeOf(model, version),
        stage: standing.stages.get(version) ?? 'none',
        aliases: aliasesOf(standing, version),
        events: standing.events.get(version) ?? [],
      })),
    )
  }
  const knownVersions = async (model: string): Promise<ModelVersion[]> => {
    const versions = await versionsOf(model)
    if (versions.length > 0) return versions
    const models: string[] = []
    for (const name of await listModels()) if ((await listNumbers(name)).length > 0) models.push(name)
    throw new FoveaError('MODEL_NOT_FOUND', `No model ${model} is registered.`, {
      hint:
        models.length === 0
          ? 'None is yet. Train one with fovea train, or: fovea models register PATH --name NAME'
          : `Did you mean ${closest(model, models)}? There are ${models.slice(0, 20).join(', ')}.`,
      details: { models },
    })
  }
  const find = async (reference: string): Promise<ModelVersion> => {
    const { model, version, alias } = parseReference(reference)
    const versions = await knownVersions(model)
    const newest = versions.at(-1)!
    const found =
      version !== undefined
        ? versions.find((one) => one.version === version)
        : alias === undefined
          ? (versions.find((one) => one.aliases.includes(champion)) ?? newest)
          : (versions.find((one) => one.aliases.includes(alias)) ?? (alias === latest ? newest : undefined))
    if (found !== undefined) return found
    const aliases = versions.flatMap((one) => one.aliases)
    throw new FoveaError(
      'MODEL_NOT_FOUND',
      version === undefined
        ? `The model ${model} has no alias ${alias}.`
        : `The model ${model} has no version ${version}.`,
      {
        hint: `It has version${versions.length === 1 ? '' : 's'} ${versions.map((one) => one.version).join(', ')}${
          aliases.length === 0
            ? ' and no alias'
            : ` and the alias${aliases.length === 1 ? '' : 'es'} ${aliases.join(', ')}`
        }.`,
      },
    )
  }
  const refuseShelved = async (model: string): Promise<void> => {
    const shelved = await deps.shelf?.find(model).then(
      () => true,
      (error: unknown) => !(error instanceof FoveaError && error.code === 'MODEL_NOT_FOUND'),
    )
    if (shelved === true)
      throw new FoveaError(
        'MODEL_EXISTS',
        `${model} is a model that makes vectors, and cannot be registered as well.`,
        {
          hint: 'Give another name.',
        },
      )
  }
  const log = (model: string, events: readonly LoggedEvent[]): Promise<void> => appendEvents(logOf(model), events)

  return {
    async list() {
      const all: ModelVersion[] = []
      for (const model of await listModels()) all.push(...(await versionsOf(model)))
      return all
    },
    find,
    async load(reference) {
      const version = await find(reference)
      const [fault] = (await findFaults(version)).filter(({ fault: what }) => what !== 'was not registered')
      if (fault === undefined) return version
      const name = `${version.model}:${version.version}`
      throw new FoveaError(
        'MODEL_INVALID',
        `${fault.name} of the model ${name} ${fault.fault}: it is not what was registered.`,
        {
          hint: `Put the right file back into ${version.folder}, then: fovea models verify ${name}. Or let the alias stand at another version: fovea models alias ${version.model} ${version.aliases[0] ?? champion} VERSION`,
          details: { model: name, ...fault },
        },
      )
    },
    async register(from, { model, actor, metrics, run, data, aliases = [] }) {
      checkModelName(model)
      for (const alias of aliases) checkAlias(alias)
      return inTurn(async () => {
        await refuseShelved(model)
        const facts = await stat(from).catch(() => undefined)
        if (facts?.isDirectory() !== true)
          throw new FoveaError('SOURCE_NOT_FOUND', `There is no folder ${from}.`, {
            hint: 'Give a folder with card.toml and the network it names.',
          })
        const staging = join(folder, `.registering-${model}`)
        await rm(staging, { recursive: true, force: true })
        await mkdir(staging, { recursive: true })
        try {
          const files = await copyModel(from, staging)
          const { task, classes } = await describeModel(staging)
          await deps.tryModel?.(staging)
          await mkdir(join(folder, model), { recursive: true })
          const before = (await readEventLog(logOf(model))).map((event) => event.version ?? 0)
          const version = Math.max(0, ...before, ...(await listNumbers(model))) + 1
          const at = now()
          const record: VersionRecord = {
            model,
            version,
            task,
            classes,
            createdAt: at,
            actor,
            metrics,
            run,
            data,
            files,
          }
          await writeFile(join(staging, recordName), `${JSON.stringify(record, null, 1)}\n`)
          for (const path of [join(staging, recordName), staging]) await sync(path)
          const said = { at, actor, reason: '', version }
          await log(model, [
            { kind: 'registered', ...said },
            ...aliases.map((alias) => ({ kind: 'alias' as const, alias, ...said })),
          ])
          await rename(staging, placeOf(model, version))
          await sync(join(folder, model))
          return await find(`${model}:${version}`)
        } finally {
          await rm(staging, { recursive: true, force: true })
        }
      })
    },
    setAlias: (model, alias, version, by) =>
      inTurn(async () => {
        checkAlias(alias)
        if (version === null) await knownVersions(parseReference(model).model)
        else await find(`${model}:${version}`)
        await log(model, [{ kind: 'alias', alias, version, at: now(), ...by }])
        return versionsOf(model)
      }),
    setStage: (reference, stage, by) =>
      inTurn(async () => {
        const { model, version } = await find(reference)
        await log(model, [{ kind: 'stage', version, stage, at: now(), ...by }])
        return find(`${model}:${version}`)
      }),
    remove: (reference) =>
      inTurn(async () => {
        const found = await find(reference)
        const { model, version, aliases } = found
        if (aliases.length > 0)
          throw new FoveaError(
            'MODEL_IN_USE',
            `The model ${model}:${version} has the alias${aliases.length === 1 ? '' : 'es'} ${aliases.join(', ')}.`,
            { hint: `Move it first: fovea models alias ${model} ${aliases[0]} VERSION, or --remove` },
          )
        const gone = join(folder, model, `.removed-${version}`)
        await rm(gone, { recursive: true, force: true })
        await rename(placeOf(model, version), gone)
        await rm(attachedTo(found), { recursive: true, force: true })
        await rm(gone, { recursive: true, force: true })
        return found
      }),
    async attach(reference, name, bytes) {
      await writeFileAtomic(resolveInside(attachedTo(await find(reference)), name), bytes)
    },
    async readAttached(reference, name) {
      const version = await find(reference)
      const file = resolveInside(attachedTo(version), name)
      return readFile(file).catch(async (error: NodeJS.ErrnoException) => {
        if (error.code !== 'ENOENT' && error.code !== 'EISDIR') throw error
        const known = await listFilesOf(attachedTo(version))
        throw new FoveaError(
          'SOURCE_NOT_FOUND',
          `Nothing is attached as ${JSON.stringify(name)} to ${version.model}:${version.version}.`,
          { hint: known.length === 0 ? 'Nothing is attached to it.' : `There is ${known.join(', ')}.`, cause: error },
        )
      })
    },
    async listAttached(reference) {
      const folderOf = attachedTo(await find(reference))
      const names = await listFilesOf(folderOf)
      return Promise.all(names.map(async (name) => ({ name, bytes: (await stat(join(folderOf, name))).size })))
    },
    async has(model) {
      return (await listNumbers(model)).length > 0
    },
  }
}

async function readFolder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { withFileTypes: true }).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  return entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
}

async function readRecord(folder: string): Promise<VersionRecord> {
  const file = join(folder, recordName)
  try {
    return JSON.parse(await readFile(file, 'utf8')) as VersionRecord
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `The record ${file} of a model cannot be read.`, {
      hint: `Put it back, or move the folder ${dirname(file)} away.`,
      cause: error,
    })
  }
}

/** Names below a folder, with slashes. */
async function listFilesOf(folder: string): Promise<string[]> {
  return (await walkFiles(folder)).map((file) => file.relative)
}
