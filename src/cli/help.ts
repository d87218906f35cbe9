// Plain data only: `fovea --help` reads nothing else, so it stays fast. A test holds it against the registry.

export interface ShortCommand {
  name: string
  /** Shown after the name. */
  usage: string
  summary: string
  group: 'Start' | 'Data' | 'Look' | 'See' | 'Check' | 'Change' | 'Work'
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
    name: 'commit',
    usage: '-m TEXT [--tag NAME]',
    summary: 'Keep a dataset as it is now, as a version',
    group: 'Data',
  },
  {
    name: 'versions',
    usage: '[dataset] | show REF | tag REF NAME',
    summary: 'List versions; show or name one',
    group: 'Data',
    operation: 'versions.list',
    positionals: ['dataset'],
  },
  {
    name: 'diff',
    usage: '<version> [version]',
    summary: 'What differs between versions, or from a version to now',
    group: 'Data',
    operation: 'versions.diff',
    positionals: ['before', 'after'],
  },
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
    name: 'embed',
    usage: '[query]',
    summary: 'Give samples or labels vectors from a network',
    group: 'See',
    operation: 'spaces.embed',
    positionals: ['query'],
  },
  {
    name: 'similar',
    usage: '<sample | file> [query]',
    summary: 'Samples that look most like one, or like a file',
    group: 'See',
    operation: 'spaces.similar',
    positionals: ['like', 'query'],
  },
  { name: 'map', usage: '[query]', summary: 'Lay samples out in two dimensions by how they look', group: 'See' },
  {
    name: 'cluster',
    usage: '',
    summary: 'Group samples by how they look, and name the groups',
    group: 'See',
    operation: 'spaces.cluster',
  },
  {
    name: 'duplicates',
    usage: '[query]',
    summary: 'Group samples that show the same scene',
    group: 'See',
    operation: 'curation.duplicates',
    positionals: ['query'],
  },
  {
    name: 'outliers',
    usage: '',
    summary: 'Samples that look like no other',
    group: 'See',
    operation: 'curation.outliers',
  },
  {
    name: 'score',
    usage: '',
    summary: 'Write how unusual and how typical each sample is',
    group: 'See',
    operation: 'curation.score',
  },
  {
    name: 'select',
    usage: '[query] --budget N',
    summary: 'Choose the samples worth labelling or keeping',
    group: 'See',
    operation: 'curation.select',
    positionals: ['query'],
  },
  {
    name: 'autotag',
    usage: '[query]',
    summary: 'Tag samples with what a network sees in them',
    group: 'See',
    operation: 'curation.autotag',
    positionals: ['query'],
  },
  {
    name: 'explain',
    usage: '<query>',
    summary: 'The shortest query that describes a selection',
    group: 'See',
    operation: 'query.explain',
    positionals: ['query'],
  },
  {
    name: 'split',
    usage: '[query]',
    summary: 'Split so that nothing leaks',
    group: 'See',
    operation: 'split.assign',
    positionals: ['query'],
  },
  {
    name: 'leaks',
    usage: '',
    summary: 'Pairs that show the same scene in different splits',
    group: 'See',
    operation: 'split.leaks',
  },
  { name: 'models', usage: '', summary: 'Models that make vectors, and registered ones', group: 'See' },
  {
    name: 'predict',
    usage: '<model> [query] --layer L',
    summary: 'Write what a model says of samples into a layer',
    group: 'See',
    operation: 'models.predict',
    positionals: ['model', 'query'],
  },
  { name: 'spaces', usage: '', summary: 'Embedding spaces of a dataset', group: 'See', operation: 'spaces.list' },
  {
    name: 'train',
    usage: '--task T [--trainer R] [--param k=v]',
    summary: 'Train a model on a dataset and register it',
    group: 'See',
  },
  {
    name: 'sweep',
    usage: '--task T --param k=a,b --param k=lo..hi',
    summary: 'Train with many parameters and compare',
    group: 'See',
  },
  {
    name: 'trainers',
    usage: '',
    summary: 'What can train, and its parameters',
    group: 'See',
    operation: 'training.trainers',
  },
  {
    name: 'evaluate',
    usage: '<model> --data Q',
    summary: 'Judge a model: figures, slices, errors',
    group: 'Check',
  },
  {
    name: 'compare',
    usage: '<model> <model> --data Q',
    summary: 'Hold two models against each other',
    group: 'Check',
  },
  {
    name: 'gate',
    usage: '<model> [--gate G] | --init',
    summary: 'Let a model through or keep it out, with evidence',
    group: 'Check',
  },
  {
    name: 'golden',
    usage: '<model> [query]',
    summary: 'Keep pictures with the answers of a model',
    group: 'Check',
    operation: 'gate.golden',
    positionals: ['model', 'query'],
  },
  {
    name: 'bundle',
    usage: '<model> [--target onnx|web|node] | verify <folder>',
    summary: 'Pack a model so that it runs by itself; try a pack out',
    group: 'Work',
  },
  { name: 'check', usage: '[suite] | --init', summary: 'Test the data by a suite; write a suite', group: 'Check' },
  { name: 'checks', usage: '', summary: 'List the kinds of checks', group: 'Check', operation: 'check.list' },
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
  {
    name: 'runs',
    usage: 'list | show | compare | rerun | rm',
    summary: 'Trainings, evaluations and gates with their metrics',
    group: 'Work',
    operation: 'run.list',
  },
  {
    name: 'serve',
    usage: '<model> [--name NAME] [--port N]',
    summary: 'Serve one model over HTTP: pictures in, answers out',
    group: 'Work',
  },
  {
    name: 'endpoints',
    usage: 'list | show | deploy | rollback | rm | key',
    summary: 'Models that are served, under names',
    group: 'Work',
    operation: 'serving.list',
  },
  { name: 'jobs', usage: '', summary: 'List long operations', group: 'Work', operation: 'job.list' },
  { name: 'demo', usage: 'make | run', summary: 'Make the demo dataset; run a whole demo', group: 'Work' },
]

