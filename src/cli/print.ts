import type { z } from 'zod'
import * as contract from '#contract'
import { checkPrinters } from './print-checks.ts'
import { evaluationPrinters } from './print-evaluation.ts'
import { releasePrinters } from './print-release.ts'
import { registryPrinters } from './print-registry.ts'
import { runPrinters } from './print-runs.ts'
import { servingPrinters } from './print-serving.ts'
import { formatStats, formatScalar } from './print-stats.ts'
import { trainingPrinters } from './print-training.ts'
import { vectorPrinters } from './print-vectors.ts'
import { versionPrinters } from './print-versions.ts'
import { formatTable, type Column } from './table.ts'
import { plural } from './words.ts'

type Printer = (output: never, columns: number) => string
type Output<S extends { output: z.ZodType }> = z.output<S['output']>

const shortTime = (iso: string): string => iso.slice(0, 19).replace('T', ' ')
const undoHint = (change: string | null): string => (change === null ? '' : ` Take it back with: fovea undo ${change}`)

function printChange(verb: string): (output: Output<typeof contract.tagSamples>) => string {
  return ({ changed, matched, change }) =>
    `${verb} ${plural(changed, 'sample')} of ${matched.toLocaleString('en')} matched.${undoHint(change)}\n`
}

const sliceColumns: Column<z.output<typeof contract.sliceSchema>>[] = [
  { title: 'NAME', value: (s) => s.name },
  { title: 'COUNT', value: (s) => s.count ?? 'no longer fits', right: true },
  { title: 'QUERY', value: (s) => s.query },
]

const jobColumns: Column<contract.Job>[] = [
  { title: 'JOB', value: (j) => j.id },
  { title: 'OPERATION', value: (j) => j.operation },
  { title: 'STATE', value: (j) => j.state },
  { title: 'STARTED', value: (j) => shortTime(j.startedAt) },
  {
    title: 'PROGRESS',
    value: (j) =>
      j.progress === null
        ? ''
        : `${j.progress.stage} ${j.progress.done}${j.progress.total === null ? '' : ` / ${j.progress.total}`} ${j.progress.unit}`,
  },
]

function printJob({ job }: { job: contract.Job }, columns: number): string {
  const error = job.error === null ? '' : `error ${job.error.code}: ${job.error.message}\n`
  return formatTable([job], jobColumns, columns) + error
}

function printDataset(d: Output<typeof contract.showDataset>, columns: number): string {
  const parts = [
    `${d.name}: ${plural(d.samples, 'sample')}, ${plural(d.labels, 'label')}${d.problems === 0 ? '' : `, ${plural(d.problems, 'problem')} (fovea problems)`}\n`,
  ]
  for (const [key, value] of Object.entries(d.card)) if (value !== '') parts.push(`${key}: ${value}\n`)
  const section = <R>(rows: readonly R[], shape: Column<R>[]): void => {
    if (rows.length > 0) parts.push(`\n${formatTable(rows, shape, columns)}`)
  }
  section(d.classes, [
    { title: 'CLASS', value: (c) => c.name },
    { title: 'SAMPLES', value: (c) => c.samples, right: true },
    { title: 'LABELS', value: (c) => c.labels, right: true },
  ])
  section(d.layers, [
    { title: 'LAYER', value: (l) => l.name },
    { title: 'SAMPLES', value: (l) => l.samples, right: true },
    { title: 'LABELS', value: (l) => l.labels, right: true },
  ])
  section(Object.entries(d.kinds), [
    { title: 'KIND', value: ([kind]) => kind },
    { title: 'LABELS', value: ([, count]) => count, right: true },
  ])
  section(d.splits, [
    { title: 'SPLIT', value: (s) => s.name ?? '(none)' },
    { title: 'SAMPLES', value: (s) => s.samples, right: true },
  ])
  section(d.tags, [
    { title: 'TAG', value: (t) => t.name },
    { title: 'SAMPLES', value: (t) => t.samples, right: true },
  ])
  return parts.join('')
}

