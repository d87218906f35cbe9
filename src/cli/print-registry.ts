import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable, type Column } from './table.ts'
import { shortTime, size } from './words.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>
type Printer = (output: never, columns: number) => string
type Version = contract.RegisteredVersion

const round = (value: number): string => String(Number(value.toPrecision(4)))
const nameOf = ({ model, version }: Pick<Version, 'model' | 'version'>): string => `${model}:${version}`

const versionColumns: Column<Version>[] = [
  { title: 'MODEL', value: nameOf },
  { title: 'TASK', value: (v) => v.task },
  { title: 'STAGE', value: (v) => (v.stage === 'none' ? '' : v.stage) },
  { title: 'ALIASES', value: (v) => v.aliases.join(', ') },
  { title: 'SIZE', value: (v) => size(v.files.reduce((sum, file) => sum + file.bytes, 0)), right: true },
  { title: 'REGISTERED', value: (v) => shortTime(v.createdAt) },
  {
    title: 'METRICS',
    value: (v) =>
      Object.entries(v.metrics)
        .map(([name, value]) => `${name} ${round(value)}`)
        .join('  '),
  },
]

/** Versions of registered models. */
export function formatVersions(versions: readonly Version[], columns: number): string {
  return versions.length === 0 ? 'No model is registered.\n' : formatTable(versions, versionColumns, columns)
}

function printModel({ version: v, run, attached }: Output<typeof contract.showRegistered>, columns: number): string {
  const { data } = v
  const lines = [
    `${nameOf(v)}: ${v.task}, stage ${v.stage}${v.aliases.length === 0 ? '' : `, ${v.aliases.join(', ')}`}`,
    ...(v.classes.length === 0 ? [] : [`classes: ${v.classes.join(', ')}`]),
    ...(data === null
      ? []
      : [
          `data: ${data.samples} samples of ${data.dataset} to learn from, ${data.validation} held out${data.query === '' ? '' : `, ${data.query}`}; layer ${data.layer}, digest ${data.digest.slice(0, 16)}`,
        ]),
    ...(v.run === null
      ? []
      : [`run: ${v.run}${run === null ? ' (removed)' : `, ${run.kind} ${run.name}, ${run.state}`}`]),
    `folder: ${v.folder}`,
  ]
  const section = <R>(rows: readonly R[], shape: Column<R>[]): string =>
    rows.length === 0 ? '' : `\n${formatTable(rows, shape, columns)}`
  return [
    `${lines.join('\n')}\n`,
    section(Object.entries(v.metrics), [
      { title: 'METRIC', value: ([name]) => name },
      { title: 'VALUE', value: ([, value]) => round(value), right: true },
    ]),
    section(v.files, [
      { title: 'FILE', value: (file) => file.name },
      { title: 'BYTES', value: (file) => file.bytes, right: true },
      { title: 'SHA-256', value: (file) => file.sha256.slice(0, 16) },
    ]),
    section(attached, [
      { title: 'EVIDENCE', value: (file) => file.name },
      { title: 'BYTES', value: (file) => file.bytes, right: true },
    ]),
    section(v.events, [
      { title: 'WHEN', value: (event) => shortTime(event.at) },
      { title: 'WHO', value: (event) => event.actor },
      { title: 'WHAT', value: (event) => event.what },
      { title: 'WHY', value: (event) => event.reason },
    ]),
  ].join('')
}

function printVerified({ verified, faults }: Output<typeof contract.verifyModels>): string {
  if (verified.length === 0) return 'No model is registered.\n'
  const lines = verified.flatMap((one) =>
    one.faults.length === 0
      ? [`${nameOf(one)}: ${one.files} files, ${size(one.bytes)}, as registered`]
      : [`${nameOf(one)}:`, ...one.faults.map(({ name, fault }) => `  ${name} ${fault}`)],
  )
  const end = faults === 0 ? '' : `${faults} ${faults === 1 ? 'file is' : 'files are'} not as registered.\n`
  return `${lines.join('\n')}\n${end}`
}

export const registryPrinters: Record<string, Printer> = {
  'registry.list': ({ versions }: Output<typeof contract.listRegistered>, columns) => formatVersions(versions, columns),
  'registry.show': printModel,
  'registry.register': ({ version }: Output<typeof contract.registerModel>, columns) =>
    formatVersions([version], columns),
  'registry.alias': ({ versions }: Output<typeof contract.setModelAlias>, columns) =>
    formatVersions(versions.toReversed(), columns),
  'registry.stage': ({ version }: Output<typeof contract.setModelStage>, columns) => formatVersions([version], columns),
  'registry.verify': printVerified,
  'registry.remove': ({ removed }: Output<typeof contract.removeRegistered>) => `Removed ${removed}.\n`,
  'registry.evidence': ({ text }: Output<typeof contract.readEvidence>) => (text.endsWith('\n') ? text : `${text}\n`),
}
