import { createApp, findWorkspace, loadConfig } from '#app'
import type { SpecialCommand } from '../program.ts'
import { describeServer, untilStopped } from './serving.ts'

export const upCommand: SpecialCommand = {
  configure(command) {
    command
      .option('--port <n>', 'Port; 0 takes any free one (default 7077)')
      .option(
        '--host <address>',
        'Address to listen on; any but a loopback one asks callers for a token (default 127.0.0.1)',
      )
      .option('--token <text>', 'The token callers need; a fresh one when left out')
  },
  async run({ terminal, json, named }, _args, { port, host, token }) {
    const workspace = await findWorkspace({ cwd: terminal.cwd, named })
    const flags = { 'server.port': port, 'server.host': host, 'server.token': token } as Record<
      string,
      string | undefined
    >
    const config = await loadConfig({ workspace, env: terminal.env, flags })
    const app = await createApp({ workspace, config, command: 'fovea up' })
    try {
      const { startServer } = await import('#server')
      const server = await startServer({ app })
      terminal.out(
        json
          ? `${JSON.stringify({ url: server.url, token: server.token, workspace: workspace.folder })}\n`
          : describeServer(server, workspace.folder, config.server.token),
      )
      await untilStopped(terminal.signal)
      await server.close()
    } finally {
      await app.close()
    }
  },
}
