import { mkdir, mkdtemp, rm } from 'node:fs/promises'
import { join } from 'node:path'
import {
  listRegistered,
  readEvidence,
  registerModel,
  removeRegistered,
  setModelAlias,
  setModelStage,
  showRegistered,
  verifyModels,
  type RegisteredVersion,
} from '#contract'
import { FoveaError, implement, throwIfAborted, type Operation } from '#base'
import { readTaskCard } from '../tasks/card.ts'
import { stageModel } from './stage-model.ts'
import { stagingPrefix, tidyStaging } from './tidy.ts'
import type { DataSelection, LocalModelRegistry, ModelVersion } from './types.ts'
import { findFaults } from './version-files.ts'

/** What the registry asks of a run. */
export interface RunOfModel {
  id: string
  kind: string
  name: string
  state: string
  startedAt: string
  params: Readonly<Record<string, string | number | boolean>>
  data: DataSelection | null
}

/** What the registry asks of an endpoint. */
export interface EndpointOfModel {
  name: string
  /** Models that its settings name. */
  references: readonly string[]
  /** What answers now. */
  serving: readonly { model: string; version: number }[]
}

/** Handlers of registry.*. `findRun` throws RUN_NOT_FOUND; `folder` is where files lie until they are registered. */
export function createRegistryOperations({
  registry,
  folder,
  findRun,
  listEndpoints,
}: {
  registry: LocalModelRegistry
  folder: string
  findRun: (id: string) => Promise<RunOfModel>
  listEndpoints: () => Promise<readonly EndpointOfModel[]>
}): Operation[] {
  let tidied: Promise<void> | undefined
  const runOf = async ({ run }: ModelVersion): Promise<RunOfModel | null> =>
    run === null
      ? null
      : findRun(run).catch((error: unknown) => {
          // It may have been removed since.
          if (error instanceof FoveaError && error.code === 'RUN_NOT_FOUND') return null
          throw error
        })
  /** Throws MODEL_IN_USE for a version that an endpoint answers with, or would after a start. */
  const refuseServed = async (reference: string): Promise<void> => {
    const { model, version } = await registry.find(reference)
    const isIt = (one: { model: string; version: number } | undefined): boolean =>
      one?.model === model && one.version === version
    for (const { name, references, serving } of await listEndpoints()) {
      const named = await Promise.all(references.map((each) => registry.find(each).catch(() => undefined)))
      if ([...serving, ...named].some(isIt))
        throw new FoveaError('MODEL_IN_USE', `The endpoint ${name} serves the model ${model}:${version}.`, {
          hint: `Serve another version first: fovea endpoints deploy ${name} ${model}:VERSION. Or remove the endpoint: fovea endpoints rm ${name}`,
          details: { endpoint: name },
        })
    }
  }
  return [
    implement(listRegistered, async ({ model, stage, alias, task }) => {
      if (model !== undefined) await registry.find(model)
      const versions = (await registry.list()).filter(
        (one) =>
          (model === undefined || one.model === model) &&
          (stage === undefined || one.stage === stage) &&
          (alias === undefined || one.aliases.includes(alias)) &&
          (task === undefined || one.task === task),
      )
      return {
        versions: versions
          .toSorted((a, b) => (a.model === b.model ? b.version - a.version : a.model < b.model ? -1 : 1))
          .map(describe),
      }
    }),
    implement(showRegistered, async (input) => {
      const version = await registry.find(input.model)
      const run = await runOf(version)
      return {
        version: describe(version),
        card: await readTaskCard(join(version.folder, 'card.toml')),
        run:
          run === null
            ? null
            : {
                id: run.id,
                kind: run.kind,
                name: run.name,
                state: run.state,
                startedAt: run.startedAt,
                params: { ...run.params },
              },
        attached: await registry.listAttached(nameOf(version)),
      }
    }),
    implement(registerModel, async ({ path, card, name, aliases, metrics, run }, { actor, mayReach, signal }) => {
      const data = run === undefined ? null : (await findRun(run)).data
      await mkdir(folder, { recursive: true })
      await (tidied ??= tidyStaging(folder))
      const staging = await mkdtemp(join(folder, stagingPrefix))
      try {
        await stageModel({ path, card }, staging, mayReach)
        throwIfAborted(signal)
        const model = name ?? (await readTaskCard(join(staging, 'card.toml'))).name
        const about = { model, actor, metrics, run: run ?? null, data, aliases }
        return { version: describe(await registry.register(staging, about)) }
      } finally {
        await rm(staging, { recursive: true, force: true })
      }
    }),
    implement(setModelAlias, async ({ model, alias, number, reason }, { actor }) => ({
      versions: (await registry.setAlias(model, alias, number, { actor, reason })).map(describe),
    })),
    implement(setModelStage, async ({ model, stage, reason }, { actor }) => ({
      version: describe(await registry.setStage(model, stage, { actor, reason })),
    })),
    implement(verifyModels, async ({ model }, { signal, progress }) => {
      const versions = model === undefined ? await registry.list() : [await registry.find(model)]
      const verified = []
      for (const [i, version] of versions.entries()) {
        throwIfAborted(signal)
        const { files } = version
        verified.push({
          model: version.model,
          version: version.version,
          files: files.length,
          bytes: files.reduce((sum, file) => sum + file.bytes, 0),
          faults: await findFaults(version),
        })
        progress.report({ stage: 'verify', done: i + 1, total: versions.length, unit: 'versions' })
      }
      return { verified, faults: verified.reduce((sum, one) => sum + one.faults.length, 0) }
    }),
    implement(removeRegistered, async ({ model }) => {
      await refuseServed(model)
      return { removed: nameOf(await registry.remove(model)) }
    }),
    implement(readEvidence, async ({ model, name }) => {
      const bytes = await registry.readAttached(model, name)
      try {
        return { name, bytes: bytes.length, text: new TextDecoder('utf-8', { fatal: true }).decode(bytes) }
      } catch (cause) {
        throw new FoveaError('SOURCE_UNREADABLE', `${name} of ${model} is no text in UTF-8.`, {
          hint: 'It lies in the registry folder of the workspace, beside the version.',
          cause,
        })
      }
    }),
  ]
}

const nameOf = ({ model, version }: ModelVersion): string => `${model}:${version}`

function describe(version: ModelVersion): RegisteredVersion {
  const { classes, aliases, metrics, data, files, events } = version
  return {
    ...version,
    classes: [...classes],
    aliases: [...aliases],
    metrics: { ...metrics },
    data: data === null ? null : { ...data },
    files: [...files],
    events: [...events],
  }
}
