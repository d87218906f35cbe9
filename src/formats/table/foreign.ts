import type { Scalar } from '#contract'
import { throwIfAborted } from '#base'
import { problem } from '../layout.ts'
import type { FindImage } from '../find-listed.ts'
import type { DraftProblem, DraftSample } from '../types.ts'
import { findRoles, type ColumnRoles } from './columns.ts'
import { boxesOfObjects, boxLabelOf, boxOfRow, classesOfRow, type Unit } from './foreign-labels.ts'
import { isScalar } from './own.ts'
import type { TableRow, TableSource } from './source.ts'
import { createTypeFinder, inferScalar, toNumber, toTags, toText, type ColumnType } from './values.ts'

/** A table of somebody else's, with what one pass over it taught. */
export interface ForeignTable {
  file: string
  source: TableSource
  roles: ColumnRoles
  unit: Unit
  /** Rows that can be read. */
  count: number
  classes: Set<string>
  typeOf(column: string): ColumnType
}

export interface Surroundings {
  find: FindImage
  /** Split for rows that name none. */
  split: string | undefined
  signal: AbortSignal
}

/**
 * Reads a table once for the types of its columns, its classes and the unit of its boxes: boxes whose numbers all lie in
 * 0..1 are fractions of the image.
 */
export async function scanForeign(
  file: string,
  source: TableSource,
  signal: AbortSignal,
  pathColumns?: readonly string[],
): Promise<ForeignTable | null> {
  const roles = findRoles(source.columns, pathColumns)
  if (!roles) return null
  const types = createTypeFinder()
  const classes = new Set<string>()
  let count = 0
  let boxes = 0
  let largest = 0
  for await (const row of source.rows()) {
    throwIfAborted(signal)
    if (row.type === 'problem') continue
    count++
    for (const [column, value] of flatCells(row.values, roles))
      types.see(column, source.textual ? inferScalar(String(value ?? '')) : value)
    if (roles.class !== null) for (const { class: name } of classesOfRow(row.values, roles, 'px')) classes.add(name)
    const box = roles.box || roles.bbox ? boxOfRow(row.values, roles) : 'empty'
    if (typeof box !== 'object') continue
    boxes++
    largest = Math.max(largest, box.x + box.w, box.y + box.h, box.x, box.y)
  }
  return {
    file,
    source,
    roles,
    unit: boxes > 0 && largest <= 1.01 ? 'fraction' : 'px',
    count,
    classes,
    typeOf: types.typeOf,
  }
}

/** Scalars of the columns without a role; objects are taken apart with dots, lists become JSON text. */
function* flatCells(values: Record<string, unknown>, roles: ColumnRoles): Generator<[string, Scalar]> {
  const own = new Set(roles.others)
  for (const [column, value] of Object.entries(values)) {
    if (own.has(column) || !isRole(column, roles)) yield* flatten(column, value)
  }
}

function isRole(column: string, roles: ColumnRoles): boolean {
  const { path, split, class: name, tags, score, bbox, objects, box } = roles
  return (
    [path, split, name, tags, score, bbox, objects, ...(box?.names ?? [])].includes(column) ||
    /^(image_?|img_?)?(width|height)$/i.test(column)
  )
}

function* flatten(column: string, value: unknown): Generator<[string, Scalar]> {
  if (isScalar(value)) yield [column, value]
  else if (Array.isArray(value)) yield [column, JSON.stringify(value)]
  else if (typeof value === 'object' && value !== null)
    for (const [key, inner] of Object.entries(value)) yield* flatten(`${column}.${key}`, inner)
}

/** The samples of a table: one a row, or one for all rows of an image when rows are boxes. */
export async function* draftsOfForeign(
  table: ForeignTable,
  around: Surroundings,
): AsyncGenerator<DraftSample | DraftProblem> {
  const rowsAreLabels = table.roles.box !== null || table.roles.bbox !== null
  const waiting = new Map<string, DraftSample>()
  for await (const row of table.source.rows()) {
    throwIfAborted(around.signal)
    if (row.type === 'problem') {
      yield row
      continue
    }
    const image = await imageOf(row, table, around)
    if (image.type === 'problem') {
      yield image
      continue
    }
    // Rows of an image may lie anywhere when each is one label, and follow each other when an image has several classes.
    const known = waiting.get(image.file)
    const { sample, problems } = readRow(row, table, known ?? sampleOf(image, row, table, around))
    yield* problems
    if (rowsAreLabels) waiting.set(image.file, sample)
    else if (!known) {
      yield* waiting.values()
      waiting.clear()
      waiting.set(image.file, sample)
    }
  }
  yield* waiting.values()
}

