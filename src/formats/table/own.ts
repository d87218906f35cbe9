import { labelSchema, type Label, type Scalar } from '#contract'
import { problem } from '../layout.ts'
import type { DraftLabel, DraftProblem, ExportSample } from '../types.ts'
import { toStructure, toTags, toText, writeTags } from './values.ts'

/** The columns fovea's own tables begin with, in this order; fields of the user follow. */
export const ownColumns = ['path', 'split', 'class', 'tags', 'width', 'height', 'labels'] as const
/** The keys of a line of fovea's own JSONL. */
export const ownKeys = ['path', 'split', 'width', 'height', 'tags', 'fields', 'labels'] as const

export type OwnRow = Record<(typeof ownColumns)[number], string | number | null>

export function isOwnHeader(columns: readonly string[]): boolean {
  return ownColumns.every((name, i) => columns[i] === name)
}

export function isOwnKeys(columns: readonly string[]): boolean {
  return ownKeys.every((name) => columns.includes(name)) && columns.length === ownKeys.length
}

/** The named columns of a sample's row. Its one plain class stands in `class`; every other label in `labels`, as JSON. */
export function ownRowOf(sample: ExportSample, path: string): OwnRow {
  const classes = sample.labels.filter((label) => label.kind === 'class')
  const only = classes.length === 1 && isPlain(classes[0]!) ? classes[0]! : null
  const rest = sample.labels.filter((label) => label !== only)
  return {
    path,
    split: sample.split,
    class: only?.class ?? null,
    tags: sample.tags.length === 0 ? null : writeTags(sample.tags),
    width: sample.width,
    height: sample.height,
    labels: rest.length === 0 ? null : JSON.stringify(rest),
  }
}

function isPlain(label: Label): boolean {
  return (
    label.class !== '' && label.score === null && label.author === null && Object.keys(label.attributes).length === 0
  )
}

const prefix = 'fields.'

/** Column of a field: its name, with `fields.` before it where it would be mistaken for another column. */
export function columnOfField(field: string): string {
  return (ownColumns as readonly string[]).includes(field.toLowerCase()) || field.toLowerCase().startsWith(prefix)
    ? prefix + field
    : field
}

/** Inverse of {@link columnOfField}. */
export function fieldOfColumn(column: string): string {
  return column.startsWith(prefix) ? column.slice(prefix.length) : column
}

/** A label need not state what can be worked out. */
const statedLabel = labelSchema.partial().required({ kind: true, class: true })

/** Labels of a cell or key `labels` of fovea's own tables; entries that are none become problems. */
export function parseOwnLabels(
  value: unknown,
  file: string,
  where: string,
): { labels: DraftLabel[]; problems: DraftProblem[] } {
  const labels: DraftLabel[] = []
  const problems: DraftProblem[] = []
  if (value === null || value === undefined || value === '') return { labels, problems }
  const list = toStructure(value)
  if (!Array.isArray(list)) {
    return {
      labels,
      problems: [
        problem(
          file,
          'label-row',
          `${where}: labels must be a JSON list, got ${String(toText(value)).slice(0, 80)}.`,
          'Correct the cell.',
        ),
      ],
    }
  }
  list.forEach((entry: unknown, i) => {
    const parsed = statedLabel.safeParse(entry)
    const place = `${where}, label ${i + 1}`
    if (!parsed.success) {
      const issue = parsed.error.issues[0]
      problems.push(
        problem(
          file,
          'label-row',
          `${place}: ${issue?.path.join('.') || 'label'}: ${issue?.message ?? 'not a label'}.`,
          'Correct or remove the label.',
        ),
      )
      return
    }
    const { kind, class: name, box, geometry, score, attributes, author } = parsed.data
    labels.push({
      kind,
      class: name,
      unit: 'px',
      where: place,
      ...(box ? { box } : {}),
      ...(geometry ? { geometry } : {}),
      ...(typeof score === 'number' ? { score } : {}),
      ...(attributes && Object.keys(attributes).length > 0 ? { attributes } : {}),
      ...(typeof author === 'string' ? { author } : {}),
    })
  })
  return { labels, problems }
}

/** Split, tags and class of an own row, JSONL or columns. */
export function parseOwnFacts(values: Record<string, unknown>): {
  split?: string
  tags?: string[]
  labels: DraftLabel[]
} {
  const split = toText(values['split'])
  const tags = toTags(values['tags'])
  const name = toText(values['class'])
  return {
    ...(split === null ? {} : { split }),
    ...(tags.length === 0 ? {} : { tags }),
    labels: name === null ? [] : [{ kind: 'class', class: name, unit: 'px' }],
  }
}

export function isScalar(value: unknown): value is Scalar {
  return (
    value === null ||
    typeof value === 'string' ||
    typeof value === 'boolean' ||
    (typeof value === 'number' && Number.isFinite(value))
  )
}
