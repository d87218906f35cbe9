import { parseDocument } from 'yaml'
import { FoveaError } from '#base'
import type { DeclaredClass } from './names.ts'

/** What a YOLO dataset says of itself, in any of its forms. */
export interface YoloConfig {
  /** Class by number; null when none are named anywhere. */
  classes: Map<number, DeclaredClass> | null
  keypoints: { count: number; dimensions: 2 | 3 } | null
  /** Folder the splits count from, as stated. */
  path: string | null
  /** Split name → folders or lists, as stated. */
  splits: { name: string; entries: string[]; required: boolean }[]
  /** `nc`, when it does not fit the names. */
  wrongCount: number | null
}

const splitKeys = ['train', 'val', 'test']
/** Keys of the description that are no splits. */
export const otherKeys = new Set([
  'path',
  'names',
  'nc',
  'kpt_shape',
  'kpt_names',
  'flip_idx',
  'download',
  'channels',
  'roboflow',
  'yaml_file',
])

/** Whether a text is the description of a dataset, by its keys; also when it is broken elsewhere. */
export function looksLikeYaml(text: string): boolean {
  return /^["']?names["']?\s*:/m.test(text) && /^["']?(train|val|test|path)["']?\s*:/m.test(text)
}

/** Throws FORMAT_INVALID, with line and column for broken YAML. */
export function parseYaml(text: string, file: string): YoloConfig {
  const invalid = (what: string, hint: string, details?: unknown): FoveaError =>
    new FoveaError('FORMAT_INVALID', `${file}: ${what}`, { hint, details })
  const document = parseDocument(text, { prettyErrors: false })
  const error = document.errors[0]
  if (error) {
    const before = text.slice(0, error.pos[0]).split('\n')
    const line = before.length
    const column = before.at(-1)!.length + 1
    throw invalid(`broken YAML at line ${line}, column ${column}: ${error.message}`, 'Correct the file there.', {
      file,
      line,
      column,
    })
  }
  let root: unknown
  try {
    root = document.toJS()
  } catch (cause) {
    throw invalid(`broken YAML: ${(cause as Error).message}`, 'Correct the file.')
  }
  if (!isRecord(root))
    throw invalid(`expected keys such as train, val and names, got ${show(root)}.`, 'Give the dataset’s yaml.')

  const classes = root.names === undefined || root.names === null ? null : readNames(root.names)
  if (classes === undefined) {
    throw invalid(
      `expected names as a list, or a map from numbers, got ${show(root.names)}.`,
      'Write names: [first, second] or names: {0: first, 1: second}.',
    )
  }
  const keypoints = readShape(root.kpt_shape)
  if (keypoints === undefined) {
    throw invalid(
      `expected kpt_shape as [points, 2 or 3], got ${show(root.kpt_shape)}.`,
      'Write for example kpt_shape: [17, 3].',
    )
  }
  if (classes && isRecord(root.kpt_names)) addPointNames(classes, root.kpt_names)
  const count = typeof root.nc === 'number' ? root.nc : null
  return {
    classes:
      classes ??
      (count === null
        ? null
        : new Map(Array.from({ length: Math.min(count, 100_000) }, (_, i) => [i, { name: String(i) }]))),
    keypoints,
    path: typeof root.path === 'string' && root.path.trim() !== '' ? root.path.trim() : null,
    splits: readSplits(root),
    wrongCount: count !== null && classes && classes.size !== count ? count : null,
  }
}

function readNames(value: unknown): Map<number, DeclaredClass> | undefined {
  const pairs: [string, unknown][] = Array.isArray(value)
    ? value.map((name, i) => [String(i), name])
    : isRecord(value)
      ? Object.entries(value)
      : []
  if (!Array.isArray(value) && !isRecord(value)) return undefined
  const classes = new Map<number, DeclaredClass>()
  for (const [key, name] of pairs) {
    const text =
      typeof name === 'string' ? name : typeof name === 'number' || typeof name === 'boolean' ? String(name) : ''
    if (!/^\d+$/.test(key) || (typeof name === 'object' && name !== null)) return undefined
    classes.set(Number(key), { name: text.trim() === '' ? key : text })
  }
  return classes
}

function readShape(value: unknown): YoloConfig['keypoints'] | undefined {
  if (value === undefined || value === null) return null
  if (!Array.isArray(value) || value.length !== 2) return undefined
  const [count, dimensions] = value as [unknown, unknown]
  if (!Number.isInteger(count) || (count as number) < 1 || (dimensions !== 2 && dimensions !== 3)) return undefined
  return { count: count as number, dimensions }
}

function addPointNames(classes: Map<number, DeclaredClass>, names: Record<string, unknown>): void {
  for (const [key, points] of Object.entries(names)) {
    const known = classes.get(Number(key))
    if (known && Array.isArray(points) && points.length > 0) known.keypoints = points.map(String)
  }
}

function readSplits(root: Record<string, unknown>): YoloConfig['splits'] {
  const own = Object.keys(root).filter((key) => !splitKeys.includes(key) && !otherKeys.has(key))
  return [...splitKeys, ...own].flatMap((name) => {
    const value = root[name]
    const entries = (Array.isArray(value) ? value : [value]).filter(
      (entry): entry is string => typeof entry === 'string' && entry.trim() !== '',
    )
    return entries.length === 0
      ? []
      : [{ name, entries: entries.map((entry) => entry.trim()), required: splitKeys.includes(name) }]
  })
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}