async function imageOf(
  row: TableRow,
  { roles, file }: ForeignTable,
  { find }: Surroundings,
): Promise<{ type: 'found'; file: string; path: string } | DraftProblem> {
  const cell = row.values[roles.path]
  const stated =
    typeof cell === 'object' && cell !== null ? toText((cell as Record<string, unknown>)['path']) : toText(cell)
  if (stated === null)
    return problem(
      file,
      'table-row',
      `${capital(row.where)} names no image in ${roles.path}.`,
      'Fill in the path, or remove the row.',
    )
  const found = await find(stated)
  if (found.file !== null) return { type: 'found', file: found.file, path: found.path }
  return problem(
    file,
    'image-missing',
    `${capital(row.where)} names ${stated}, but ${found.why}.`,
    'Put the image there, or correct the path; paths count from the folder of the table.',
  )
}

function sampleOf(
  { file, path }: { file: string; path: string },
  row: TableRow,
  { roles }: ForeignTable,
  { split: given }: Surroundings,
): DraftSample {
  const split = (roles.split === null ? null : toText(row.values[roles.split])) ?? given
  return { type: 'sample', file, path, ...(split === undefined ? {} : { split }), labels: [] }
}

function readRow(
  row: TableRow,
  table: ForeignTable,
  sample: DraftSample,
): { sample: DraftSample; problems: DraftProblem[] } {
  const { roles, unit, file } = table
  const where = `${file}, ${row.where}`
  const problems: DraftProblem[] = []
  const cells = new Map(
    [...flatCells(row.values, roles)].map(([column, value]) => [column, typed(value, table, column)]),
  )
  const tags = roles.tags === null ? [] : toTags(row.values[roles.tags])
  if (tags.length > 0) sample.tags = [...new Set([...(sample.tags ?? []), ...tags])]
  const box = roles.box || roles.bbox ? boxOfRow(row.values, roles) : 'empty'
  if (typeof box === 'object') {
    sample.labels.push(
      boxLabelOf(row.values, roles, box, { unit, where, attribute: (column) => cells.get(column) ?? null }),
    )
    return { sample, problems }
  }
  if (box === 'broken') {
    const got = (roles.box?.names ?? [roles.bbox!])
      .map((name) => `${name}=${toText(row.values[name]) ?? ''}`)
      .join(', ')
    problems.push(
      problem(file, 'label-row', `${capital(row.where)}: a box needs four numbers, got ${got}.`, 'Correct the row.'),
    )
    return { sample, problems }
  }
  if (roles.box === null && roles.bbox === null) {
    const fields = Object.fromEntries([...cells].filter(([, value]) => value !== null))
    if (Object.keys(fields).length > 0) sample.fields = { ...sample.fields, ...fields }
  }
  sample.labels.push(...classesOfRow(row.values, roles, unit))
  const cell = roles.objects === null ? null : row.values[roles.objects]
  if (toText(cell) !== null) {
    const boxes = boxesOfObjects(cell, where)
    if (boxes) sample.labels.push(...boxes)
    else
      problems.push(
        problem(
          file,
          'label-row',
          `${capital(row.where)}: ${roles.objects} must hold bbox lists of four numbers.`,
          'Correct the cell: {"bbox": [[x, y, w, h]], "category": [name]}.',
        ),
      )
  }
  return { sample, problems }
}

function typed(value: Scalar, { source, typeOf }: ForeignTable, column: string): Scalar {
  if (value === null) return null
  const type = typeOf(column)
  if (!source.textual) return type === 'string' ? String(value) : value
  const text = String(value)
  if (inferScalar(text) === null) return null
  return type === 'number' ? toNumber(text) : type === 'boolean' ? text.trim().toLowerCase() === 'true' : text
}

export function capital(text: string): string {
  return text.charAt(0).toUpperCase() + text.slice(1)
}