function printSample({ dataset, sample, layers }: Output<typeof contract.showSample>, columns: number): string {
  const facts = Object.entries<contract.Scalar>({
    id: sample.id,
    dataset,
    tags: sample.tags.join(', '),
    ...sample.fields,
  }).filter(([, value]) => value !== null && value !== '')
  const head = formatTable(
    facts,
    [
      { title: 'FIELD', value: ([name]) => name },
      { title: 'VALUE', value: ([, value]) => formatScalar(value) },
    ],
    columns,
  )
  return (
    head +
    layers
      .filter((layer) => layer.labels.length > 0)
      .map(
        ({ layer, labels }) =>
          `\nlayer ${layer}\n${formatTable(
            labels,
            [
              { title: 'LABEL', value: (l) => l.id },
              { title: 'KIND', value: (l) => l.kind },
              { title: 'CLASS', value: (l) => l.class },
              {
                title: 'BOX',
                value: (l) => (l.box === null ? '' : [l.box.x, l.box.y, l.box.w, l.box.h].map(formatScalar).join(' ')),
              },
              { title: 'SCORE', value: (l) => (l.score === null ? '' : formatScalar(l.score)), right: true },
              {
                title: 'ATTRIBUTES',
                value: (l) =>
                  Object.entries(l.attributes)
                    .map(([k, v]) => `${k}=${v}`)
                    .join(' '),
              },
            ],
            columns,
          )}`,
      )
      .join('')
  )
}

function printHistory({ changes }: Output<typeof contract.listHistory>, columns: number): string {
  if (changes.length === 0) return 'Nothing was changed yet.\n'
  return formatTable(
    changes,
    [
      { title: 'CHANGE', value: (c) => c.id },
      { title: 'WHEN', value: (c) => shortTime(c.at) },
      { title: 'WHO', value: (c) => c.actor },
      { title: 'STATE', value: (c) => c.state },
      { title: 'DATASET', value: (c) => c.dataset ?? '' },
      { title: 'WHAT', value: (c) => c.summary },
    ],
    columns,
  )
}

function printImport(o: Output<typeof contract.importDataset>): string {
  return [
    `${o.dataset}: ${o.added.toLocaleString('en')} added, ${o.updated.toLocaleString('en')} updated, ${o.unchanged.toLocaleString('en')} unchanged, ${o.skipped.toLocaleString('en')} skipped; ${plural(o.labels, 'label')} written in ${o.seconds.toFixed(1)} s.`,
    `Read as ${o.detected.format}: ${o.detected.layout}.`,
    ...(o.problems === 0 ? [] : [`${plural(o.problems, 'problem')}; see them with: fovea problems`]),
    ...(o.change === null ? [] : [`Take it back with: fovea undo ${o.change}`]),
  ]
    .map((line) => `${line}\n`)
    .join('')
}

function printExport(o: Output<typeof contract.exportDataset>): string {
  const lost = o.losses.map((loss) => `  lost: ${loss.what} (${loss.count.toLocaleString('en')})\n`).join('')
  return `${plural(o.samples, 'sample')}, ${plural(o.labels, 'label')}, ${plural(o.files, 'file')} in ${o.to}\n${lost}`
}

function printInspect(o: Output<typeof contract.inspectSource>): string {
  const line = (d: typeof o.detected): string => `${d.format}: ${d.layout} (${d.evidence})\n`
  const others = o.candidates.filter((c) => c.format !== o.detected.format || c.layout !== o.detected.layout)
  return `${line(o.detected)}${plural(o.files, 'file')}\n${others.length === 0 ? '' : `Could also be read as:\n${others.map((c) => `  ${line(c)}`).join('')}`}`
}

