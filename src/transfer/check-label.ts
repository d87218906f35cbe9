import type { Box, Geometry, Label } from '#contract'
import { boundsOfPoints, clipBox, maskArea, maskBounds, polygonArea, polygonBounds } from '#base'
import type { DraftLabel } from '#formats'

/** What is wrong with a stated label. `kept` says whether the label was taken all the same, mended. */
export interface LabelFault {
  code: string
  what: string
  fix: string
  kept: boolean
}

export type CheckedLabel = { label: Label | null; fault: LabelFault | null }

/** Rounding of other tools leaves labels up to this far outside the image; such labels are taken as they are. */
const tolerancePx = 1

/**
 * Turns a label as a file states it into one of the catalogue: pixels, bounds, area, everything finite and inside the image.
 * A label that cannot stand is left out with its fault; one that reaches over the edge is cut to the image, with a fault too.
 */
export function checkLabel(draft: DraftLabel, width: number, height: number): CheckedLabel {
  const reject = (code: string, what: string, fix: string): CheckedLabel => ({
    label: null,
    fault: { code, what: place(draft, what), fix, kept: false },
  })
  if (typeof draft.class !== 'string' || draft.class.trim() === '') {
    return reject('label-class', 'The label has no class.', 'Name its class.')
  }
  if (draft.score !== undefined && !(draft.score >= 0 && draft.score <= 1)) {
    return reject(
      'label-score',
      `The score must be between 0 and 1, got ${draft.score}.`,
      'Correct the score, or leave it out.',
    )
  }
  const scaled = toPixels(draft, width, height)
  const numbers = numbersOf(scaled)
  if (!numbers.every(Number.isFinite)) {
    return reject('label-number', 'A coordinate is not a finite number.', 'Correct the row.')
  }
  const base = {
    kind: draft.kind,
    class: draft.class,
    score: draft.score ?? null,
    attributes: draft.attributes ?? {},
    author: draft.author ?? null,
  }
  if (draft.kind === 'class') return { label: { ...base, box: null, geometry: null, area: null }, fault: null }

  const shape = measure(scaled, width, height)
  if ('code' in shape) return reject(shape.code, shape.what, shape.fix)
  const { box, geometry, area } = shape
  const seen = clipBox(box, width, height)
  const degenerate = box.w <= 0 || box.h <= 0
  if (!seen && !degenerate) {
    return reject(
      'label-outside',
      `The label lies outside the image: box ${describeBox(box)}, image ${width} × ${height} px.`,
      'Correct its coordinates; check whether they belong to another image or size.',
    )
  }
  const over = Math.max(-box.x, -box.y, box.x + box.w - width, box.y + box.h - height)
  if (over <= tolerancePx) return { label: { ...base, box, geometry, area }, fault: null }
  const cut = measure(clamp(scaled, width, height), width, height)
  if ('code' in cut) return reject(cut.code, cut.what, cut.fix)
  return {
    label: { ...base, ...cut },
    fault: {
      code: 'label-beyond',
      what: place(
        draft,
        `The label reached ${round(over)} px outside the image (${describeBox(box)}, image ${width} × ${height} px) and was cut to it.`,
      ),
      fix: 'Nothing to do when the cut is right; else correct the coordinates and import again.',
      kept: true,
    },
  }
}

interface Shape {
  box: Box
  geometry: Geometry | null
  area: number
}
type Scaled = Pick<DraftLabel, 'kind' | 'box' | 'geometry'>
type Refusal = { code: string; what: string; fix: string }

