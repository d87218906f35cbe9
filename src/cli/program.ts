import { Command } from 'commander'
import { readVersion, suggestName } from '#app'
import { FoveaError } from '#base'
import { globalOptions, roomNames, shortCommands, verbPositionals, type ShortCommand } from './help.ts'
import { addFlags, readFlags } from './options.ts'
import { openSession, type GlobalOptions, type Session } from './session.ts'
import type { Terminal } from './terminal.ts'

/** A command with code of its own. */
export interface SpecialCommand {
  /** Adds arguments and options. */
  configure(command: Command, session: Session): void
  run(session: Session, args: string[], options: Record<string, unknown>): Promise<void>
}

const specials: Readonly<Record<string, () => Promise<SpecialCommand>>> = {
  bundle: async () => (await import('./commands/bundle.ts')).bundleCommand,
  compare: async () => (await import('./commands/evaluate.ts')).compareCommand,
  evaluate: async () => (await import('./commands/evaluate.ts')).evaluateCommand,
  commit: async () => (await import('./commands/commit.ts')).commitCommand,
  check: async () => (await import('./commands/check.ts')).checkCommand,
  gate: async () => (await import('./commands/gate.ts')).gateCommand,
  init: async () => (await import('./commands/init.ts')).initCommand,
  up: async () => (await import('./commands/up.ts')).upCommand,
  info: async () => (await import('./commands/info.ts')).infoCommand,
  models: async () => (await models()).listModelsCommand,
  map: async () => (await import('./commands/map.ts')).mapCommand,
  query: async () => (await import('./commands/query.ts')).queryCommand,
  serve: async () => (await import('./commands/serve.ts')).serveCommand,
  set: async () => (await import('./commands/set.ts')).setCommand,
  show: async () => (await import('./commands/show.ts')).showCommand,
  sweep: async () => (await import('./commands/train.ts')).sweepCommand,
  train: async () => (await import('./commands/train.ts')).trainCommand,
}

/** A verb with code of its own; it stands for the operation of its name, where there is one. */
interface SpecialVerb {
  verb: string
  summary: string
  load: () => Promise<SpecialCommand>
}

const models = async (): Promise<typeof import('./commands/models.ts')> => import('./commands/models.ts')
const specialVerbs: Readonly<Record<string, readonly SpecialVerb[]>> = {
  demo: [
    {
      verb: 'run',
      summary: 'Make the demo dataset, import it and serve it',
      load: async () => (await import('./commands/demo-run.ts')).demoRunCommand,
    },
  ],
  models: [
    {
      verb: 'list',
      summary: 'List models that make vectors, and registered ones',
      load: async () => (await models()).listModelsCommand,
    },
    { verb: 'show', summary: 'Show a model', load: async () => (await models()).showModelCommand },
    {
      verb: 'remove',
      summary: 'Remove a model that was added, or a version of a registered one',
      load: async () => (await models()).removeModelCommand,
    },
    {
      verb: 'alias',
      summary: 'Let an alias stand at a version, or take it away',
      load: async () => (await models()).aliasModelCommand,
    },
    {
      verb: 'verify',
      summary: 'Hold every file of registered models against its SHA-256',
      load: async () => (await models()).verifyModelsCommand,
    },
  ],
}
/** Verbs that run an operation of another room. */
const lentVerbs: Readonly<Record<string, Readonly<Record<string, string>>>> = {
  models: {
    versions: 'registry.list',
    register: 'registry.register',
    stage: 'registry.stage',
    evidence: 'registry.evidence',
  },
}
/** Rooms that go by another name on the command line. */
const roomAliases: Readonly<Record<string, string>> = { endpoints: 'serving', runs: 'run' }
const verbAliases: Readonly<Record<string, string>> = {
  'models.remove': 'rm',
  'run.remove': 'rm',
  'serving.key-add': 'key',
  'serving.remove': 'rm',
  'slice.remove': 'rm',
  'spaces.remove': 'rm',
}

export interface ProgramDeps {
  terminal: Terminal
  args: readonly string[]
  onSession: (session: Session) => void
}

/**
 * The tree of commands. Only the command that is called gets its arguments and flags, made from the schema of its
 * operation, just before it is parsed.
 */
