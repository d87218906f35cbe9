import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { createApp, initWorkspace, loadConfig, type App, type Engine, type ServerInfo } from '#app'
import { startServer, type RunningServer } from '#server'
import { createFakeEngine } from './fake-engine.ts'

export interface Served {
  app: App
  server: RunningServer
  url: string
  /** The owner's token, from `.fovea/server.json`. */
  ownerToken: string
  fake: ReturnType<typeof createFakeEngine>
  close(): Promise<void>
}

/** A server over fake rooms, on a free port. */
export async function serveFake(flags: Record<string, string> = {}): Promise<Served> {
  const fake = createFakeEngine()
  return { ...(await serve(flags, fake.engine)), fake }
}

/** A server over a real, empty workspace, on a free port. */
export function serveReal(flags: Record<string, string> = {}): Promise<Omit<Served, 'fake'>> {
  return serve(flags)
}

async function serve(flags: Record<string, string>, engine?: Engine): Promise<Omit<Served, 'fake'>> {
  const folder = await mkdtemp(join(tmpdir(), 'fovea-served-'))
  const workspace = await initWorkspace(folder)
  const config = await loadConfig({ workspace, env: {}, flags: { 'server.port': '0', ...flags } })
  const app = await createApp({
    workspace,
    config,
    ...(engine === undefined ? {} : { openEngine: async () => engine }),
  })
  const server = await startServer({ app, heartbeatMs: 20, webFolder: join(folder, 'web') })
  const info = JSON.parse(await readFile(workspace.serverFile, 'utf8')) as ServerInfo
  return {
    app,
    server,
    url: info.url,
    ownerToken: info.token,
    async close() {
      await server.close()
      await app.close()
      await rm(folder, { recursive: true, force: true })
    },
  }
}
