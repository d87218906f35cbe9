import type { Command } from 'commander'
import { FoveaError } from '#base'
import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'
import type { Session } from '../session.ts'

/** The flags of an operation, and `--data` for its query. */
function addDataFlags(command: Command, session: Session, operation: string): void {
  addFlags(command, session.specs.get(operation)!)
  command.option('--data <query>', 'Short for --query: the samples to judge on')
}

async function callWithData(
  session: Session,
  operation: string,
  positionals: Record<string, unknown>,
  { data, ...options }: Record<string, unknown>,
): Promise<void> {
  if (data !== undefined && options['query'] !== undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected --data or --query, got both.', { hint: 'They mean the same.' })
  const input = await readFlags(
    session.specs.get(operation)!,
    { ...options, ...(data === undefined ? {} : { query: data }) },
    positionals,
    session.terminal,
  )
  session.show(operation, await session.call(operation, input))
}

/** Judges a registered model on labelled samples. */
export const evaluateCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[model]', 'NAME, NAME@ALIAS or NAME:VERSION')
    addDataFlags(command, session, 'evaluation.model')
    command.addHelpText('after', '\nFor example: fovea evaluate tiles --data \'split = "test"\' --slices width,night')
  },
  run: (session, [model], options) => callWithData(session, 'evaluation.model', { model }, options),
}

/** Holds two registered models against each other. */
export const compareCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[before]', 'NAME, NAME@ALIAS or NAME:VERSION').argument('[after]', 'The other model')
    addDataFlags(command, session, 'evaluation.compare')
  },
  run: (session, [before, after], options) => callWithData(session, 'evaluation.compare', { before, after }, options),
}
