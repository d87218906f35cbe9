import type { z } from 'zod'
import type * as contract from '#contract'
import { formatTable, type Column } from './table.ts'
import { plural } from './words.ts'

type Output<S extends { output: z.ZodType }> = z.output<S['output']>

const percent = (share: number): string => `${(100 * share).toFixed(1)} %`
const undoHint = (change: string | null): string => (change === null ? '' : `Take it back with: fovea undo ${change}\n`)
const megabytes = (bytes: number): string => `${(bytes / 1e6).toFixed(1)} MB`

const modelColumns: Column<contract.Model>[] = [
  { title: 'MODEL', value: (m) => m.name },
  { title: 'ORIGIN', value: (m) => m.origin },
  { title: 'TASK', value: (m) => m.task },
  { title: 'DIMENSIONS', value: (m) => m.dimensions || '', right: true },
  {
    title: 'TEXT',
    value: (m) => (m.readsText ? 'yes' : m.classes > 0 && m.task === 'embedding' ? 'by classes' : 'no'),
  },
  { title: 'SIZE', value: (m) => megabytes(m.bytes), right: true },
  { title: 'LICENCE', value: (m) => m.licence },
  { title: 'TITLE', value: (m) => m.title },
]

const spaceColumns: Column<contract.Space>[] = [
  { title: 'SPACE', value: (s) => s.name },
  { title: 'OF', value: (s) => (s.layer === null ? s.of : `${s.of} of ${s.layer}`) },
  { title: 'MODEL', value: (s) => s.model },
  { title: 'VECTORS', value: (s) => s.vectors, right: true },
  { title: 'DIMENSIONS', value: (s) => s.dimensions, right: true },
  { title: 'MISSING', value: (s) => s.missing, right: true },
  { title: 'CHANGED', value: (s) => s.stale, right: true },
  { title: 'FAILED', value: (s) => s.failed, right: true },
  { title: 'SIZE', value: (s) => megabytes(s.bytes), right: true },
  { title: 'MAPS', value: (s) => s.maps.join(', ') },
]

function printEmbed(o: Output<typeof contract.embed>): string {
  const lines = [
    `${o.space}: ${plural(o.embedded, 'vector')} of ${o.dimensions} numbers made, ${o.unchanged} unchanged, ${o.failed} failed.`,
    ...o.failures.slice(0, 10).map(({ id, what }) => `  ${id}: ${what}`),
    ...(o.failed > 10 ? [`  … ${o.failed - 10} more; see all with --json`] : []),
  ]
  return `${lines.join('\n')}\n`
}

function printAutotags(o: Output<typeof contract.autotagSamples>): string {
  const tags = o.tags.slice(0, 20).map(({ tag, samples }) => `  ${tag}  ${samples.toLocaleString('en')}`)
  const more = o.tags.length > 20 ? [`  … ${o.tags.length - 20} more; see all with --json`] : []
  const found = o.space === null ? '' : `, ${plural(o.tagged, 'sample')} of ${o.samples.toLocaleString('en')} tagged`
  return `${[`${plural(o.added, 'tag')} put on, ${o.removed} taken off${found}.`, ...tags, ...more].join('\n')}\n${undoHint(o.change)}`
}

function printDetected(o: Output<typeof contract.detectObjects>): string {
  const lines = [
    `${plural(o.boxes, 'box', 'boxes')} on ${plural(o.samples, 'sample')} in layer ${o.layer}, ${plural(o.failed, 'file')} not readable.`,
    ...o.classes.slice(0, 20).map(({ class: of, boxes }) => `  ${of}  ${boxes.toLocaleString('en')}`),
    ...o.failures.slice(0, 10).map(({ id, what }) => `  ${id}: ${what}`),
  ]
  return `${lines.join('\n')}\n${undoHint(o.change)}`
}

function printSimilar(o: Output<typeof contract.findSimilar>, columns: number): string {
  const how = o.index === 'exact' ? 'exact' : `approximate, recall ${o.recall === null ? 'unknown' : percent(o.recall)}`
  if (o.neighbours.length === 0) return 'Nothing to compare with.\n'
  const table = formatTable(
    o.neighbours,
    [
      { title: 'SAMPLE', value: (n) => (n.label === null ? n.sample : `${n.sample} ${n.label}`) },
      { title: 'COSINE', value: (n) => n.score.toFixed(4), right: true },
      { title: 'PATH', value: (n) => n.path, keepEnd: true },
    ],
    columns,
  )
  return `${table}Space ${o.space}, ${how}.\n`
}

