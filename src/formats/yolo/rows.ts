import type { KeypointsGeometry } from '#contract'
import type { DraftLabel } from '../types.ts'
import type { YoloConfig } from './config.ts'

export interface RowFault {
  code: string
  what: string
  fix: string
}

/** Rounding of other tools leaves coordinates this far outside 0..1. */
const tolerance = 1e-3
const numberText = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i

/**
 * One row of a label file. Coordinates are fractions of width and height:
 * `c cx cy w h [conf]` is a box; `c x1 y1 x2 y2 x3 y3 …` a polygon (four corners of a turned box are one too); with
 * `kpt_shape`, `c cx cy w h` and the points, each with or without visibility, are keypoints, or a box when none is labelled.
 */
export function readRow(
  line: string,
  config: Pick<YoloConfig, 'classes' | 'keypoints'>,
  where: string,
): DraftLabel | RowFault {
  const fault = (code: string, what: string, fix: string): RowFault => ({ code, what: `${where}: ${what}.`, fix })
  const words = line.trim().split(/\s+/)
  const wrong = words.find((word) => !numberText.test(word))
  if (wrong !== undefined)
    return fault(
      'label-row',
      `expected numbers, got ${JSON.stringify(wrong.slice(0, 40))}`,
      'Write numbers between blanks, as in: 0 0.5 0.5 0.2 0.3',
    )
  const [id, ...numbers] = words.map(Number) as [number, ...number[]]
  if (!Number.isInteger(id) || id < 0)
    return fault(
      'label-class',
      `expected a class number, got ${words[0]}`,
      'Start the row with the number of its class.',
    )
  const declared = config.classes?.get(id)
  if (config.classes && !declared) {
    return fault(
      'label-class',
      `the class number ${id} is not among the ${config.classes.size} names`,
      'Add its name, or correct the row.',
    )
  }
  const common = { class: declared?.name ?? String(id), unit: 'fraction', where } as const
  const shape = shapeOf(numbers, config.keypoints, declared?.keypoints?.length ?? null)
  if (typeof shape === 'string') return fault('label-row', shape, 'Correct or remove the row.')
  const outside = shape.coordinates.find((value) => !(value >= -tolerance && value <= 1 + tolerance))
  if (outside !== undefined) {
    const fix = outside > 2 ? 'Divide x by the width and y by the height of the image.' : 'Correct the row.'
    return fault('label-outside', `expected fractions between 0 and 1, got ${outside}`, fix)
  }
  if (shape.box && (!(shape.box.w > 0) || !(shape.box.h > 0)) && shape.label.kind === 'box') {
    return fault(
      'label-box',
      `expected width and height > 0, got ${shape.box.w} and ${shape.box.h}`,
      'Correct or remove the row.',
    )
  }
  return { ...common, ...shape.label }
}

interface RowShape {
  label: Pick<DraftLabel, 'kind' | 'box' | 'geometry' | 'score'>
  box: DraftLabel['box']
  /** Numbers that must be fractions. */
  coordinates: number[]
}

function shapeOf(
  numbers: readonly number[],
  keypoints: YoloConfig['keypoints'],
  namedPoints: number | null,
): RowShape | string {
  const count = numbers.length
  if (count === 4 || count === 5) {
    const box = boxOf(numbers)
    const score = numbers[4]
    return {
      label: { kind: 'box', box, ...(score === undefined ? {} : { score }) },
      box,
      coordinates: numbers.slice(0, 4),
    }
  }
  if (keypoints) {
    const size = keypoints.count * keypoints.dimensions
    if (count === 4 + size || count === 5 + size) return poseOf(numbers, keypoints, namedPoints)
    return `expected 5 numbers, or ${5 + size} for kpt_shape [${keypoints.count}, ${keypoints.dimensions}], got ${count + 1}`
  }
  if (count < 4) return `expected at least 5 numbers, got ${count + 1}`
  if (count % 2 !== 0)
    return `expected 5 numbers for a box, or pairs of x and y behind the class, got ${count + 1} numbers`
  return {
    label: { kind: 'polygon', geometry: { type: 'polygon', parts: [[[...numbers]]] } },
    box: undefined,
    coordinates: [...numbers],
  }
}

function boxOf([cx, cy, w, h]: readonly number[]): NonNullable<DraftLabel['box']> {
  return { x: cx! - w! / 2, y: cy! - h! / 2, w: w!, h: h! }
}

/** Points without visibility count as seen, but for negative ones and 0 0, which stand for unlabelled (ultralytics). */
function poseOf(
  numbers: readonly number[],
  { count, dimensions }: NonNullable<YoloConfig['keypoints']>,
  namedPoints: number | null,
): RowShape | string {
  const points: KeypointsGeometry['points'] = []
  for (let i = 0, at = 4; i < count; i++, at += dimensions) {
    const x = numbers[at]!
    const y = numbers[at + 1]!
    const v = dimensions === 3 ? numbers[at + 2]! : x < 0 || y < 0 || (x === 0 && y === 0) ? 0 : 2
    if (v !== 0 && v !== 1 && v !== 2) return `expected visibility 0, 1 or 2 for point ${i + 1}, got ${v}`
    points.push(v === 0 ? [0, 0, 0] : [x, y, v])
  }
  // Classes with fewer points than the dataset's widest are filled up with unlabelled ones.
  if (namedPoints !== null && points.slice(namedPoints).every(([, , v]) => v === 0))
    points.length = Math.min(points.length, namedPoints)
  const score = numbers[4 + count * dimensions]
  const box = boxOf(numbers)
  const labelled = points.filter(([, , v]) => v > 0)
  const coordinates = [...numbers.slice(0, 4), ...labelled.flatMap(([x, y]) => [x, y])]
  const extras = score === undefined ? {} : { score }
  if (labelled.length === 0) return { label: { kind: 'box', box, ...extras }, box, coordinates }
  return { label: { kind: 'keypoints', box, geometry: { type: 'keypoints', points }, ...extras }, box, coordinates }
}
