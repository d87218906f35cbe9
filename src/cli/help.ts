// Plain data only: `fovea --help` reads nothing else, so it stays fast. A test holds it against the registry.

export interface ShortCommand {
  name: string
  /** Shown after the name. */
  usage: string
  summary: string
  group: 'Start' | 'Data' | 'Look' | 'Change' | 'Work'
  /** The operation it runs; absent for commands with code of their own. */
  operation?: string
  /** Inputs taken in order; `…` at the end takes the rest. */
  positionals?: readonly string[]
}

export const shortCommands: readonly ShortCommand[] = [
  { name: 'init', usage: '[folder]', summary: 'Make a workspace here', group: 'Start' },
  { name: 'up', usage: '', summary: 'Serve the workspace over HTTP', group: 'Start' },
  { name: 'info', usage: '', summary: 'Show the workspace and its datasets', group: 'Start' },
  {
    name: 'import',
    usage: '<path>',
    summary: 'Import images and labels as they lie on disk',
    group: 'Data',
    operation: 'dataset.import',
    positionals: ['path'],
  },
  {
    name: 'inspect',
    usage: '<path>',
    summary: 'Say which format a folder or file has',
    group: 'Data',
    operation: 'dataset.inspect',
    positionals: ['path'],
  },
  {
    name: 'problems',
    usage: '',
    summary: 'List what imports had to skip',
    group: 'Data',
    operation: 'dataset.problems',
    positionals: ['dataset'],
  },
  { name: 'datasets', usage: '', summary: 'List the datasets', group: 'Data', operation: 'dataset.list' },
  {
    name: 'export',
    usage: '[query] --format FORMAT --to FOLDER',
    summary: 'Write samples and labels in another format',
    group: 'Data',
    operation: 'dataset.export',
    positionals: ['query'],
  },
  { name: 'query', usage: '[query]', summary: 'Find samples', group: 'Look' },
  {
    name: 'stats',
    usage: '[query]',
    summary: 'Counts and histograms of fields',
    group: 'Look',
    operation: 'query.stats',
    positionals: ['query'],
  },
  {
    name: 'tree',
    usage: '[query]',
    summary: 'Folders of the samples with counts',
    group: 'Look',
    operation: 'query.tree',
    positionals: ['query'],
  },
  { name: 'show', usage: '[sample | dataset]', summary: 'Show one sample, or what a dataset holds', group: 'Look' },
  {
    name: 'fields',
    usage: '',
    summary: 'List the fields a query may name',
    group: 'Look',
    operation: 'field.list',
    positionals: ['dataset'],
  },
  {
    name: 'tag',
    usage: '<query> <tag...>',
    summary: 'Put tags on samples',
    group: 'Change',
    operation: 'sample.tag',
    positionals: ['query', 'tags…'],
  },
  {
    name: 'untag',
    usage: '<query> <tag...>',
    summary: 'Take tags off samples',
    group: 'Change',
    operation: 'sample.untag',
    positionals: ['query', 'tags…'],
  },
  { name: 'set', usage: '<query> <field=value...>', summary: 'Set fields of samples', group: 'Change' },
  { name: 'slice', usage: 'save | list | show | rm', summary: 'Saved queries', group: 'Change' },
  {
    name: 'history',
    usage: '',
    summary: 'List changes, newest first',
    group: 'Change',
    operation: 'history.list',
    positionals: ['dataset'],
  },
  {
    name: 'undo',
    usage: '[change]',
    summary: 'Take back the newest change, or the one named',
    group: 'Change',
    operation: 'history.undo',
    positionals: ['change'],
  },
  {
    name: 'redo',
    usage: '[change]',
    summary: 'Bring back what was undone',
    group: 'Change',
    operation: 'history.redo',
    positionals: ['change'],
  },
  { name: 'jobs', usage: '', summary: 'List long operations', group: 'Work', operation: 'job.list' },
  { name: 'demo', usage: 'make | run', summary: 'Make the demo dataset; run a whole demo', group: 'Work' },
]

/** The parts before the dot of the operation ids; each is a command with a verb for every operation. */
export const roomNames = [
  'dataset',
  'demo',
  'field',
  'history',
  'job',
  'ontology',
  'query',
  'sample',
  'slice',
  'workspace',
] as const

/** Inputs that verbs of rooms take in order, beside taking them as flags. */
export const verbPositionals: Readonly<Record<string, readonly string[]>> = {
  'dataset.show': ['dataset'],
  'dataset.create': ['name'],
  'dataset.delete': ['dataset'],
  'dataset.import': ['path'],
  'dataset.inspect': ['path'],
  'dataset.problems': ['dataset'],
  'dataset.export': ['query'],
  'demo.make': ['to'],
  'field.add': ['name', 'type'],
  'field.remove': ['name'],
  'history.undo': ['change'],
  'history.redo': ['change'],
  'job.show': ['job'],
  'job.cancel': ['job'],
  'job.resume': ['job'],
  'ontology.edit-class': ['class'],
  'query.run': ['query'],
  'query.count': ['query'],
  'query.check': ['query'],
  'query.complete': ['query'],
  'query.stats': ['query'],
  'query.tree': ['query'],
  'sample.show': ['sample'],
  'sample.tag': ['query', 'tags…'],
  'sample.untag': ['query', 'tags…'],
  'sample.delete': ['query'],
  'slice.save': ['name', 'query'],
  'slice.show': ['name'],
  'slice.remove': ['name'],
}

export const globalOptions = [
  ['--workspace <dir>', 'Workspace (else FOVEA_WORKSPACE, else the nearest one upward)'],
  ['--json', 'Answer, or fail, with JSON'],
  ['-y, --yes', 'Do not ask before removing something'],
  ['-h, --help', 'Show help for the command'],
  ['-V, --version', 'Show the version'],
] as const

export function isHelpCall(args: readonly string[]): boolean {
  return args.length === 0 || (args.length === 1 && ['--help', '-h', 'help'].includes(args[0]!))
}

export function helpText(): string {
  const lines = [
    'fovea: operations for computer-vision datasets',
    '',
    'Usage: fovea <command> [arguments] [options]',
    '',
  ]
  for (const group of ['Start', 'Data', 'Look', 'Change', 'Work'] as const) {
    lines.push(`${group}:`)
    for (const { name, usage, summary } of shortCommands.filter((command) => command.group === group)) {
      const left = `${name} ${usage}`.trimEnd()
      lines.push(left.length > 28 ? `  ${left}\n${' '.repeat(32)}${summary}` : `  ${left.padEnd(30)}${summary}`)
    }
    lines.push('')
  }
  lines.push('Every operation:', `  ${'<room> <verb> --flags'.padEnd(30)}A room with --help lists its verbs`)
  lines.push(`  Rooms: ${roomNames.join(', ')}`, '', 'Options:')
  for (const [flag, summary] of globalOptions) lines.push(`  ${flag.padEnd(30)}${summary}`)
  return `${lines.join('\n')}\n`
}
