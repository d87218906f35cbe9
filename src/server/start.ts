import { randomBytes } from 'node:crypto'
import type { AddressInfo } from 'node:net'
import { removeServerInfo, sweepUploads, writeServerInfo, type App } from '#app'
import { FoveaError, systemClock } from '#base'
import { isLoopback } from './access.ts'
import { buildServer } from './build.ts'

/** Uploads that nobody imported for so long are removed when the server starts. */
const uploadKeptMs = 24 * 3_600_000

export interface RunningServer {
  /** Address to open, without a slash at its end. */
  url: string
  /** What every request must bring; null on a loopback address, where none is needed. */
  token: string | null
  /** Stops listening and ends all connections. The app stays open. */
  close(): Promise<void>
}

/**
 * Serves an app. Port 0 takes any free one. All handlers are checked first. While it runs, `.fovea/server.json` tells
 * the command line how to reach it. Throws PORT_TAKEN, CONFIG_INVALID for an address that is not of this machine.
 */
export async function startServer(deps: {
  app: App
  heartbeatMs?: number
  webFolder?: string
  /** Names of the endpoints that are opened; all when left out. */
  endpoints?: readonly string[]
}): Promise<RunningServer> {
  const { app } = deps
  const { host, port } = app.config.server
  await app.registry.verify()
  // Endpoints open beside the server; /v2/health/ready tells when they are.
  void app
    .serving()
    .then((serving) => serving.start(deps.endpoints))
    .catch(() => {})
  await sweepUploads(app.workspace, systemClock.now() - uploadKeptMs)
  const ownerToken = randomBytes(32).toString('base64url')
  const accessToken = app.config.server.token ?? randomBytes(24).toString('base64url')
  const server = buildServer({
    app,
    host,
    ownerToken,
    accessToken,
    ...(deps.heartbeatMs === undefined ? {} : { heartbeatMs: deps.heartbeatMs }),
    ...(deps.webFolder === undefined ? {} : { webFolder: deps.webFolder }),
  })
  try {
    await server.listen({ host, port })
  } catch (error) {
    await server.close()
    throw translateListenError(error as NodeJS.ErrnoException, host, port)
  }
  const bound = (server.server.address() as AddressInfo).port
  const url = (name: string): string => `http://${name.includes(':') ? `[${name}]` : name}:${bound}`
  const reachable = host === '0.0.0.0' ? '127.0.0.1' : host === '::' ? '::1' : host
  writeServerInfo(app.workspace, { url: url(reachable), token: ownerToken, pid: process.pid })
  return {
    url: url(host),
    token: isLoopback(host) ? null : accessToken,
    async close() {
      await removeServerInfo(app.workspace)
      await server.close()
    },
  }
}

function translateListenError(error: NodeJS.ErrnoException, host: string, port: number): unknown {
  if (error.code === 'EADDRINUSE') {
    return new FoveaError(
      'PORT_TAKEN',
      `Expected port ${port} of ${host} to be free, but another program listens there.`,
      {
        hint: `Take another: fovea up --port ${port + 1}. Or --port 0 for any free one.`,
      },
    )
  }
  if (
    error.code === 'EACCES' ||
    error.code === 'EADDRNOTAVAIL' ||
    error.code === 'ENOTFOUND' ||
    error.code === 'EINVAL'
  ) {
    return new FoveaError('CONFIG_INVALID', `The server cannot listen on ${host}, port ${port} (${error.code}).`, {
      hint: 'Name an address of this machine, and a port above 1023.',
      cause: error,
    })
  }
  return error
}
