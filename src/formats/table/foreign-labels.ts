import type { Attributes } from '#contract'
import type { DraftLabel } from '../types.ts'
import type { ColumnRoles } from './columns.ts'
import { toNumber, toStructure, toText, toTexts } from './values.ts'

/** Class of a box when the table names none. */
const unnamedClass = 'object'

export type Unit = DraftLabel['unit']

/** The four numbers of a row's box as `x, y, w, h`; `empty` for a row without one, `broken` for one that is no box. */
export function boxOfRow(values: Record<string, unknown>, roles: ColumnRoles): DraftLabel['box'] | 'empty' | 'broken' {
  const cells = roles.box ? roles.box.names.map((name) => values[name]) : listOf(values[roles.bbox!])
  if (cells === null || cells.every((cell) => toText(cell) === null)) return 'empty'
  const [a, b, c, d] = cells.map(toNumber)
  if (cells.length !== 4 || a == null || b == null || c == null || d == null) return 'broken'
  if (roles.box?.form !== 'corners') return { x: a, y: b, w: c, h: d }
  return { x: a, y: b, w: c - a, h: d - b }
}

function listOf(cell: unknown): unknown[] | null {
  if (toText(cell) === null) return null
  const list = toStructure(cell)
  return Array.isArray(list) ? (list as unknown[]) : String(toText(cell)).split(/[\s,;]+/)
}

/** The class labels of a row that has no box. */
export function classesOfRow(values: Record<string, unknown>, roles: ColumnRoles, unit: Unit): DraftLabel[] {
  if (roles.class === null) return []
  const score = roles.score === null ? null : toNumber(values[roles.score])
  return toTexts(values[roles.class]).map((name) => ({
    kind: 'class',
    class: name,
    unit,
    ...(score === null ? {} : { score }),
  }))
}

/** The box label of a row; columns without a role are its attributes. */
export function boxLabelOf(
  values: Record<string, unknown>,
  roles: ColumnRoles,
  box: NonNullable<DraftLabel['box']>,
  options: { unit: Unit; where: string; attribute: (column: string) => string | number | boolean | null },
): DraftLabel {
  const score = roles.score === null ? null : toNumber(values[roles.score])
  const attributes: Attributes = {}
  for (const column of roles.others) {
    const value = options.attribute(column)
    if (value !== null) attributes[column] = value
  }
  return {
    kind: 'box',
    class: (roles.class === null ? unnamedClass : toText(values[roles.class])) ?? '',
    unit: options.unit,
    box,
    where: options.where,
    ...(score === null ? {} : { score }),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
  }
}

const categoryKeys = [
  'category',
  'categories',
  'label',
  'labels',
  'class',
  'classes',
  'name',
  'names',
  'category_id',
  'label_id',
]

/**
 * Boxes of a Hugging Face `objects` cell: lists side by side (`{bbox: [[x,y,w,h]], category: [..]}`) or a list of objects.
 * Numbered classes keep their number as name. Null when the cell is no such thing.
 */
export function boxesOfObjects(cell: unknown, where: string): DraftLabel[] | null {
  const objects = toStructure(cell)
  if (objects === null) return null
  const rows = Array.isArray(objects) ? objects : unzip(objects as Record<string, unknown>)
  if (rows === null) return null
  const labels: DraftLabel[] = []
  for (const [i, row] of rows.entries()) {
    if (typeof row !== 'object' || row === null) return null
    const entries = row as Record<string, unknown>
    const [x, y, w, h] = (toStructure(entries['bbox']) as unknown[] | null)?.map(toNumber) ?? []
    if (x == null || y == null || w == null || h == null) return null
    const key = categoryKeys.find((name) => entries[name] !== undefined && entries[name] !== null)
    labels.push({
      kind: 'box',
      class: (key === undefined ? unnamedClass : toText(entries[key])) ?? '',
      unit: 'px',
      box: { x, y, w, h },
      where: `${where}, object ${i + 1}`,
    })
  }
  return labels
}

function unzip(columns: Record<string, unknown>): Record<string, unknown>[] | null {
  const boxes = toStructure(columns['bbox'])
  if (!Array.isArray(boxes)) return null
  const lists = Object.entries(columns).flatMap(([name, value]) => {
    const list = toStructure(value)
    return Array.isArray(list) ? [[name, list] as const] : []
  })
  return boxes.map((_, i) => Object.fromEntries(lists.map(([name, list]) => [name, list[i]])))
}
