import type { Job } from '#contract'
import {
  FoveaError,
  silentProgress,
  systemClock,
  toFoveaError,
  type CallContext,
  type Clock,
  type Logger,
  type Progress,
} from '#base'
import type { Config } from './config.ts'
import { createConfinement } from './confine.ts'
import { openEngine, type DatasetView, type Engine, type EngineDeps } from './engine.ts'
import { describeBusy, isHeldHere, removeHolder, writeHolder } from './holder.ts'
import { createJobs, type Jobs } from './jobs.ts'
import { createOwnOperations, ownIds } from './own-operations.ts'
import { createRegistry, listSpecs, type Registry } from './registry.ts'
import { createSampleMedia, type SampleMedia } from './sample-media.ts'
import { consumeUpload } from './uploads.ts'
import type { Workspace } from './workspace.ts'

export interface CallOptions {
  /** Who asks; `local` when left out. */
  actor?: string | undefined
  /** Whether the caller may name any path of this machine. False confines paths, and what files name, to the workspace folder and `import.roots`. */
  owner?: boolean | undefined
  signal?: AbortSignal | undefined
  progress?: Progress | undefined
  log?: Logger | undefined
}

export interface App {
  readonly workspace: Workspace
  readonly config: Config
  readonly registry: Registry
  readonly jobs: Jobs
  readonly media: SampleMedia
  readonly view: DatasetView
  readonly artefactFile: Engine['artefactFile']
  readonly serving: Engine['serving']
  /** Runs an operation to its end; a long one as a job. */
  call(id: string, input?: unknown, options?: CallOptions): Promise<unknown>
  /** Starts a long operation and answers its job at once. */
  start(id: string, input?: unknown, options?: CallOptions): Promise<Job>
  close(): Promise<void>
}

export interface AppOptions {
  workspace: Workspace
  config: Config
  clock?: Clock
  /** What holds the workspace, in words, for those who wait for it. */
  command?: string
  openEngine?: (deps: EngineDeps) => Promise<Engine>
}

const silentLog: Logger = { info: () => {}, warn: () => {} }

/**
 * The composition root: opens the workspace, wires the rooms, and answers every operation of the contract.
 * Throws WORKSPACE_BUSY while another process has the workspace open, INTERNAL when operations and handlers do not match.
 */
export async function createApp(options: AppOptions): Promise<App> {
  const { workspace, config, clock = systemClock } = options
  const confinement = createConfinement(workspace, config.import.roots)
  let registry: Registry
  const engine = await openHeld(options, {
    workspace,
    config,
    clock,
    async callOperation(id, input, context) {
      const parsed = registry.parse(id, input)
      if (context.mayReach !== undefined) await confinement.checkInput(id, parsed)
      return registry.call(id, parsed, context)
    },
  })
  try {
    const jobs: Jobs = await createJobs({
      folder: workspace.jobs,
      clock,
      mayReach: confinement.mayReach,
      keep: config.jobs.keep,
      run: (id, input, context) =>
        id === 'dataset.import'
          ? consumeUpload(workspace, input as { path: string }, (taken) => registry.call(id, taken, context))
          : registry.call(id, input, context),
    })
    const own = {
      name: 'app',
      ids: ownIds,
      load: async () =>
        createOwnOperations({
          workspace,
          jobs,
          schemaVersion: engine.schemaVersion,
          countDatasets: async () => ((await call('dataset.list')) as { datasets: unknown[] }).datasets.length,
        }),
    }
    registry = createRegistry({ specs: listSpecs(), rooms: [...engine.rooms, own] })

    const admit = async (id: string, input: unknown, { owner = true }: CallOptions): Promise<unknown> => {
      const parsed = registry.parse(id, input)
      if (!owner) await confinement.checkInput(id, parsed)
      return parsed
    }
    const begin = async (id: string, input: unknown, given: CallOptions): ReturnType<Jobs['start']> => {
      const parsed = await admit(id, input, given)
      const { actor = 'local', owner = true, signal, progress, log } = given
      return jobs.start({ operation: id, input: parsed, actor, confined: !owner, signal, progress, log })
    }
    const call: App['call'] = async (id, input, given = {}) => {
      try {
        if (registry.spec(id).long) return await (await begin(id, input, given)).finished
        await admit(id, input, given)
        const context: CallContext = {
          signal: given.signal ?? new AbortController().signal,
          progress: given.progress ?? silentProgress,
          actor: given.actor ?? 'local',
          log: given.log ?? silentLog,
          mayReach: given.owner === false ? confinement.mayReach : undefined,
        }
        return await registry.call(id, input, context)
      } catch (error) {
        throw toFoveaError(error)
      }
    }

    return {
      workspace,
      config,
      registry,
      jobs,
      media: createSampleMedia({
        workspace,
        config,
        pool: () => engine.media(),
        recorded: engine.sampleFile,
      }),
      view: engine.view,
      artefactFile: engine.artefactFile,
      serving: engine.serving,
      call,
      async start(id, input, given = {}) {
        if (!registry.spec(id).long) throw new FoveaError('INTERNAL', `${id} is not a long operation.`)
        return (await begin(id, input, given)).job
      },
      async close() {
        await jobs.close()
        await engine.close()
        await removeHolder(workspace)
      },
    }
  } catch (error) {
    await engine.close()
    await removeHolder(workspace)
    throw error
  }
}

/** Opens the engine and writes down who holds the workspace. */
async function openHeld(options: AppOptions, deps: EngineDeps): Promise<Engine> {
  const { workspace, clock } = deps
  try {
    if (await isHeldHere(workspace))
      throw new FoveaError('WORKSPACE_BUSY', 'This process has the workspace open already.')
    const engine = await (options.openEngine ?? openEngine)(deps)
    await writeHolder(workspace, {
      pid: process.pid,
      command: options.command ?? 'fovea',
      since: new Date(clock.now()).toISOString(),
    })
    return engine
  } catch (error) {
    if (error instanceof FoveaError && error.code === 'WORKSPACE_BUSY') throw await describeBusy(workspace, error)
    throw error
  }
}
