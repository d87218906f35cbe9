import type { Camera, Size } from './camera.ts'
import type { DrawOrder } from './flags.ts'

/** Red, green, blue, 0..1. */
export type Rgb = readonly [number, number, number]

export interface Frame {
  camera: Camera
  /** CSS pixels. */
  size: Size
  /** Device pixels a CSS pixel. */
  ratio: number
  /** Diameter of a point in CSS pixels, and its opacity. */
  sizePx: number
  alpha: number
  /** Part of the points that are drawn, 0..1, for frames that have to be quick; the rest are made up for by opacity. */
  share: number
  /** Of the ring around selected points. */
  ink: Rgb
  /** What points outside of the query fade to. */
  back: Rgb
}

/** Draws the cloud. Only the last of each `set` counts; nothing is drawn before `draw`. */
export interface PointRenderer {
  kind: 'webgl2' | '2d'
  setPlaces(places: Float32Array): void
  setCodes(codes: Uint8Array): void
  /** Colours of the codes, four bytes each. */
  setTable(table: Uint8Array): void
  setOrder(order: DrawOrder): void
  draw(frame: Frame): void
  close(): void
}

/** One part of the drawing order, as it is drawn. */
export interface Pass {
  first: number
  count: number
  sizePx: number
  alpha: number
  /** How far colours go towards the background, 0..1. */
  fade: number
  ring: boolean
}

/** Outside of the query faint, then the query, then what is selected: larger, with a ring. */
export function planPasses({ outside, inside, selected }: DrawOrder, frame: Frame): Pass[] {
  const { sizePx, share } = frame
  const alpha = Math.min(0.9, frame.alpha / Math.max(share, 0.05) ** 0.7)
  const isCrowded = selected > 5_000
  return [
    { first: 0, count: outside, sizePx: sizePx * 0.85, alpha: alpha * 0.5, fade: 0.6, ring: false },
    {
      first: outside,
      count: inside,
      sizePx,
      alpha: selected > 0 ? alpha * 0.6 : alpha,
      fade: selected > 0 ? 0.35 : 0,
      ring: false,
    },
    {
      first: outside + inside,
      count: selected,
      sizePx: sizePx + (isCrowded ? 0.8 : 3),
      alpha: isCrowded ? Math.min(1, alpha * 1.6) : 1,
      fade: 0,
      ring: sizePx > 2 && !isCrowded,
    },
  ]
    .map((pass) => ({ ...pass, count: Math.ceil(pass.count * share) }))
    .filter(({ count }) => count > 0)
}