function printClusters(o: Output<typeof contract.makeClusters>, columns: number): string {
  const table =
    o.clusters.length === 0
      ? ''
      : formatTable(
          o.clusters,
          [
            { title: 'CLUSTER', value: (c) => c.name },
            { title: 'SAMPLES', value: (c) => c.size, right: true },
            {
              title: 'CLASSES',
              value: (c) =>
                c.classes
                  .slice(0, 3)
                  .map(({ name, share }) => `${name} ${percent(share)}`)
                  .join(', '),
            },
            {
              title: 'AUTO-TAGS',
              value: (c) =>
                c.tags
                  .slice(0, 3)
                  .map(({ name }) => name)
                  .join(', '),
            },
          ],
          columns,
        )
  return `${table}${plural(o.clusters.length, 'cluster')} in the field ${o.field}, ${plural(o.unclustered, 'sample')} in none.\n${undoHint(o.change)}`
}

function printDuplicates(o: Output<typeof contract.findDuplicates>, columns: number): string {
  const shown = o.groups.toSorted((a, b) => b.samples.length - a.samples.length).slice(0, 20)
  const table =
    shown.length === 0
      ? ''
      : formatTable(
          shown,
          [
            { title: 'GROUP', value: (g) => g.group },
            { title: 'SAMPLES', value: (g) => g.samples.length, right: true },
            { title: 'KEEP', value: (g) => g.keep },
            { title: 'BY', value: (g) => g.by.join(', ') },
            { title: 'PATHS', value: (g) => g.samples.map(({ path }) => path).join(', ') },
          ],
          columns,
        )
  const more =
    o.groups.length > shown.length
      ? `The ${shown.length} largest of ${plural(o.groups.length, 'group')}; see all with --json.\n`
      : ''
  return `${table}${more}${plural(o.grouped, 'sample')} of ${o.samples.toLocaleString('en')} in ${plural(o.groups.length, 'group')} (${plural(o.pairs, 'pair')} at ${o.threshold} and above; ${plural(o.mixedGroups, 'group')} with different classes).\n${undoHint(o.change)}`
}

function printOutliers(o: Output<typeof contract.findOutliers>, columns: number): string {
  const table =
    o.outliers.length === 0
      ? ''
      : formatTable(
          o.outliers,
          [
            { title: 'SAMPLE', value: (s) => s.sample },
            { title: 'SCORE', value: (s) => s.score.toFixed(4), right: true },
            { title: 'PATH', value: (s) => s.path, keepEnd: true },
          ],
          columns,
        )
  return `${table}${plural(o.count, 'outlier')} beyond ${o.threshold.toFixed(4)}, in the fields outlier and outlier_score.\n${undoHint(o.change)}`
}

function printChosen(o: Output<typeof contract.selectSamples>): string {
  const told = o.coverage === null ? '' : ` They cover ${percent(o.coverage)} of the samples chosen among.`
  const lines = o.chosen.map(({ sample, path }) => `${sample}\t${path}\n`).join('')
  return `${lines}${plural(o.chosen.length, 'sample')} chosen by ${o.strategy}.${told}\n${undoHint(o.change)}`
}

function printExplanations(o: Output<typeof contract.explainQuery>, columns: number): string {
  if (o.explanations.length === 0)
    return `Nothing tells the ${o.selected} selected of ${o.of} samples from the others.\n`
  const table = formatTable(
    o.explanations,
    [
      { title: 'QUERY', value: (e) => e.query },
      { title: 'PRECISION', value: (e) => percent(e.precision), right: true },
      { title: 'RECALL', value: (e) => percent(e.recall), right: true },
      { title: 'SAMPLES', value: (e) => e.count, right: true },
    ],
    columns,
  )
  return `${table}${o.selected.toLocaleString('en')} of ${plural(o.of, 'sample')} selected.\n`
}