function measure(label: Scaled, width: number, height: number): Shape | Refusal {
  const { kind, box, geometry } = label
  if (kind === 'box') {
    if (!box) return refuse('label-box', 'A box label has no box.', 'Give x, y, width and height.')
    if (!(box.w > 0)) return refuse('label-box', `Box width must be > 0 px, got ${round(box.w)}.`, 'Correct the row.')
    if (!(box.h > 0)) return refuse('label-box', `Box height must be > 0 px, got ${round(box.h)}.`, 'Correct the row.')
    return { box, geometry: null, area: box.w * box.h }
  }
  if (!geometry || geometry.type !== kind) {
    return refuse(
      'label-geometry',
      `A ${kind} label needs a ${kind}, got ${geometry?.type ?? 'nothing'}.`,
      'Correct the row.',
    )
  }
  switch (geometry.type) {
    case 'polygon': {
      const rings = geometry.parts.flat()
      if (rings.length === 0 || rings.some((ring) => ring.length < 6 || ring.length % 2 !== 0)) {
        return refuse(
          'label-polygon',
          'A polygon needs at least three points of two numbers each.',
          'Correct or remove it.',
        )
      }
      const area = polygonArea(geometry)
      const bounds = polygonBounds(geometry)
      if (!bounds || !(area > 0)) return refuse('label-polygon', 'The polygon covers no area.', 'Correct or remove it.')
      return { box: bounds, geometry, area }
    }
    case 'mask': {
      const [maskHeight, maskWidth] = geometry.size
      if (maskHeight !== height || maskWidth !== width) {
        return refuse(
          'mask-size',
          `The mask is ${maskWidth} × ${maskHeight} px, its image ${width} × ${height} px.`,
          'Give a mask of the image’s size.',
        )
      }
      const runs = geometry.counts.reduce((sum, run) => sum + run, 0)
      if (runs !== width * height || geometry.counts.some((run) => run < 0 || !Number.isInteger(run))) {
        return refuse(
          'mask-counts',
          `The runs of the mask must add up to ${width * height}, got ${runs}.`,
          'Encode the mask again.',
        )
      }
      const bounds = maskBounds(geometry)
      if (!bounds) return refuse('mask-empty', 'The mask has no foreground.', 'Remove it.')
      return { box: bounds, geometry, area: maskArea(geometry) }
    }
    case 'polyline': {
      if (geometry.paths.length === 0 || geometry.paths.some((path) => path.length < 4 || path.length % 2 !== 0)) {
        return refuse(
          'label-polyline',
          'A polyline needs at least two points of two numbers each.',
          'Correct or remove it.',
        )
      }
      const bounds = boundsOfPoints(geometry.paths)!
      return { box: bounds, geometry, area: bounds.w * bounds.h }
    }
    case 'keypoints': {
      const labelled = geometry.points.filter(([, , v]) => v > 0)
      if (geometry.points.some(([, , v]) => v !== 0 && v !== 1 && v !== 2)) {
        return refuse('label-keypoints', 'Visibility of a keypoint must be 0, 1 or 2.', 'Correct the row.')
      }
      const bounds = box ?? boundsOfPoints(labelled.map(([x, y]) => [x, y]))
      if (!bounds)
        return refuse('label-keypoints', 'No keypoint is labelled and there is no box.', 'Label a point, or remove it.')
      return { box: bounds, geometry, area: bounds.w * bounds.h }
    }
  }
}

function refuse(code: string, what: string, fix: string): Refusal {
  return { code, what, fix }
}

/** Applies a function to every coordinate. Masks have none. */
function mapCoordinates(
  label: Scaled,
  mapX: (x: number) => number,
  mapY: (y: number) => number,
  mapBox: (box: Box) => Box,
): Scaled {
  const flat = (ring: readonly number[]): number[] => ring.map((v, i) => (i % 2 === 0 ? mapX(v) : mapY(v)))
  const { geometry } = label
  const mapped = (): Geometry | undefined => {
    switch (geometry?.type) {
      case 'polygon':
        return { type: 'polygon', parts: geometry.parts.map((part) => part.map(flat)) }
      case 'polyline':
        return { type: 'polyline', paths: geometry.paths.map(flat) }
      case 'keypoints':
        return {
          type: 'keypoints',
          points: geometry.points.map(([x, y, v]) => (v === 0 ? [x, y, v] : [mapX(x), mapY(y), v])),
        }
      default:
        return geometry
    }
  }
  return { kind: label.kind, box: label.box && mapBox(label.box), geometry: mapped() }
}

function toPixels(draft: DraftLabel, width: number, height: number): Scaled {
  if (draft.unit === 'px') return draft
  return mapCoordinates(
    draft,
    (x) => x * width,
    (y) => y * height,
    (box) => ({ x: box.x * width, y: box.y * height, w: box.w * width, h: box.h * height }),
  )
}

function clamp(label: Scaled, width: number, height: number): Scaled {
  return mapCoordinates(
    label,
    (x) => Math.min(width, Math.max(0, x)),
    (y) => Math.min(height, Math.max(0, y)),
    (box) => clipBox(box, width, height) ?? { x: 0, y: 0, w: 0, h: 0 },
  )
}

function numbersOf({ box, geometry }: Scaled): number[] {
  const numbers = box ? [box.x, box.y, box.w, box.h] : []
  if (geometry?.type === 'polygon') for (const part of geometry.parts) for (const ring of part) numbers.push(...ring)
  if (geometry?.type === 'polyline') for (const path of geometry.paths) numbers.push(...path)
  if (geometry?.type === 'keypoints') for (const point of geometry.points) numbers.push(...point)
  return numbers
}

function place(draft: DraftLabel, what: string): string {
  return draft.where ? `${draft.where}: ${what}` : what
}

function describeBox(box: Box): string {
  return `x ${round(box.x)}, y ${round(box.y)}, ${round(box.w)} × ${round(box.h)} px`
}

function round(value: number): number {
  return Math.round(value * 100) / 100
}
