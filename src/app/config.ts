import { readFile } from 'node:fs/promises'
import { delimiter, resolve } from 'node:path'
import { z } from 'zod'
import { FoveaError } from '#base'
import { nearestName } from './nearest.ts'
import type { Workspace } from './workspace.ts'

const threads = z.int('Expected a whole number of threads').min(1).max(1024)
const argv = z.array(z.string()).min(1, 'Expected a program and its arguments')
/** A program that may run as a trainer: its arguments, or a table that also says where it runs. */
const trainerCommand = z.union(
  [
    argv.transform((run): { run: string[]; cwd?: string } => ({ run })),
    z.strictObject({ run: argv, cwd: z.string().optional() }),
  ],
  {
    error: 'Expected ["program", "argument"], or a table of run and cwd',
  },
)

/** Every setting, with its default where it has one. */
const configSchema = z.strictObject({
  server: z.strictObject({
    port: z.int('Expected a whole number').min(0).max(65_535).default(7077),
    host: z.string().min(1).default('127.0.0.1'),
    token: z.string().min(16, 'A token has at least 16 characters').optional(),
    allowedHosts: z.array(z.string().min(1)).default([]),
  }),
  limits: z.strictObject({
    maxPixels: z.int('Expected a whole number').min(1).default(250_000_000),
    maxBodyBytes: z
      .int('Expected a whole number of bytes')
      .min(1024)
      .default(4 * 1024 * 1024),
    /** Of one file. */
    maxUploadBytes: z
      .int('Expected a whole number of bytes')
      .min(1024)
      .default(2 * 1024 ** 3),
    /** Of all files of one upload. */
    maxUploadTotalBytes: z
      .int('Expected a whole number of bytes')
      .min(1024)
      .default(100 * 1024 ** 3),
    /** Of one upload. */
    maxUploadFiles: z.int('Expected a whole number of files').min(1).default(1_000_000),
    ratePerMinute: z.int('Expected a whole number').min(1).default(6_000),
  }),
  catalog: z.strictObject({
    memoryMb: z.int('Expected a whole number of MB').min(64).optional(),
    threads: threads.optional(),
  }),
  media: z.strictObject({ threads: threads.optional() }),
  models: z.strictObject({ threads: threads.optional() }),
  serving: z.strictObject({
    /** Of one request to an endpoint. */
    maxBodyBytes: z
      .int('Expected a whole number of bytes')
      .min(1024)
      .default(64 * 1024 ** 2),
    /** Pictures of one request. */
    maxFiles: z.int('Expected a whole number of pictures').min(1).default(64),
    maxPixels: z.int('Expected a whole number').min(1).default(64_000_000),
  }),
  jobs: z.strictObject({
    /** Records of ended jobs that are kept; older ones are removed. */
    keep: z.int('Expected a whole number of jobs').min(1).default(1_000),
  }),
  checks: z.strictObject({
    /** Reports of checks that are kept; older ones are removed. */
    keep: z.int('Expected a whole number of reports').min(1).default(500),
  }),
  training: z.strictObject({
    /** Interpreter of the trainer torch: a name on PATH, or a path. */
    python: z.string().min(1).default('python3'),
    /** Programs that the trainer command may run, by name. */
    commands: z
      .record(
        z
          .string()
          .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/i, 'Expected a name of letters, digits, dot, dash and underscore'),
        trainerCommand,
      )
      .default({}),
  }),
  import: z.strictObject({ roots: z.array(z.string().min(1)).default([]) }),
})
export type Config = z.output<typeof configSchema>

interface Setting {
  section: string
  key: string
  schema: z.ZodType
  /** How text (environment, flags) is read. */
  text: (value: string) => unknown
}

function listSettings(): Map<string, Setting> {
  const settings = new Map<string, Setting>()
  for (const [section, object] of Object.entries(configSchema.shape)) {
    for (const [key, schema] of Object.entries(object.shape as Record<string, z.ZodType>)) {
      settings.set(`${section}.${key}`, { section, key, schema, text: textReader(schema) })
    }
  }
  return settings
}

function textReader(schema: z.ZodType): Setting['text'] {
  if (schema.safeParse(['x']).success) {
    return (value) =>
      value
        .split(new RegExp(`[,${delimiter}]`))
        .map((part) => part.trim())
        .filter((part) => part !== '')
  }
  if (schema.safeParse({}).success) return readJson
  if ([1, 64, 4096].some((number) => schema.safeParse(number).success))
    return (value) => (/^\s*-?\d+(\.\d+)?\s*$/.test(value) ? Number(value) : value)
  return (value) => value
}

