import type { Attributes, Geometry } from '#contract'
import { decompressCounts } from '#base'
import type { DraftLabel } from '../types.ts'
import type { IdKey } from './ids.ts'
import { idKeyOf } from './ids.ts'
import { isNumberList, isRecord, scalarsOf, show, type DeclaredClass, type Fault } from './records.ts'

/** What one annotation says: labels, or a caption of the image, and what had to be left out. */
export interface ReadAnnotation {
  labels: DraftLabel[]
  caption: string | null
  faults: Fault[]
}

const annotationKeys = new Set([
  'id',
  'image_id',
  'category_id',
  'bbox',
  'segmentation',
  'area',
  'iscrowd',
  'keypoints',
  'num_keypoints',
  'score',
  'attributes',
  'caption',
])

/**
 * Turns one annotation into labels. One with a segmentation becomes a polygon or mask, whose box is that of its outline;
 * else one with a bbox becomes a box. Keypoints become a label of their own with the stated bbox.
 */
export function readAnnotation(
  value: Record<string, unknown>,
  categories: ReadonlyMap<IdKey, DeclaredClass>,
  where: string,
): ReadAnnotation {
  const read: ReadAnnotation = { labels: [], caption: null, faults: [] }
  const fault = (code: string, what: string, fix: string): ReadAnnotation => {
    read.faults.push({ code, what: `${where}: ${what}.`, fix })
    return read
  }
  if (typeof value.caption === 'string' && value.category_id === undefined) {
    read.caption = value.caption.trim()
    return read
  }
  const category = categories.get(idKeyOf(value.category_id) ?? '')
  if (!category) {
    return fault(
      'label-class',
      `the category_id ${show(value.category_id)} stands in no category`,
      'Add the category, or correct the annotation.',
    )
  }
  const segmentation = readSegmentation(value.segmentation)
  segmentation.faults.forEach((what) => fault('label-polygon', what, 'Correct or remove the segmentation.'))
  const keypoints = readKeypoints(value.keypoints)
  if (keypoints.fault !== null) fault('label-keypoints', keypoints.fault, 'Give x, y and visibility for every point.')
  const points = keypoints.geometry
  const geometry = segmentation.geometry

  const given = value.bbox !== undefined && value.bbox !== null
  const box = readBox(value.bbox)
  if (given && !box && !geometry) {
    fault('label-box', `bbox must be four numbers [x, y, width, height], got ${show(value.bbox)}`, 'Correct the bbox.')
  }
  const common = { class: category.name, unit: 'px', where, ...readExtras(value) } as const
  if (geometry) read.labels.push({ ...common, kind: geometry.type === 'mask' ? 'mask' : 'polygon', geometry })
  if (points && (!geometry || points.points.some(([, , v]) => v > 0))) {
    read.labels.push({ ...common, kind: 'keypoints', geometry: points, ...(box ? { box } : {}) })
  } else if (!geometry && box) read.labels.push({ ...common, kind: 'box', box })
  if (read.labels.length === 0 && read.faults.length === 0) {
    fault('label-box', 'expected a bbox, a segmentation or keypoints, got none', 'Add one, or remove the annotation.')
  }
  return read
}

function readBox(value: unknown): DraftLabel['box'] {
  if (!isNumberList(value) || value.length !== 4) return undefined
  const [x, y, w, h] = value as [number, number, number, number]
  return { x, y, w, h }
}

type Keypoints = Extract<Geometry, { type: 'keypoints' }>

function readKeypoints(value: unknown): { geometry: Keypoints | null; fault: string | null } {
  if (value === undefined || value === null || (Array.isArray(value) && value.length === 0))
    return { geometry: null, fault: null }
  if (!isNumberList(value) || value.length % 3 !== 0) {
    return { geometry: null, fault: `keypoints must be threes of numbers, got ${show(value)}` }
  }
  const points: Keypoints['points'] = []
  for (let i = 0; i < value.length; i += 3) points.push([value[i]!, value[i + 1]!, value[i + 2]!])
  return { geometry: { type: 'keypoints', points }, fault: null }
}

function readSegmentation(value: unknown): { geometry: Geometry | null; faults: string[] } {
  if (value === undefined || value === null) return { geometry: null, faults: [] }
  if (Array.isArray(value)) return readRings(value)
  if (isRecord(value)) return readRuns(value)
  return { geometry: null, faults: [`segmentation must be lists of points or run lengths, got ${show(value)}`] }
}

/** `[[x1, y1, …], …]`: parts of one ring each. A flat list, which some tools write, is one ring. */
function readRings(value: unknown[]): { geometry: Geometry | null; faults: string[] } {
  const rings = isNumberList(value) && value.length > 0 ? [value] : value
  const parts: number[][][] = []
  const faults: string[] = []
  rings.forEach((ring, i) => {
    if (isNumberList(ring) && ring.length >= 6 && ring.length % 2 === 0) parts.push([ring])
    else faults.push(`segmentation[${i}] must be at least three points of two numbers, got ${show(ring)}`)
  })
  return { geometry: parts.length > 0 ? { type: 'polygon', parts } : null, faults }
}

/** `{counts, size}`, counts as numbers or as COCO's compressed text. */
function readRuns({ counts, size }: Record<string, unknown>): { geometry: Geometry | null; faults: string[] } {
  if (!isNumberList(size) || size.length !== 2) {
    return { geometry: null, faults: [`the size of run lengths must be [height, width], got ${show(size)}`] }
  }
  const runs = readCounts(counts)
  if (typeof runs === 'string') return { geometry: null, faults: [runs] }
  return { geometry: { type: 'mask', size: [size[0]!, size[1]!], counts: runs }, faults: [] }
}

function readCounts(counts: unknown): number[] | string {
  if (isNumberList(counts)) return counts
  if (typeof counts !== 'string') return `the counts of run lengths must be numbers or text, got ${show(counts)}`
  try {
    return decompressCounts(counts)
  } catch (error) {
    return `the compressed run lengths are broken (${(error as Error).message.replace(/\.$/, '')})`
  }
}

/** Score, `iscrowd` and whatever else is stated in plain values; a dictionary `attributes` comes before loose keys. */
function readExtras(value: Record<string, unknown>): { score?: number; attributes?: Attributes } {
  const attributes: Attributes = {
    ...scalarsOf(value, annotationKeys),
    ...(isRecord(value.attributes) ? scalarsOf(value.attributes, new Set()) : {}),
  }
  if (value.iscrowd === 1 || value.iscrowd === true) attributes.crowd = true
  return {
    ...(typeof value.score === 'number' ? { score: value.score } : {}),
    ...(Object.keys(attributes).length > 0 ? { attributes } : {}),
  }
}
