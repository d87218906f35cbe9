import type { Box, Label } from '#contract'
import { clipBox, decodeMask, traceMask } from '#base'

/** What a dataset is for; ultralytics takes one kind of row in all its label files. */
export type YoloTask = 'detect' | 'segment' | 'pose'

/** A label on its way to a row of whichever task; everything in fractions. */
export interface DraftRow {
  /** Class number. */
  c: number
  /** Centre, width and height. */
  b: [number, number, number, number]
  /** Outlines, flat. */
  s?: number[][]
  /** Points with visibility, flat. */
  k?: number[]
}

interface ImageSize {
  width: number
  height: number
}

/** Null for kinds without a place in the image, and for what lies outside it. Holes of outlines are left out. */
export function draftRow(label: Label, classNumber: number, size: ImageSize): DraftRow | null {
  if (label.kind === 'class' || label.kind === 'polyline' || !label.box) return null
  const b = boxOf(label.box, size, label.kind === 'keypoints')
  if (!b) return null
  const { geometry } = label
  switch (geometry?.type) {
    case 'polygon': {
      const s = geometry.parts.flatMap((rings) => rings.slice(0, 1)).map((ring) => fractionsOf(ring, size))
      return { c: classNumber, b, s }
    }
    case 'mask': {
      const [height, width] = geometry.size
      const traced = traceMask(decodeMask(geometry), width, height)
      return { c: classNumber, b, s: traced.parts.map((rings) => fractionsOf(rings[0]!, size)) }
    }
    case 'keypoints':
      return {
        c: classNumber,
        b,
        k: geometry.points.flatMap(([x, y, v]) => (v === 0 ? [0, 0, 0] : [...fractionsOf([x, y], size), v])),
      }
    default:
      return { c: classNumber, b }
  }
}

/** The label file of an image: a row a label, but one a part for outlines of several. */
export function rowsOf(drafts: readonly DraftRow[], task: YoloTask, points: number): string {
  return drafts.flatMap((draft) => rowOf(draft, task, points)).join('')
}

function rowOf({ c, b, s, k }: DraftRow, task: YoloTask, points: number): string[] {
  switch (task) {
    case 'detect':
      return [line(c, b)]
    case 'segment':
      return (s ?? [cornersOf(b)]).map((ring) => line(c, ring))
    case 'pose': {
      const own = k ?? []
      const padded = [...own, ...Array.from<number>({ length: points * 3 - own.length }).fill(0)]
      return [line(c, [...b, ...padded])]
    }
  }
}

function line(classNumber: number, numbers: readonly number[]): string {
  return `${classNumber} ${numbers.map(format).join(' ')}\n`
}

/** Nine decimals: within a thousandth of a pixel up to a million pixels wide; never in exponents. */
function format(value: number): string {
  const text = value.toFixed(9).replace(/\.?0+$/, '')
  return text === '' || text === '-0' ? '0' : text
}

/** The part inside the image, since ultralytics drops an image with a number outside 0..1. */
function boxOf(box: Box, { width, height }: ImageSize, mayBeFlat: boolean): DraftRow['b'] | null {
  const clipped = clipBox(box, width, height)
  if (!clipped && !mayBeFlat) return null
  const { x, y, w, h } = clipped ?? box
  return [clamp((x + w / 2) / width), clamp((y + h / 2) / height), clamp(w / width), clamp(h / height)]
}

function cornersOf([cx, cy, w, h]: DraftRow['b']): number[] {
  const left = clamp(cx - w / 2)
  const right = clamp(cx + w / 2)
  const top = clamp(cy - h / 2)
  const bottom = clamp(cy + h / 2)
  return [left, top, right, top, right, bottom, left, bottom]
}

function fractionsOf(ring: readonly number[], { width, height }: ImageSize): number[] {
  return ring.map((value, i) => clamp(value / (i % 2 === 0 ? width : height)))
}

function clamp(value: number): number {
  return Math.min(1, Math.max(0, value))
}
