import type { Command } from 'commander'
import { FoveaError } from '#base'
import { addFlags, readFlags, readScalar } from '../options.ts'
import type { SpecialCommand } from '../program.ts'
import type { Session } from '../session.ts'

const collect = (value: string, before: string[] | undefined): string[] => [...(before ?? []), value]

function addTrainingFlags(command: Command, session: Session, operation: string, param: string): void {
  addFlags(command, session.specs.get(operation)!)
  command.option('--data <query>', 'Short for --query: the samples to learn from and to validate on')
  command.option('--param <name=value>', param, collect)
}

/** Inputs from the flags, without `--param`. */
async function readInput(
  session: Session,
  operation: string,
  { data, param: _, ...options }: Record<string, unknown>,
): Promise<Record<string, unknown>> {
  if (data !== undefined && options['query'] !== undefined)
    throw new FoveaError('INPUT_INVALID', 'Expected --data or --query, got both.', { hint: 'They mean the same.' })
  const given = { ...options, ...(data === undefined ? {} : { query: data }) }
  return readFlags(session.specs.get(operation)!, given, {}, session.terminal)
}

/** `name=value` of each `--param`, split at the first equals sign. */
function readPairs(options: Record<string, unknown>): [string, string][] {
  return ((options['param'] as string[] | undefined) ?? []).map((text) => {
    const at = text.indexOf('=')
    if (at > 0 && at < text.length - 1) return [text.slice(0, at).trim(), text.slice(at + 1).trim()]
    throw new FoveaError('INPUT_INVALID', `Expected --param NAME=VALUE, got ${JSON.stringify(text)}.`, {
      hint: 'For example: --param epochs=40',
    })
  })
}

const plainValue = (text: string): string | number | boolean => readScalar(text) ?? text

/** Trains a model and registers it. */
export const trainCommand: SpecialCommand = {
  configure(command, session) {
    addTrainingFlags(command, session, 'training.train', 'A parameter of the trainer; may be repeated')
    command.addHelpText(
      'after',
      '\nFor example: fovea train --dataset tiles --task segmentation --trainer head --param epochs=20\nParameters are listed by: fovea trainers',
    )
  },
  async run(session, _args, options) {
    const input = await readInput(session, 'training.train', options)
    const params = Object.fromEntries(readPairs(options).map(([name, value]) => [name, plainValue(value)]))
    const resume = input['resume']
    const earlier = typeof resume === 'string' ? await readCall(session, resume) : {}
    const all = {
      ...earlier,
      ...input,
      params: { ...(earlier['params'] as object), ...(input['params'] as object), ...params },
    }
    session.show('training.train', await session.call('training.train', all))
  },
}

/** Trains with many parameters and compares. */
export const sweepCommand: SpecialCommand = {
  configure(command, session) {
    addTrainingFlags(
      command,
      session,
      'training.sweep',
      'NAME=A,B,C or NAME=LOW..HIGH[:log][:whole] is tried, NAME=VALUE stays; may be repeated',
    )
    command.addHelpText(
      'after',
      '\nFor example: fovea sweep --dataset tiles --task classification --param learningRate=1e-4..1e-2:log --param hidden=0,128',
    )
  },
  async run(session, _args, options) {
    const input = await readInput(session, 'training.sweep', options)
    const params: Record<string, unknown> = { ...(input['params'] as object) }
    const space: Record<string, unknown> = { ...(input['space'] as object) }
    for (const [name, text] of readPairs(options)) {
      const choice = readChoice(text)
      if (choice === undefined) params[name] = plainValue(text)
      else space[name] = choice
    }
    session.show('training.sweep', await session.call('training.sweep', { ...input, params, space }))
  },
}

/** Values to try; undefined for a single one. */
function readChoice(text: string): unknown {
  const number = String.raw`[-+]?(?:\d+\.?\d*|\.\d+)(?:e[-+]?\d+)?`
  const bounds = new RegExp(`^(${number})\\.\\.(${number})((?::(?:log|whole))*)$`, 'i').exec(text)
  if (bounds !== null) {
    const [, low, high, marks = ''] = bounds
    return { low: Number(low), high: Number(high), log: marks.includes('log'), whole: marks.includes('whole') }
  }
  if (text.includes('..') && /^[-+.\d]/.test(text))
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected bounds like 1e-4..1e-2 or 8..64:log:whole, got ${JSON.stringify(text)}.`,
    )
  return text.includes(',') ? text.split(',').map((part) => plainValue(part.trim())) : undefined
}

/** How a run was called. */
async function readCall(session: Session, run: string): Promise<Record<string, unknown>> {
  const { run: found } = (await session.call('run.show', { run })) as {
    run: { call: { operation: string; input: unknown } | null }
  }
  if (found.call?.operation === 'training.train') return found.call.input as Record<string, unknown>
  throw new FoveaError(
    'INPUT_INVALID',
    `Expected a training to take up, but ${run} is a run of ${found.call?.operation ?? 'something else'}.`,
    {
      hint: 'A sweep is taken up by running the same command again.',
    },
  )
}