/** The parts before the dot of the operation ids; each is a command with a verb for every operation. */
export const roomNames = [
  'bundle',
  'check',
  'curation',
  'dataset',
  'demo',
  'evaluation',
  'field',
  'gate',
  'history',
  'job',
  'models',
  'ontology',
  'quality',
  'query',
  'registry',
  'run',
  'sample',
  'serving',
  'slice',
  'spaces',
  'split',
  'training',
  'versions',
  'workspace',
] as const

/** Inputs that verbs of rooms take in order, beside taking them as flags. */
export const verbPositionals: Readonly<Record<string, readonly string[]>> = {
  'bundle.make': ['model'],
  'bundle.verify': ['folder'],
  'check.run': ['suite'],
  'check.report': ['id'],
  'dataset.show': ['dataset'],
  'dataset.create': ['name'],
  'dataset.delete': ['dataset'],
  'dataset.import': ['path'],
  'dataset.inspect': ['path'],
  'dataset.problems': ['dataset'],
  'dataset.export': ['query'],
  'demo.make': ['to'],
  'gate.run': ['model'],
  'gate.golden': ['model', 'query'],
  'gate.init': ['model'],
  'evaluation.compare': ['before', 'after'],
  'evaluation.model': ['model'],
  'evaluation.show': ['model'],
  'field.add': ['name', 'type'],
  'field.remove': ['name'],
  'history.undo': ['change'],
  'history.redo': ['change'],
  'job.show': ['job'],
  'job.cancel': ['job'],
  'job.resume': ['job'],
  'models.add': ['path'],
  'models.detect': ['model', 'query'],
  'models.predict': ['model', 'query'],
  'models.pull': ['id'],
  'models.remove': ['model'],
  'models.show': ['model'],
  'ontology.edit-class': ['class'],
  'query.explain': ['query'],
  'query.run': ['query'],
  'query.count': ['query'],
  'query.check': ['query'],
  'query.complete': ['query'],
  'query.stats': ['query'],
  'query.tree': ['query'],
  'registry.evidence': ['model', 'name'],
  'registry.list': ['model'],
  'registry.register': ['path'],
  'registry.remove': ['model'],
  'registry.show': ['model'],
  'registry.stage': ['model', 'stage'],
  'registry.verify': ['model'],
  'run.artefact': ['run', 'name'],
  'run.artefacts': ['run'],
  'run.compare': ['runs…'],
  'run.history': ['run'],
  'run.remove': ['runs…'],
  'run.rerun': ['run'],
  'run.show': ['run'],
  'sample.show': ['sample'],
  'sample.tag': ['query', 'tags…'],
  'sample.untag': ['query', 'tags…'],
  'sample.delete': ['query'],
  'serving.deploy': ['name', 'model'],
  'serving.key-add': ['name'],
  'serving.key-remove': ['name', 'id'],
  'serving.remove': ['name'],
  'serving.rollback': ['name'],
  'serving.show': ['name'],
  'serving.stats': ['name'],
  'slice.save': ['name', 'query'],
  'slice.show': ['name'],
  'slice.remove': ['name'],
  'spaces.embed': ['query'],
  'spaces.import': ['path'],
  'spaces.points': ['query'],
  'spaces.remove': ['space'],
  'spaces.similar': ['like', 'query'],
  'split.assign': ['query'],
  'versions.diff': ['before', 'after'],
  'versions.list': ['dataset'],
  'versions.show': ['ref'],
  'versions.tag': ['ref', 'name'],
  'versions.untag': ['name'],
  'curation.duplicates': ['query'],
  'curation.select': ['query'],
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
  for (const group of ['Start', 'Data', 'Look', 'See', 'Check', 'Change', 'Work'] as const) {
    lines.push(`${group}:`)
    for (const { name, usage, summary } of shortCommands.filter((command) => command.group === group)) {
      const left = `${name} ${usage}`.trimEnd()
      lines.push(left.length > 28 ? `  ${left}\n${' '.repeat(32)}${summary}` : `  ${left.padEnd(30)}${summary}`)
    }
    lines.push('')
  }
  lines.push('Every operation:', `  ${'<room> <verb> --flags'.padEnd(30)}A room with --help lists its verbs`)
  lines.push(...wrap(`Rooms: ${roomNames.join(', ')}`, 98).map((line) => `  ${line}`), '', 'Options:')
  for (const [flag, summary] of globalOptions) lines.push(`  ${flag.padEnd(30)}${summary}`)
  return `${lines.join('\n')}\n`
}

/** Lines of at most so many columns, broken at blanks. */
function wrap(text: string, columns: number): string[] {
  const lines = ['']
  for (const word of text.split(' ')) {
    const line = lines.at(-1)!
    if (line === '') lines[lines.length - 1] = word
    else if (line.length + 1 + word.length <= columns) lines[lines.length - 1] = `${line} ${word}`
    else lines.push(word)
  }
  return lines
}
