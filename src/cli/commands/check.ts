import { writeFile } from 'node:fs/promises'
import { resolve } from 'node:path'
import type { Report } from '#contract'
import { FoveaError } from '#base'
import { addFlags, readFlags } from '../options.ts'
import type { SpecialCommand } from '../program.ts'
import type { Session } from '../session.ts'

const files = { report: 'html', junit: 'junit', markdown: 'markdown' } as const

/** Runs a suite; writes reports where asked; leaves with 1 when the data fail. */
export const checkCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[suite]', 'Suite of the file; "default" when left out')
    addFlags(command, session.specs.get('check.run')!)
    command
      .option('--env <name>', 'Short for --environment')
      .option(
        '--gate',
        'Let nothing through unseen: also leave with 1 when a check that may fail had nothing to look at',
      )
      .option('--init', 'Write a suite profiled from the data, and run nothing')
      .option('--overwrite', 'With --init: replace a suite file that is there')
      .option('--report <file>', 'Write the report for a browser (HTML)')
      .option('--junit <file>', 'Write the report for CI systems (JUnit XML)')
      .option('--markdown <file>', 'Write the report for a pull request (Markdown)')
      .addHelpText(
        'after',
        '\nLeaves with 0 when the data pass, 1 when a check failed or went wrong, 2 when the suite is broken and nothing was run.',
      )
  },
  async run(session, [suite], options) {
    if (options['init'] === true) return initSuite(session, suite, options)
    const { env, gate, init: _, overwrite, report: __, junit: ___, markdown: ____, ...flags } = options
    if (env !== undefined) flags['environment'] = env
    if (overwrite === true) throw new FoveaError('INPUT_INVALID', 'Expected --overwrite only together with --init.')
    const input = await readFlags(session.specs.get('check.run')!, flags, { suite }, session.terminal)
    const report = (await session.call('check.run', input)) as Report
    for (const [flag, format] of Object.entries(files)) {
      const target = options[flag]
      if (typeof target === 'string') await writeReport(session, report.id, format, target)
    }
    session.show('check.run', report)
    const failed = report.outcome === 'fail' || report.outcome === 'error' || report.counts.error > 0
    if (failed || (gate === true && !report.gate)) session.exitCode = 1
  },
}

async function initSuite(session: Session, suite: string | undefined, options: Record<string, unknown>): Promise<void> {
  const known = ['dataset', 'file', 'suite', 'input', 'init', 'overwrite']
  const other = Object.keys(options).find((flag) => !known.includes(flag))
  if (other !== undefined)
    throw new FoveaError('INPUT_INVALID', `--init takes no --${other}.`, {
      hint: 'It takes --dataset, --file and --overwrite.',
    })
  const input = await readFlags(session.specs.get('check.init')!, options, { suite }, session.terminal)
  session.show('check.init', await session.call('check.init', input))
}

async function writeReport(session: Session, id: string, format: string, target: string): Promise<void> {
  const { text } = (await session.call('check.report', { id, format })) as { text: string | null }
  const file = resolve(session.terminal.cwd, target)
  try {
    await writeFile(file, text ?? '')
  } catch (error) {
    throw new FoveaError('INPUT_INVALID', `The report cannot be written to ${file}: ${(error as Error).message}.`, {
      hint: `The report is kept all the same: fovea check report --id ${id} --format ${format}`,
      cause: error,
    })
  }
}
