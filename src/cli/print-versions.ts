import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable, type Column } from './table.ts'
import { plural, shortTime, size } from './words.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>
type Version = contract.VersionSummary
type Changes = contract.VersionChanges

const number = (n: number): string => n.toLocaleString('en')
const nameOf = ({ dataset, version }: Version): string => `${dataset}@${version}`

/** `+3 −1 ~20`; empty where nothing differs. */
function tally({ added, removed, changed = 0 }: { added: number; removed: number; changed?: number }): string {
  const parts = [
    added > 0 ? `+${number(added)}` : '',
    removed > 0 ? `−${number(removed)}` : '',
    changed > 0 ? `~${number(changed)}` : '',
  ]
  return parts.filter((part) => part !== '').join(' ')
}

function shortChanges(changes: Changes | null): string {
  if (changes === null) return ''
  const labels = { added: 0, removed: 0, changed: 0 }
  for (const layer of changes.labels)
    for (const what of ['added', 'removed', 'changed'] as const) labels[what] += layer[what]
  const parts = [
    ['samples', tally(changes.samples)],
    ['labels', tally(labels)],
    ...changes.dictionary.map(({ kind, name, what }) => [kind, `${name} ${what}`]),
  ]
  return parts.flatMap(([what, said]) => (said === '' ? [] : `${what} ${said}`)).join(', ') || 'the same'
}

const versionColumns: Column<Version>[] = [
  { title: 'VERSION', value: nameOf },
  { title: 'TAGS', value: (v) => v.tags.join(', ') },
  { title: 'AT', value: (v) => shortTime(v.at) },
  { title: 'BY', value: (v) => v.actor },
  { title: 'SAMPLES', value: (v) => v.samples, right: true },
  { title: 'LABELS', value: (v) => v.labels, right: true },
  { title: 'CHANGED', value: (v) => shortChanges(v.changes) },
  { title: 'MESSAGE', value: (v) => v.message.split('\n')[0]! },
]

function formatChanges(changes: Changes, columns: number): string {
  const section = <R>(rows: readonly R[], shape: Column<R>[]): string =>
    rows.length === 0 ? '' : `\n${formatTable(rows, shape, columns)}`
  const { added, removed, changed } = changes.samples
  return [
    `samples: ${number(added)} added, ${number(removed)} removed, ${number(changed)} changed\n`,
    section(changes.dictionary, [
      { title: 'WHAT', value: ({ kind }) => kind },
      { title: 'NAME', value: ({ name }) => name },
      { title: '', value: ({ what }) => what },
      { title: 'HOW', value: ({ how }) => how },
    ]),
    section(changes.fields, [
      { title: 'FIELD', value: ({ field }) => field },
      { title: 'SAMPLES', value: ({ samples }) => samples, right: true },
    ]),
    section(changes.labels, [
      { title: 'LAYER', value: ({ layer }) => layer },
      { title: 'LABELS', value: (layer) => tally(layer) },
    ]),
    section(changes.tags, [
      { title: 'TAG', value: ({ tag }) => tag },
      { title: 'SAMPLES', value: (tag) => tally(tag) },
    ]),
  ].join('')
}

function printDiff(diff: Output<typeof contract.diffVersions>, columns: number): string {
  const between = `${diff.dataset}: ${diff.before} → ${diff.after ?? 'now'}`
  if (diff.same) return `${between}: nothing differs.\n`
  const listed = diff.listed.map(({ sample, path, what, fields, labels, tags }) => ({
    sample,
    path,
    what,
    how: [
      ...fields,
      ...(tally(labels) === '' ? [] : [`labels ${tally(labels)}`]),
      ...tags.added.map((tag) => `+tag:${tag}`),
      ...tags.removed.map((tag) => `−tag:${tag}`),
    ].join(', '),
  }))
  const all = diff.samples.added + diff.samples.removed + diff.samples.changed
  const more = all > listed.length ? `… and ${number(all - listed.length)} more; list them with --limit.\n` : ''
  const table =
    listed.length === 0
      ? ''
      : `\n${formatTable(
          listed,
          [
            { title: 'SAMPLE', value: (row) => row.sample },
            { title: '', value: (row) => row.what },
            { title: 'PATH', value: (row) => row.path },
            { title: 'IN', value: (row) => row.how },
          ],
          columns,
        )}`
  return `${between}\n${formatChanges(diff, columns)}${table}${more}`
}

function printCommit({ created, version, stored }: Output<typeof contract.commitVersion>): string {
  const name = nameOf(version)
  const tags = version.tags.length === 0 ? '' : ` (${version.tags.join(', ')})`
  if (!created) return `Nothing changed since ${name}${tags}: no version was made.\n`
  const since = version.changes === null ? '' : `Since the version before: ${shortChanges(version.changes)}\n`
  return [
    `Kept ${plural(version.samples, 'sample')} and ${plural(version.labels, 'label')} as ${name}${tags}, ${version.id.slice(0, 12)}\n`,
    since,
    `${size(stored.bytes)} in ${plural(stored.files, 'new file')}, ${plural(stored.pictures, 'picture')} copied\n`,
    `Compare with it later: fovea check --against ${version.version}, fovea diff ${version.version}\n`,
  ].join('')
}

function printVersion(
  { version, classes, layers, files, bytes }: Output<typeof contract.showVersion>,
  columns: number,
): string {
  const { tags, media, change, parents } = version
  return [
    `${nameOf(version)}${tags.length === 0 ? '' : ` (${tags.join(', ')})`}: ${plural(version.samples, 'sample')}, ${plural(version.labels, 'label')}, ${plural(classes, 'class', 'classes')}\n`,
    `id: ${version.id}\n`,
    ...parents.map((parent) => `after: ${parent}\n`),
    `made: ${shortTime(version.at)} by ${version.actor}${change === null ? '' : `, at change ${change}`}\n`,
    `layers: ${layers.join(', ') || 'none'}\n`,
    `pictures: ${media === 'store' ? 'kept in the workspace' : 'left where they were imported from'}\n`,
    `files: ${number(files.length)}, ${size(bytes)}\n`,
    `\n${version.message}\n`,
    version.changes === null ? '' : `\nSince the version before:\n${formatChanges(version.changes, columns)}`,
  ].join('')
}

export const versionPrinters = {
  'versions.commit': printCommit,
  'versions.list': ({ versions, total }: Output<typeof contract.listVersions>, columns: number) =>
    versions.length === 0
      ? 'There are no versions yet. Make one with: fovea commit -m "what it is"\n'
      : `${formatTable(versions, versionColumns, columns)}${total > versions.length ? `… of ${number(total)}\n` : ''}`,
  'versions.show': printVersion,
  'versions.diff': printDiff,
  'versions.tag': ({ version, moved }: Output<typeof contract.tagVersion>) =>
    `${nameOf(version)} is called ${version.tags.join(', ')}${moved === null ? '' : ` (moved from ${moved})`}\n`,
  'versions.untag': ({ version }: Output<typeof contract.untagVersion>) =>
    `Took the name away; ${nameOf(version)} stays${version.tags.length === 0 ? '' : ` and is called ${version.tags.join(', ')}`}.\n`,
}