/** How the output of an operation is shown to people. Operations without an entry are shown as indented JSON. */
const printers: Readonly<Record<string, Printer>> = {
  'workspace.info': (o: Output<typeof contract.workspaceInfo>) =>
    `${o.path}\nfovea ${o.version}, catalogue version ${o.schema}, ${plural(o.datasets, 'dataset')}, ${(o.bytes / 1e6).toFixed(1)} MB\n`,
  'dataset.list': ({ datasets }: Output<typeof contract.listDatasets>, columns) =>
    datasets.length === 0
      ? 'There is no dataset yet. Import one: fovea import FOLDER\n'
      : formatTable(
          datasets,
          [
            { title: 'DATASET', value: (d) => d.name },
            { title: 'SAMPLES', value: (d) => d.samples, right: true },
            { title: 'LABELS', value: (d) => d.labels, right: true },
            { title: 'UPDATED', value: (d) => shortTime(d.updatedAt) },
          ],
          columns,
        ),
  'dataset.show': printDataset,
  'dataset.import': printImport,
  'dataset.export': printExport,
  'dataset.inspect': printInspect,
  'dataset.problems': ({ total, problems }: Output<typeof contract.listProblems>, columns) =>
    total === 0
      ? 'No problems.\n'
      : `${formatTable(
          problems,
          [
            { title: 'CODE', value: (p) => p.code },
            { title: 'FILE', value: (p) => p.file, keepEnd: true },
            { title: 'WHAT', value: (p) => p.what },
            { title: 'FIX', value: (p) => p.fix },
          ],
          columns,
        )}${problems.length < total ? `… ${(total - problems.length).toLocaleString('en')} more; see them with --limit\n` : ''}`,
  'field.list': ({ fields }: Output<typeof contract.listFields>, columns) =>
    formatTable(
      fields,
      [
        { title: 'FIELD', value: (f) => f.name },
        { title: 'TYPE', value: (f) => f.type },
        { title: 'UNIT', value: (f) => f.unit ?? '' },
        { title: 'WHAT', value: (f) => f.summary },
      ],
      columns,
    ),
  'ontology.show': ({ classes }: Output<typeof contract.showOntology>, columns) =>
    formatTable(
      classes,
      [
        { title: 'CLASS', value: (c) => c.name },
        { title: 'COLOUR', value: (c) => c.color },
        { title: 'KEY', value: (c) => c.hotkey ?? '' },
        { title: 'DEFINITION', value: (c) => c.definition },
      ],
      columns,
    ),
  'query.count': ({ count }: Output<typeof contract.countQuery>) => `${count}\n`,
  'query.stats': formatStats,
  'query.tree': ({ folders }: Output<typeof contract.folderTree>, columns) =>
    formatTable(
      folders,
      [
        { title: 'FOLDER', value: (f) => `${'  '.repeat(f.depth)}${f.path === '' ? '.' : f.path.split('/').at(-1)!}` },
        { title: 'SAMPLES', value: (f) => f.count, right: true },
      ],
      columns,
    ),
  'sample.show': printSample,
  'sample.tag': printChange('Tagged'),
  'sample.untag': printChange('Untagged'),
  'sample.set': printChange('Set'),
  'sample.delete': printChange('Removed'),
  'slice.save': ({ slice }: Output<typeof contract.saveSlice>) =>
    `Saved ${slice.name}${slice.count === null ? '' : `: ${plural(slice.count, 'sample')}`}.\n`,
  'slice.list': ({ slices }: Output<typeof contract.listSlices>, columns) =>
    slices.length === 0 ? 'No slice is saved.\n' : formatTable(slices, sliceColumns, columns),
  'slice.show': ({ slice }: Output<typeof contract.showSlice>, columns) => formatTable([slice], sliceColumns, columns),
  'slice.remove': ({ change }: Output<typeof contract.removeSlice>) => `Forgotten.${undoHint(change)}\n`,
  'history.list': printHistory,
  'history.undo': ({ undone }: Output<typeof contract.undoChange>) =>
    `Undone ${undone.id}: ${undone.summary}. Bring it back with: fovea redo ${undone.id}\n`,
  'history.redo': ({ redone }: Output<typeof contract.redoChange>) => `Redone ${redone.id}: ${redone.summary}.\n`,
  'job.list': ({ jobs }: Output<typeof contract.listJobs>, columns) =>
    jobs.length === 0 ? 'No jobs.\n' : formatTable(jobs, jobColumns, columns),
  'job.show': printJob,
  'job.cancel': printJob,
  'job.resume': printJob,
  'demo.make': (o: Output<typeof contract.makeDemo>) =>
    `${plural(o.images, 'image')} and ${plural(o.masks, 'mask')} in ${o.to}\nPlanted faults: ${Object.entries(o.faults)
      .map(([kind, count]) => `${kind} ${count}`)
      .join(', ')}\n`,
}

export function printOutput(operation: string, output: unknown, columns: number): string {
  const printer = (printers[operation] ??
    vectorPrinters[operation] ??
    (versionPrinters as Readonly<Record<string, Printer>>)[operation] ??
    checkPrinters[operation] ??
    runPrinters[operation] ??
    evaluationPrinters[operation] ??
    (releasePrinters as Readonly<Record<string, unknown>>)[operation] ??
    registryPrinters[operation] ??
    trainingPrinters[operation] ??
    servingPrinters[operation]) as ((output: unknown, columns: number) => string) | undefined
  if (operation === 'run.rerun') {
    const again = output as Output<typeof contract.rerunRun>
    return printOutput(again.operation, again.output, columns)
  }
  return printer === undefined ? `${JSON.stringify(output, null, 2)}\n` : printer(output, columns)
}
