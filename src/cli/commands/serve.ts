import type { Endpoint } from '#contract'
import { createApp, findWorkspace, loadConfig, readServerInfo, type App, type Workspace } from '#app'
import { FoveaError } from '#base'
import type { RunningServer } from '#server'
import type { SpecialCommand } from '../program.ts'
import type { Session } from '../session.ts'
import { showToken, untilStopped } from './serving.ts'

export const serveCommand: SpecialCommand = {
  configure(command) {
    command
      .argument('[model]', 'NAME, NAME@ALIAS or NAME:VERSION')
      .option('--name <name>', 'Name of the endpoint (default: that of the model)')
      .option('--port <n>', 'Port; 0 takes any free one (default 7077)')
      .option(
        '--host <address>',
        'Address to listen on; any but a loopback one asks callers for a token or a key (default 127.0.0.1)',
      )
      .option('--token <text>', 'The token callers need; a fresh one when left out')
  },
  async run(session, [model], options) {
    const { terminal, named } = session
    if (model === undefined)
      throw new FoveaError('INPUT_INVALID', 'Expected a model to serve.', {
        hint: 'List them with: fovea models versions',
      })
    const { name = /^[^@:]*/.exec(model)![0], port, host, token } = options as Record<string, string | undefined>
    const workspace = await findWorkspace({ cwd: terminal.cwd, named })
    if (await handOver(session, workspace, { name, model })) return
    const flags = { 'server.port': port, 'server.host': host, 'server.token': token }
    const config = await loadConfig({ workspace, env: terminal.env, flags })
    const app = await createApp({ workspace, config, command: 'fovea serve' })
    try {
      const { startServer } = await import('#server')
      const endpoint = await open(app, { name, model })
      const server = await startServer({ app, endpoints: [name] })
      try {
        terminal.out(
          session.json
            ? `${JSON.stringify({ url: server.url, token: server.token, workspace: workspace.folder, endpoint: name })}\n`
            : `${describe({ url: server.url, token: showToken(server, config.server.token) }, endpoint)}\nStop with Ctrl-C.\n`,
        )
        await untilStopped(terminal.signal)
      } finally {
        await server.close()
      }
    } finally {
      await app.close()
    }
  },
}

interface Wanted {
  name: string
  model: string
}

/** Before the server listens, so that it is ready when it answers. */
async function open(app: App, wanted: Wanted): Promise<Endpoint> {
  await (await app.serving()).start([])
  const { endpoint } = (await app.call('serving.deploy', wanted)) as { endpoint: Endpoint }
  return endpoint
}

/** A server that holds the workspace serves the model too. Answers whether there is one. */
async function handOver(session: Session, workspace: Workspace, wanted: Wanted): Promise<boolean> {
  const info = await readServerInfo(workspace)
  if (info === undefined) return false
  const { createHttpClient } = await import('../http-client.ts')
  if (!(await createHttpClient(info).isAlive())) return false
  const { endpoint } = (await session.call('serving.deploy', { ...wanted })) as { endpoint: Endpoint }
  session.terminal.out(
    session.json
      ? `${JSON.stringify({ url: info.url, workspace: workspace.folder, endpoint: wanted.name })}\n`
      : `The server of this workspace serves it.\n${describe({ url: info.url, token: null }, endpoint)}\n`,
  )
  return true
}

/** What is served where, and a request to try. */
function describe({ url, token }: Pick<RunningServer, 'url' | 'token'>, { name, serving, keys }: Endpoint): string {
  const primary = serving.find(({ role }) => role === 'primary')
  const key =
    token !== null ? ` -H 'Authorization: Bearer ${token}'` : keys.length > 0 ? " -H 'Authorization: Bearer KEY'" : ''
  const asPng = primary?.task === 'segmentation' ? " -H 'Accept: image/png' -o mask.png" : ''
  return [
    `Serving ${primary === undefined ? name : `${primary.model}:${primary.version} (${primary.task}) as ${name}`} at ${url}`,
    `Try it:  curl -F image=@picture.jpg${key}${asPng} ${url}/v1/endpoints/${name}/predict`,
  ].join('\n')
}
