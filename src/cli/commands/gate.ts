import type { GateEvidence } from '#contract'
import { FoveaError } from '#base'
import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'

/** Holds a version against a gate; leaves with 1 when it is kept out. */
export const gateCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[model]', 'NAME, NAME@ALIAS or NAME:VERSION')
    addFlags(command, session.specs.get('gate.run')!)
    command
      .option('--init', 'Write a gate file with bounds learned from what the model reaches now, and hold nothing')
      .option(
        '--data <query>',
        'With --init: samples the gate is to judge by (those of the last evaluation where left out)',
      )
      .addHelpText(
        'after',
        '\nLeaves with 0 when the model passes, 1 when it does not, 2 when the gate file is broken and nothing was run.',
      )
  },
  async run(session, [model], { init, data, ...options }) {
    if (init === true) {
      if (options['gate'] !== undefined)
        throw new FoveaError('INPUT_INVALID', 'Expected --gate only without --init.', {
          hint: 'The gate that is written is called release.',
        })
      const input = await readFlags(
        session.specs.get('gate.init')!,
        { ...options, ...(data === undefined ? {} : { query: data }) },
        { model },
        session.terminal,
      )
      return session.show('gate.init', await session.call('gate.init', input))
    }
    if (data !== undefined)
      throw new FoveaError('INPUT_INVALID', 'Expected --data only together with --init.', {
        hint: 'The gate file says which samples a model is judged by.',
      })
    const input = await readFlags(session.specs.get('gate.run')!, options, { model }, session.terminal)
    const evidence = (await session.call('gate.run', input)) as GateEvidence
    session.show('gate.run', evidence)
    if (!evidence.passed) session.exitCode = 1
  },
}