export function buildProgram(deps: ProgramDeps): Command {
  const { terminal } = deps
  const program = new Command('fovea')
  setUp(program, terminal)
  for (const [flags, summary] of globalOptions) {
    if (flags.startsWith('-V')) program.version(readVersion(), flags, summary)
    else if (!flags.startsWith('-h')) program.option(flags, summary)
  }
  const newSession = (): Session => {
    const session = openSession({
      terminal,
      options: program.opts<GlobalOptions>(),
      command: `fovea ${deps.args.slice(0, 2).join(' ')}`,
    })
    deps.onSession(session)
    return session
  }

  const names = new Set<string>([...shortCommands.map((command) => command.name), ...roomNames])
  for (const name of names) {
    const short = shortCommands.find((command) => command.name === name)
    const command = program.command(name, { hidden: short === undefined }).summary(short?.summary ?? '')
    setUp(command, terminal)
  }
  program.hook('preSubcommand', async (_program, command) => {
    const name = command.name()
    const session = newSession()
    const short = shortCommands.find((candidate) => candidate.name === name)
    // `history` and `query` are commands and rooms; a verb right after the name decides.
    const room = roomAliases[name] ?? name
    const verbs = listVerbs(room, session)
    const isPlain = short !== undefined && (short.operation !== undefined || specials[name] !== undefined)
    const typed = program.args[1] ?? ''
    // A word after a command that takes none was meant as a verb.
    const isVerb =
      verbs.includes(typed) ||
      (verbs.length > 0 && typed !== '' && !typed.startsWith('-') && !/[[<]/.test(short?.usage ?? ''))
    if (isPlain && !isVerb) await prepareShort(command, short, verbs, session)
    else prepareRoom(command, room, session)
  })
  refuseOthers(program, 'command', [...names])
  return program
}

/** What is called without a subcommand, or with one that does not exist, is told which there are. */
function refuseOthers(command: Command, what: string, known: readonly string[]): void {
  command
    .allowExcessArguments()
    .allowUnknownOption()
    .action(() => {
      const [typed] = command.args.map(unguard)
      const where = command.parent === null ? 'fovea' : `fovea ${command.name()}`
      throw new FoveaError(
        'INPUT_INVALID',
        typed === undefined
          ? `Expected a ${what} after ${where}.`
          : `${where} has no ${what} ${JSON.stringify(typed)}.`,
        { hint: typed === undefined ? `Known: ${known.join(', ')}.` : suggestName(typed, known) },
      )
    })
}

function setUp(command: Command, terminal: Terminal): void {
  command
    .exitOverride()
    .helpCommand(false)
    .configureOutput({
      writeOut: (text) => terminal.out(text),
      // Errors are told once, in our own form, where they are caught.
      writeErr: () => {},
      getOutHelpWidth: () => (Number.isFinite(terminal.columns) ? terminal.columns : 100),
    })
}

/** Verbs of a room that run an operation as it is, with its id. */
function plainVerbs(room: string, session: Session): [verb: string, operation: string][] {
  const own = [...session.specs.keys()]
    .filter((id) => id.startsWith(`${room}.`))
    .map((id): [string, string] => [id.slice(room.length + 1), id])
  const special = (specialVerbs[room] ?? []).map(({ verb }) => verb)
  return [...own, ...Object.entries(lentVerbs[room] ?? {})].filter(([verb]) => !special.includes(verb))
}

/** Names of the verbs of a room; none when it is no room. */
function listVerbs(room: string, session: Session): string[] {
  const names = [
    ...plainVerbs(room, session).map(([verb]) => verb),
    ...(specialVerbs[room] ?? []).map(({ verb }) => verb),
  ]
  return names.flatMap((verb) => [verb, verbAliases[`${room}.${verb}`] ?? []].flat())
}

async function prepareShort(
  command: Command,
  short: ShortCommand,
  verbs: readonly string[],
  session: Session,
): Promise<void> {
  command.description(`${short.summary}.`).usage(`${short.usage} [options]`.trim())
  if (short.operation !== undefined) prepareOperation(command, short.operation, short.positionals ?? [], session)
  const special = await specials[short.name]?.()
  if (special !== undefined) prepareSpecial(command, special, session)
  if (verbs.length > 0)
    command.addHelpText('after', `\nWith a verb it calls one operation: fovea ${short.name} ${verbs.join(' | ')}`)
}

function prepareSpecial(command: Command, special: SpecialCommand, session: Session): void {
  special.configure(command, session)
  command.action(async () => special.run(session, command.args.map(unguard), unguardAll(command.opts())))
}

/** Gives a command the verbs of a room. */
function prepareRoom(command: Command, room: string, session: Session): void {
  const addVerb = (name: string, summary: string): Command => {
    const verb = command.command(name).summary(summary).description(`${summary}.`)
    const alias = verbAliases[`${room}.${name}`]
    if (alias !== undefined) verb.alias(alias)
    setUp(verb, session.terminal)
    return verb
  }
  for (const [name, id] of plainVerbs(room, session))
    prepareOperation(addVerb(name, session.specs.get(id)!.summary), id, verbPositionals[id] ?? [], session)
  refuseOthers(command, 'verb', listVerbs(room, session))
  for (const { verb: name, summary, load } of specialVerbs[room] ?? []) {
    const verb = addVerb(name, summary)
    command.hook('preSubcommand', async (_room, called) => {
      if (called === verb) prepareSpecial(verb, await load(), session)
    })
  }
}

/** Makes a command run an operation: positionals and flags in, output shown. */
function prepareOperation(command: Command, operation: string, positionals: readonly string[], session: Session): void {
  const spec = session.specs.get(operation)!
  for (const positional of positionals)
    command.argument(positional.endsWith('…') ? `[${positional.slice(0, -1)}...]` : `[${positional}]`)
  addFlags(command, spec)
  command.action(async () => {
    const given: Record<string, unknown> = {}
    const args = command.args.map(unguard)
    positionals.forEach((positional, i) => {
      if (positional.endsWith('…')) {
        if (args.length > i) given[positional.slice(0, -1)] = args.slice(i)
      } else given[positional] = args[i]
    })
    const input = await readFlags(spec, unguardAll(command.opts()), given, session.terminal)
    session.show(operation, await session.call(operation, input))
  })
}

const mark = '\u0001'

/** A query may begin with a minus (`-tag:reviewed`). No flag has one dash and several letters, so such words are kept from being read as flags. */
export function guardDashes(args: readonly string[]): string[] {
  return args.map((arg) => (/^-[^-]./s.test(arg) ? mark + arg : arg))
}

function unguard(text: string): string {
  return text.startsWith(mark) ? text.slice(1) : text
}

function unguardAll(options: Record<string, unknown>): Record<string, unknown> {
  const clean = (value: unknown): unknown =>
    typeof value === 'string' ? unguard(value) : Array.isArray(value) ? value.map(clean) : value
  return Object.fromEntries(Object.entries(options).map(([key, value]) => [key, clean(value)]))
}
