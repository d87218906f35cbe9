import { createInterface } from 'node:readline/promises'
import { toFoveaError } from '#base'
import { printError } from './print-error.ts'
import { runCli } from './run.ts'
import type { Terminal } from './terminal.ts'

/** Runs the command line on this process's own streams and signals. Answers the exit code. */
export async function runProcess(args: readonly string[]): Promise<number> {
  const { stdin, stdout, stderr, env } = process
  // A reader that has seen enough (`| head`) is no error.
  for (const stream of [stdout, stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code === 'EPIPE') process.exit(0)
      throw error
    })
  }
  const stop = new AbortController()
  const onSignal = (): void => {
    if (stop.signal.aborted) process.exit(130)
    stop.abort()
  }
  process.on('SIGINT', onSignal)
  process.on('SIGTERM', onSignal)

  const terminal: Terminal = {
    out: (text) => stdout.write(text),
    err: (text) => stderr.write(text),
    columns: stdout.isTTY ? (stdout.columns ?? 80) : Infinity,
    errIsTty: stderr.isTTY,
    canAsk: stdin.isTTY && stderr.isTTY,
    color: stderr.isTTY && (env['NO_COLOR'] ?? '') === '' && env['TERM'] !== 'dumb',
    cwd: process.cwd(),
    env,
    signal: stop.signal,
    async ask(question) {
      const lines = createInterface({ input: stdin, output: stderr })
      try {
        return await lines.question(question, { signal: stop.signal })
      } finally {
        lines.close()
      }
    },
    async readInput() {
      const parts: Buffer[] = []
      for await (const part of stdin) parts.push(part as Buffer)
      return Buffer.concat(parts).toString('utf8')
    },
  }
  // What no one caught is told like any other error, without a stack.
  const onLost = (error: unknown): void => {
    printError(terminal, toFoveaError(error), { json: args.includes('--json') })
    process.exit(70)
  }
  process.on('uncaughtException', onLost)
  process.on('unhandledRejection', onLost)
  try {
    return await runCli(args, terminal)
  } finally {
    process.off('SIGINT', onSignal)
    process.off('SIGTERM', onSignal)
    process.off('uncaughtException', onLost)
    process.off('unhandledRejection', onLost)
  }
}
