import { CommanderError } from 'commander'
import { FoveaError, toFoveaError } from '#base'
import { helpText, isHelpCall } from './help.ts'
import { printError } from './print-error.ts'
import { buildProgram, guardDashes } from './program.ts'
import type { Session } from './session.ts'
import type { Terminal } from './terminal.ts'

/** Runs one command line. Answers the exit code of the error catalogue; nothing is thrown. */
export async function runCli(args: readonly string[], terminal: Terminal): Promise<number> {
  if (isHelpCall(args)) {
    terminal.out(helpText())
    return 0
  }
  const json = args.includes('--json')
  const open: Session[] = []
  try {
    const program = buildProgram({ terminal, onSession: (session) => open.push(session), args })
    // `fovea help import` is `fovea import --help`.
    const words = args[0] === 'help' ? [...args.slice(1), '--help'] : args
    await program.parseAsync(guardDashes(words), { from: 'user' })
    return open.at(-1)?.exitCode ?? 0
  } catch (caught) {
    if (caught instanceof CommanderError) {
      if (caught.exitCode === 0) return 0
      printError(terminal, describeUsage(caught), { json })
      return 2
    }
    const error = toFoveaError(caught)
    printError(terminal, error, { json, query: open.at(-1)?.lastQuery() })
    return error.exitCode
  } finally {
    for (const session of open) {
      await session.close().catch((error: unknown) => printError(terminal, toFoveaError(error), { json }))
    }
  }
}

function describeUsage(error: CommanderError): FoveaError {
  const [message, ...more] = error.message.replace(/^error: /, '').split('\n')
  return new FoveaError('INPUT_INVALID', `${message!.charAt(0).toUpperCase()}${message!.slice(1)}.`, {
    hint: more.length > 0 ? more.join(' ').replace(/[()]/g, '') : 'See: fovea --help',
  })
}
