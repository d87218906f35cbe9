import type { OntologyClass, Scalar } from '#contract'
import { idKeyOf, type IdKey } from './ids.ts'

export type DeclaredClass = Pick<OntologyClass, 'name'> & Partial<OntologyClass>

/** One entry of `images`. */
export interface CocoImage {
  fileName: string
  /** As stated, px. */
  size: { width: number; height: number } | undefined
  split: string | undefined
  /** Facts beside the usual ones. */
  fields: Record<string, Scalar>
}

/** What is wrong with an entry. */
export interface Fault {
  code: string
  what: string
  fix: string
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

export function isNumberList(value: unknown): value is number[] {
  return Array.isArray(value) && value.every((one) => typeof one === 'number' && Number.isFinite(one))
}

/** A value as a message shows it. */
export function show(value: unknown): string {
  const text = JSON.stringify(value) ?? 'nothing'
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** Keys of an image that say where it came from or whose it is, not what it is. */
const imageKeys = new Set([
  'id',
  'file_name',
  'width',
  'height',
  'license',
  'coco_url',
  'flickr_url',
  'split',
  'path',
  'dataset_id',
])

export function readImage(value: unknown): { id: IdKey; image: CocoImage } | Fault {
  const fix = 'Give every image an id and a file_name.'
  if (!isRecord(value)) return { code: 'image-entry', what: `expected an object, got ${show(value)}`, fix }
  const id = idKeyOf(value.id)
  if (id === undefined) return { code: 'image-entry', what: `expected an id, got ${show(value.id)}`, fix }
  const fileName = value.file_name
  if (typeof fileName !== 'string' || fileName.trim() === '') {
    return { code: 'image-entry', what: `expected a file_name, got ${show(fileName)}`, fix }
  }
  const { width, height, split } = value
  const size = isPositive(width) && isPositive(height) ? { width, height } : undefined
  const stated = typeof split === 'string' && split.trim() !== '' ? split : undefined
  return { id, image: { fileName, size, split: stated, fields: scalarsOf(value, imageKeys) } }
}

function isPositive(value: unknown): value is number {
  return typeof value === 'number' && value > 0
}

export function readCategory(value: unknown): { id: IdKey; category: DeclaredClass } | Fault {
  const fix = 'Give every category an id and a name.'
  if (!isRecord(value)) return { code: 'category-entry', what: `expected an object, got ${show(value)}`, fix }
  const id = idKeyOf(value.id)
  if (id === undefined) return { code: 'category-entry', what: `expected an id, got ${show(value.id)}`, fix }
  const name = typeof value.name === 'number' ? String(value.name) : value.name
  if (typeof name !== 'string' || name.trim() === '') {
    return { code: 'category-entry', what: `expected a name, got ${show(name)}`, fix }
  }
  const category: DeclaredClass = { name }
  const { supercategory, keypoints, skeleton } = value
  if (typeof supercategory === 'string' && supercategory !== '' && supercategory !== 'none')
    category.supercategory = supercategory
  if (Array.isArray(keypoints) && keypoints.length > 0) category.keypoints = keypoints.map(String)
  if (Array.isArray(skeleton)) {
    const pairs = skeleton.filter(
      (pair): pair is [number, number] => isNumberList(pair) && pair.length === 2 && pair.every(Number.isInteger),
    )
    if (pairs.length > 0) category.skeleton = pairs
  }
  const color = readColor(value.color)
  if (color !== undefined) category.color = color
  return { id, category }
}

/** `[r, g, b]` of panoptic sets, or `#rrggbb`. */
function readColor(value: unknown): string | undefined {
  if (typeof value === 'string') return /^#[0-9a-f]{6}$/i.test(value) ? value.toLowerCase() : undefined
  if (!isNumberList(value) || value.length !== 3 || !value.every((c) => Number.isInteger(c) && c >= 0 && c <= 255))
    return undefined
  return `#${value.map((c) => c.toString(16).padStart(2, '0')).join('')}`
}

/** The plain values of an object, without the keys named and without empty ones. */
export function scalarsOf(
  value: Record<string, unknown>,
  without: ReadonlySet<string>,
): Record<string, string | number | boolean> {
  const scalars: Record<string, string | number | boolean> = {}
  for (const [key, one] of Object.entries(value)) {
    if (without.has(key) || key === '') continue
    if (
      typeof one === 'boolean' ||
      (typeof one === 'string' && one !== '') ||
      (typeof one === 'number' && Number.isFinite(one))
    ) {
      scalars[key] = one
    }
  }
  return scalars
}
