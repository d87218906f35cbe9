import type { Model, RegisteredVersion } from '#contract'
import { FoveaError } from '#base'
import { addFlags, readFlags } from '../options.ts'
import { formatVersions } from '../print-registry.ts'
import { printOutput } from '../print.ts'
import type { SpecialCommand } from '../program.ts'

/** A verb that also calls just the operation of its name, for those who give the whole input as JSON. */
function orPlain(operation: string, special: SpecialCommand): SpecialCommand {
  return {
    configure(command, session) {
      special.configure(command, session)
      addFlags(command, session.specs.get(operation)!)
    },
    async run(session, args, options) {
      if (options['input'] === undefined) return special.run(session, args, options)
      const input = await readFlags(session.specs.get(operation)!, options, { model: args[0] }, session.terminal)
      session.show(operation, await session.call(operation, input))
    },
  }
}

/** Models that make vectors, and under them those that are registered. */
export const listModelsCommand = orPlain('models.list', {
  configure: () => {},
  async run(session) {
    const { models } = (await session.call('models.list', {})) as { models: Model[] }
    const { versions } = (await session.call('registry.list', {})) as { versions: RegisteredVersion[] }
    const { columns } = session.terminal
    const text = (): string => {
      const own = printOutput('models.list', { models }, columns)
      return versions.length === 0 ? own : `${own}\nRegistered:\n${formatVersions(versions, columns)}`
    }
    session.terminal.out(session.json ? `${JSON.stringify({ models, registered: versions }, null, 2)}\n` : text())
  },
})

/** What names a version or an alias can only be a registered model. */
const isReference = (name: string): boolean => /[@:]/.test(name)

export const showModelCommand = orPlain('models.show', {
  configure(command) {
    command.argument('[model]', 'Name of a model, NAME@ALIAS or NAME:VERSION')
  },
  async run(session, [model], options) {
    const input = await readFlags(session.specs.get('models.show')!, options, { model }, session.terminal)
    const name = String(input['model'])
    if (isReference(name)) return session.show('registry.show', await session.call('registry.show', input))
    try {
      session.show('models.show', await session.call('models.show', input))
    } catch (error) {
      if (!isUnknown(error)) throw error
      const registered = await session.call('registry.show', input).catch((other: unknown) => {
        throw isUnknown(other) ? unknownModel(name, error, other) : other
      })
      session.show('registry.show', registered)
    }
  },
})

function isUnknown(error: unknown): error is FoveaError {
  return error instanceof FoveaError && error.code === 'MODEL_NOT_FOUND'
}

function unknownModel(name: string, shelf: FoveaError, registry: FoveaError): FoveaError {
  return new FoveaError('MODEL_NOT_FOUND', `${shelf.message} ${registry.message}`, {
    hint: `List them with: fovea models. ${registry.hint ?? ''}`.trim(),
    details: { model: name },
  })
}

export const removeModelCommand = orPlain('models.remove', {
  configure(command) {
    command.argument('[model]', 'Name of a model that was added, or NAME:VERSION of a registered one')
  },
  async run(session, [model], options) {
    const input = await readFlags(session.specs.get('models.remove')!, options, { model }, session.terminal)
    const operation = isReference(String(input['model'])) ? 'registry.remove' : 'models.remove'
    session.show(operation, await session.call(operation, input))
  },
})

export const aliasModelCommand: SpecialCommand = {
  configure: (command) =>
    void command
      .usage('<model> <alias> <version | --remove> [options]')
      .argument('[model]', 'Name of the model')
      .argument('[alias]', 'champion, candidate, …')
      .argument('[version]', 'Number of the version it stands at from now on')
      .option('--remove', 'Take the alias away')
      .option('--reason <text>', 'Why, for the history of the model', ''),
  async run(session, [model, alias, version], options) {
    const remove = options['remove'] === true
    if (remove === (version !== undefined))
      throw new FoveaError('INPUT_INVALID', 'Expected either a version or --remove.', {
        hint: 'For example: fovea models alias tiles champion 3',
      })
    const number = remove ? null : /^\d+$/.test(version!) ? Number(version) : version
    const input = { model, alias, number, reason: options['reason'] }
    session.show('registry.alias', await session.call('registry.alias', input))
  },
}

/** Leaves with 1 when a file is not what was registered. */
export const verifyModelsCommand: SpecialCommand = {
  configure(command, session) {
    command.argument('[model]', 'NAME, NAME@ALIAS or NAME:VERSION; all where left out')
    addFlags(command, session.specs.get('registry.verify')!)
  },
  async run(session, [model], options) {
    const spec = session.specs.get('registry.verify')!
    const input = await readFlags(spec, options, { model }, session.terminal)
    const output = (await session.call('registry.verify', input)) as { faults: number }
    session.show('registry.verify', output)
    if (output.faults > 0) session.exitCode = 1
  },
}