/** The text itself where it is no JSON: the schema says what was expected. */
function readJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown
  } catch {
    return text
  }
}

/** `server.port` → `FOVEA_SERVER_PORT`. */
function environmentName(setting: string): string {
  return `FOVEA_${setting
    .replaceAll('.', '_')
    .replace(/[A-Z]/g, (c) => `_${c}`)
    .toUpperCase()}`
}

/** Environment variables that are no settings. */
const otherVariables = ['FOVEA_WORKSPACE', 'FOVEA_JOB']

export interface ConfigSources {
  workspace: Workspace
  env: Readonly<Record<string, string | undefined>>
  /** `section.key` → text, as given on the command line. */
  flags?: Readonly<Record<string, string | undefined>>
}

/**
 * Settings: defaults < `.fovea/config.toml` < `FOVEA_*` < flags. Relative paths are below the workspace folder.
 * Throws CONFIG_INVALID with every problem and its source.
 */
export async function loadConfig(sources: ConfigSources): Promise<Config> {
  const settings = listSettings()
  const problems: string[] = []
  const values = new Map<string, unknown>()
  const take = (name: string, value: unknown, source: string): void => {
    const setting = settings.get(name)!
    const result = setting.schema.safeParse(value)
    if (result.success) values.set(name, result.data)
    else
      for (const issue of result.error.issues)
        problems.push(`${source}: ${name} = ${JSON.stringify(value)}: ${issue.message}.`)
  }
  const unknown = (name: string, known: readonly string[], source: string): void => {
    const near = nearestName(name, known)
    problems.push(`${source}: ${name} is no setting${near === undefined ? '' : `; did you mean ${near}?`}`)
  }

  for (const [name, value] of await readToml(sources.workspace.configFile, problems)) {
    if (settings.has(name)) take(name, value, '.fovea/config.toml')
    else unknown(name, [...settings.keys()], '.fovea/config.toml')
  }
  const byVariable = new Map([...settings.keys()].map((name) => [environmentName(name), name]))
  for (const [variable, value] of Object.entries(sources.env)) {
    if (!variable.startsWith('FOVEA_') || value === undefined || otherVariables.includes(variable)) continue
    const name = byVariable.get(variable)
    if (name === undefined) unknown(variable, [...byVariable.keys(), ...otherVariables], 'environment')
    else take(name, settings.get(name)!.text(value), `environment ${variable}`)
  }
  for (const [name, value] of Object.entries(sources.flags ?? {})) {
    if (value !== undefined) take(name, settings.get(name)!.text(value), `flag --${settings.get(name)!.key}`)
  }

  if (problems.length > 0) {
    throw new FoveaError(
      'CONFIG_INVALID',
      `The configuration has ${problems.length === 1 ? 'a problem' : `${problems.length} problems`}:\n  ${problems.join('\n  ')}`,
      {
        hint: `Mend them in ${sources.workspace.configFile}, the environment or the command line.`,
        details: { problems },
      },
    )
  }
  const nested: Record<string, Record<string, unknown>> = {}
  for (const section of Object.keys(configSchema.shape)) nested[section] = {}
  for (const [name, value] of values) nested[settings.get(name)!.section]![settings.get(name)!.key] = value
  const config = configSchema.parse(nested)
  const { folder } = sources.workspace
  config.import.roots = config.import.roots.map((root) => resolve(folder, root))
  if (/[\\/]/.test(config.training.python)) config.training.python = resolve(folder, config.training.python)
  for (const command of Object.values(config.training.commands)) command.cwd = resolve(folder, command.cwd ?? '.')
  return config
}

/** The file as `section.key` pairs; a fault in its syntax becomes a problem. */
async function readToml(file: string, problems: string[]): Promise<[string, unknown][]> {
  let text: string
  try {
    text = await readFile(file, 'utf8')
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT')
      problems.push(`.fovea/config.toml: it cannot be read (${(error as Error).message})`)
    return []
  }
  if (!/^\s*[^#\s]/m.test(text)) return []
  const { parse } = await import('smol-toml')
  try {
    return Object.entries(parse(text)).flatMap(([section, value]): [string, unknown][] =>
      typeof value === 'object' && !Array.isArray(value) && !(value instanceof Date)
        ? Object.entries(value).map(([key, inner]) => [`${section}.${key}`, inner])
        : [[section, value]],
    )
  } catch (error) {
    problems.push(`.fovea/config.toml: ${(error as Error).message.split('\n')[0]}`)
    return []
  }
}
