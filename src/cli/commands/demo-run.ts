import { mkdtemp, rm } from 'node:fs/promises'
import { get } from 'node:http'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { createApp, createMeter, initWorkspace, loadConfig, type App } from '#app'
import { FoveaError, systemClock } from '#base'
import { startServer, type RunningServer } from '#server'
import type { SpecialCommand } from '../program.ts'
import { createProgressBar } from '../progress-bar.ts'
import type { Session } from '../session.ts'
import { describeServer, untilStopped } from './serving.ts'

export const demoRunCommand: SpecialCommand = {
  configure(command) {
    command
      .option('--keep', 'Leave the server up until Ctrl-C, and the folder in place')
      .option(
        '--folder <folder>',
        'Folder to make the demo in; it must be new or hold no workspace (default: a temporary one)',
      )
      .option('--tiles <n>', 'Surfaces, photographed at three exposures each')
      .option('--seed <n>', 'Seed of the dataset')
      .option('--port <n>', 'Port; any free one when 7077 is taken')
  },
  async run(session, _args, options) {
    const { terminal } = session
    const named = options['folder'] as string | undefined
    const folder = named === undefined ? await mkdtemp(join(tmpdir(), 'fovea-demo-')) : resolve(terminal.cwd, named)
    const keep = options['keep'] === true
    try {
      await runDemo(session, folder, keep, options)
    } finally {
      if (named === undefined && !keep) await rm(folder, { recursive: true, force: true })
    }
  },
}

async function runDemo(
  session: Session,
  folder: string,
  keep: boolean,
  options: Record<string, unknown>,
): Promise<void> {
  const { terminal } = session
  const workspace = await initWorkspace(folder)
  const config = await loadConfig({
    workspace,
    env: terminal.env,
    flags: { 'server.port': options['port'] as string | undefined },
  })
  const app = await createApp({ workspace, config, command: 'fovea demo run' })
  try {
    const tiles = join(folder, 'tiles')
    const made = await call(session, app, 'demo.make', {
      to: tiles,
      ...wholeNumber(options, 'tiles'),
      ...wholeNumber(options, 'seed'),
    })
    const imported = await call(session, app, 'dataset.import', { path: tiles, dataset: 'tiles' })
    const summary = await call(session, app, 'dataset.show', { dataset: 'tiles' })
    const server = await serve(app)
    try {
      await expectAnswer(server)
      if (session.json)
        terminal.out(`${JSON.stringify({ folder, url: server.url, made, imported, dataset: summary }, null, 2)}\n`)
      else {
        for (const [operation, output] of [
          ['demo.make', made],
          ['dataset.import', imported],
          ['dataset.show', summary],
        ] as const) {
          session.show(operation, output)
          terminal.out('\n')
        }
        terminal.out(
          keep
            ? describeServer(server, folder, app.config.server.token)
            : `The server answered at ${server.url}, and was stopped. Leave it up with --keep.\n`,
        )
      }
      if (keep) await untilStopped(terminal.signal)
    } finally {
      await server.close()
    }
  } finally {
    await app.close()
  }
}

function wholeNumber(options: Record<string, unknown>, key: string): Record<string, unknown> {
  const text = options[key] as string | undefined
  return text === undefined ? {} : { [key]: /^-?\d+$/.test(text) ? Number(text) : text }
}

async function call({ terminal }: Session, app: App, id: string, input: unknown): Promise<unknown> {
  const bar = createProgressBar(terminal)
  const meter = createMeter({ clock: systemClock })
  try {
    return await app.call(id, input, {
      signal: terminal.signal,
      progress: { report: (event) => bar.show(meter.observe(event)) },
    })
  } finally {
    bar.clear()
  }
}

/** The configured port, else any free one. */
async function serve(app: App): Promise<RunningServer> {
  try {
    return await startServer({ app })
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== 'PORT_TAKEN') throw error
    app.config.server.port = 0
    return startServer({ app })
  }
}

async function expectAnswer(server: RunningServer): Promise<void> {
  const status = await new Promise<number | undefined>((answer, reject) => {
    const headers = server.token === null ? {} : { authorization: `Bearer ${server.token}` }
    get(`${server.url}/`, { headers, agent: false }, (response) => {
      response.resume()
      answer(response.statusCode)
    }).on('error', reject)
  })
  if (status !== 200)
    throw new FoveaError('INTERNAL', `Expected the server at ${server.url} to answer 200, got ${status}.`)
}