function printSplit(o: Output<typeof contract.assignSplit>, columns: number): string {
  const table = formatTable(
    o.splits,
    [
      { title: 'SPLIT', value: (s) => s.name },
      { title: 'SAMPLES', value: (s) => s.count, right: true },
      { title: 'SHARE', value: (s) => percent(s.share), right: true },
      { title: 'WANTED', value: (s) => percent(s.wanted), right: true },
      { title: 'GROUPS', value: (s) => s.groups, right: true },
      {
        title: 'CLASSES',
        value: (s) =>
          Object.entries(s.strata)
            .map(([name, count]) => `${name} ${count}`)
            .join(', '),
      },
    ],
    columns,
  )
  const notes = o.notes.map((note) => `Note: ${note}\n`).join('')
  return `${table}${notes}${plural(o.groups, 'group')} kept whole.\n${undoHint(o.change)}`
}

function printLeaks(o: Output<typeof contract.findLeaks>, columns: number): string {
  if (o.count === 0) return `No pair at ${o.threshold} and above lies in different splits.\n`
  const table = formatTable(
    o.pairs.slice(0, 20),
    [
      { title: 'A', value: (p) => p.a },
      { title: 'SPLIT', value: (p) => p.splitA },
      { title: 'B', value: (p) => p.b },
      { title: 'SPLIT', value: (p) => p.splitB },
      { title: 'SCORE', value: (p) => p.score.toFixed(4), right: true },
      { title: 'PATHS', value: (p) => `${p.pathA}, ${p.pathB}` },
    ],
    columns,
  )
  const between = o.between.map(({ a, b, pairs }) => `${a} and ${b} ${pairs}`).join(', ')
  return `${table}${plural(o.count, 'pair')} in different splits: ${between}.\nSplit again so that scenes stay together: fovea split --group duplicates\n`
}

/** How the operations of models, spaces, curation and splits are shown to people. */
export const vectorPrinters: Record<string, (output: never, columns: number) => string> = {
  'models.list': ({ models }: Output<typeof contract.listModels>, columns) =>
    formatTable(models, modelColumns, columns),
  'models.show': ({ model, card }: Output<typeof contract.showModel>, columns) =>
    `${formatTable([model], modelColumns, columns)}Source: ${model.source}\nFingerprint: ${model.fingerprint}\n${card === null ? '' : `${JSON.stringify(card, null, 2)}\n`}`,
  'models.add': ({ model }: Output<typeof contract.addModel>, columns) => formatTable([model], modelColumns, columns),
  'models.pull': ({ model }: Output<typeof contract.pullModel>, columns) => formatTable([model], modelColumns, columns),
  'models.remove': ({ removed }: Output<typeof contract.removeModel>) => `Removed model ${removed}.\n`,
  'spaces.list': ({ spaces }: Output<typeof contract.listSpaces>, columns) =>
    spaces.length === 0 ? 'No space yet. Make one with: fovea embed\n' : formatTable(spaces, spaceColumns, columns),
  'spaces.embed': printEmbed,
  'spaces.remove': ({ removed }: Output<typeof contract.removeSpace>) => `Removed space ${removed}.\n`,
  'spaces.import': (o: Output<typeof contract.importVectors>) =>
    `${o.space}: ${plural(o.vectors, 'vector')} of ${o.dimensions} numbers.\n`,
  'spaces.similar': printSimilar,
  'spaces.map': (o: Output<typeof contract.makeMap>) =>
    `${plural(o.points, 'point')} on the ${o.method} map of ${o.space}${o.placed > 0 ? `, ${o.placed} placed into it now` : ''}${o.trustworthiness === null ? '' : `; trustworthiness ${o.trustworthiness.toFixed(3)}`}.\n`,
  'spaces.cluster': printClusters,
  'curation.duplicates': printDuplicates,
  'curation.outliers': printOutliers,
  'curation.score': (o: Output<typeof contract.scoreSamples>) =>
    `${plural(o.samples, 'sample')} scored: ${o.fields.join(', ')}.\n${undoHint(o.change)}`,
  'curation.select': printChosen,
  'curation.autotag': printAutotags,
  'models.detect': printDetected,
  'query.explain': printExplanations,
  'split.assign': printSplit,
  'split.leaks': printLeaks,
}
