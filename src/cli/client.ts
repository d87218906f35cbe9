import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Job } from '#contract'
import {
  createApp,
  createMeter,
  findWorkspace,
  initWorkspace,
  loadConfig,
  readServerInfo,
  type App,
  type Workspace,
} from '#app'
import { FoveaError, systemClock, type Logger } from '#base'

export interface CallHooks {
  signal: AbortSignal
  onProgress: (progress: NonNullable<Job['progress']>) => void
  log: Logger
}

/** Something that runs operations: the server that holds the workspace, or the workspace opened here. */
export interface Client {
  call(id: string, input: unknown, hooks: CallHooks): Promise<unknown>
  close(): Promise<void>
}

export interface ConnectOptions {
  cwd: string
  /** `--workspace`, else FOVEA_WORKSPACE. */
  named: string | undefined
  env: Readonly<Record<string, string | undefined>>
  /** Words for whoever waits for the workspace meanwhile. */
  command: string
  signal: AbortSignal
  /** How long to wait for another command that has the workspace open. */
  patienceMs?: number
}

const retryMs = 150

/**
 * Reaches the workspace. A server that holds it is used; else it is opened here, waiting a while for another command to
 * let go of it. Throws WORKSPACE_NOT_FOUND, WORKSPACE_BUSY, CONFIG_INVALID.
 */
export async function connect(options: ConnectOptions): Promise<Client> {
  const workspace = await findWorkspace({ cwd: options.cwd, named: options.named })
  const patienceMs = options.patienceMs ?? 5_000
  const deadline = performance.now() + patienceMs
  for (;;) {
    const server = await connectToServer(workspace)
    if (server !== undefined) return server
    try {
      return await openHere(workspace, options)
    } catch (error) {
      if (
        !(error instanceof FoveaError) ||
        error.code !== 'WORKSPACE_BUSY' ||
        performance.now() > deadline ||
        options.signal.aborted
      )
        throw error
    }
    await new Promise((resolve) => setTimeout(resolve, retryMs))
  }
}

/** A workspace that lives as long as one command, for operations that need none of their own. */
export async function openScratch(options: ConnectOptions): Promise<Client> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-scratch-'))
  try {
    const client = await openHere(await initWorkspace(folder), options)
    return {
      call: (id, input, hooks) => client.call(id, input, hooks),
      async close() {
        await client.close()
        await rm(folder, { recursive: true, force: true })
      },
    }
  } catch (error) {
    await rm(folder, { recursive: true, force: true })
    throw error
  }
}

async function connectToServer(workspace: Workspace): Promise<Client | undefined> {
  const info = await readServerInfo(workspace)
  if (info === undefined) return undefined
  const { createHttpClient } = await import('./http-client.ts')
  const client = createHttpClient(info)
  return (await client.isAlive()) ? client : undefined
}

async function openHere(workspace: Workspace, options: ConnectOptions): Promise<Client> {
  const config = await loadConfig({ workspace, env: options.env })
  const app = await createApp({ workspace, config, command: options.command })
  return {
    async call(id, input, hooks) {
      const { signal, onProgress, log } = hooks
      const meter = createMeter({ clock: systemClock })
      const output = await app.call(id, input, {
        signal,
        log,
        progress: { report: (event) => onProgress(meter.observe(event)) },
      })
      return id === 'job.resume' ? { job: await followHere(app, (output as { job: Job }).job.id, hooks) } : output
    },
    close: () => app.close(),
  }
}

/** Waits for a job that was resumed: it would end with this process. Throws the error it ends with. */
async function followHere(app: App, id: string, hooks: CallHooks): Promise<Job> {
  const cancel = (): void => void app.jobs.cancel(id)
  hooks.signal.addEventListener('abort', cancel, { once: true })
  try {
    for await (const event of app.jobs.events(id, 0, new AbortController().signal)) {
      if (event.type === 'progress') hooks.onProgress(event.data as NonNullable<Job['progress']>)
    }
  } finally {
    hooks.signal.removeEventListener('abort', cancel)
  }
  const job = await app.jobs.show(id)
  if (job.error !== null) throw FoveaError.fromBody(job.error)
  return job
}
