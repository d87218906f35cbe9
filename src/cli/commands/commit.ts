import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'

/** Keeps a dataset as it is now, with `-m` as Git has it. */
export const commitCommand: SpecialCommand = {
  configure(command, session) {
    addFlags(command, session.specs.get('versions.commit')!)
    command.option('-m <text>', 'Short for --message')
  },
  async run(session, _args, { m, ...flags }) {
    if (m !== undefined) flags['message'] = m
    const input = await readFlags(session.specs.get('versions.commit')!, flags, {}, session.terminal)
    session.show('versions.commit', await session.call('versions.commit', input))
  },
}
