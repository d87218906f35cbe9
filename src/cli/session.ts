import { resolve } from 'node:path'
import { isNoPath, listSpecs, pathInputsOf, type Spec } from '#app'
import { FoveaError } from '#base'
import { connect, openScratch, type Client } from './client.ts'
import { printOutput } from './print.ts'
import { createProgressBar } from './progress-bar.ts'
import { paint, type Terminal } from './terminal.ts'

export interface GlobalOptions {
  workspace?: string
  json?: boolean
  yes?: boolean
}

/** One run of a command: it reaches the workspace when first needed, and lets go of it at the end. */
export interface Session {
  terminal: Terminal
  json: boolean
  named: string | undefined
  specs: ReadonlyMap<string, Spec>
  /** Runs an operation: paths made absolute, destruction confirmed, progress shown. */
  call(id: string, input: Record<string, unknown>): Promise<unknown>
  /** Shows an output, as JSON when asked for. */
  show(operation: string, output: unknown): void
  /** What the command leaves with when nothing went wrong; 0 unless it says otherwise. */
  exitCode: number
  /** The last query sent, for pointing at its faults. */
  lastQuery(): string | undefined
  close(): Promise<void>
}

/** Operations that need no workspace of the caller's. */
const placeless = new Set(['demo.make', 'dataset.inspect', 'check.list', 'check.schema'])

export function openSession(deps: { terminal: Terminal; options: GlobalOptions; command: string }): Session {
  const { terminal, options } = deps
  const specs = listSpecs()
  const json = options.json === true
  const named = options.workspace ?? terminal.env['FOVEA_WORKSPACE']
  let client: Client | undefined
  let query: string | undefined

  const reach = async (id: string): Promise<Client> => {
    const { cwd, env, signal } = terminal
    const connection = { cwd, named, env, command: deps.command, signal }
    try {
      return await connect(connection)
    } catch (error) {
      const nowhere = error instanceof FoveaError && error.code === 'WORKSPACE_NOT_FOUND' && named === undefined
      if (nowhere && placeless.has(id)) return openScratch(connection)
      throw error
    }
  }

  return {
    terminal,
    json,
    named,
    specs,
    exitCode: 0,
    lastQuery: () => query,
    show(operation, output) {
      terminal.out(json ? `${JSON.stringify(output, null, 2)}\n` : printOutput(operation, output, terminal.columns))
    },
    async call(id, input) {
      if (typeof input['query'] === 'string') query = input['query']
      const spec = specs.get(id)!
      const sent = { ...input }
      for (const key of pathInputsOf(id))
        if (typeof sent[key] === 'string' && !isNoPath(id, sent[key])) sent[key] = resolve(terminal.cwd, sent[key])
      if (spec.effect === 'destructive' && options.yes !== true) await confirm(terminal, spec, sent)
      client ??= await reach(id)
      const bar = createProgressBar(terminal)
      const note = (text: string): void => {
        bar.clear()
        terminal.err(text)
      }
      try {
        return await client.call(id, sent, {
          signal: terminal.signal,
          onProgress: (progress) => bar.show(progress),
          log: {
            info: (message) => note(`${message}\n`),
            warn: (message) => note(`${paint(terminal, 'yellow', 'warning')}: ${message}\n`),
          },
        })
      } finally {
        bar.clear()
      }
    },
    async close() {
      await client?.close()
    },
  }
}

async function confirm(terminal: Terminal, spec: Spec, input: Record<string, unknown>): Promise<void> {
  if (terminal.canAsk) {
    const answer = await terminal.ask(`${spec.summary}.\n${JSON.stringify(input)}\nGo on? [y/N] `)
    if (/^y(es)?$/i.test(answer.trim())) return
    throw new FoveaError('CANCELLED', 'Nothing was done.')
  }
  throw new FoveaError('CONFIRMATION_NEEDED', `${spec.id} removes something, and nobody can be asked here.`, {
    hint: 'Add --yes when you mean it.',
  })
}
