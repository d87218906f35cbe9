import type { PicturePlace } from '../labels/draw.ts'

export type { PicturePlace } from '../labels/draw.ts'

/** Width and height in px. */
export interface Size {
  w: number
  h: number
}

/** Screen pixels a picture's pixel may take at most. */
const maxScale = 64
/** Of the picture, px, that always stay in sight while it is dragged. */
const keptPx = 48

/** The whole picture in the middle of the stage. Small pictures are enlarged up to eight times. */
export function fitPicture(stage: Size, picture: Size, marginPx = 12): PicturePlace {
  const w = Math.max(1, stage.w - 2 * marginPx)
  const h = Math.max(1, stage.h - 2 * marginPx)
  const scale = Math.min(w / Math.max(1, picture.w), h / Math.max(1, picture.h), 8)
  return centrePicture(stage, picture, scale)
}

function centrePicture(stage: Size, picture: Size, scale: number): PicturePlace {
  return { scale, x: (stage.w - picture.w * scale) / 2, y: (stage.h - picture.h * scale) / 2 }
}

/** Keeps a scale between a quarter of what fits, never above 1, and 64 screen pixels a pixel. */
export function limitScale(scale: number, stage: Size, picture: Size): number {
  const low = Math.min(fitPicture(stage, picture).scale / 4, 1)
  return Math.min(maxScale, Math.max(low, scale))
}

/** Another scale; the pixel of the picture under (atX, atY) of the stage stays there. */
export function zoomAt(
  place: PicturePlace,
  scale: number,
  atX: number,
  atY: number,
  stage: Size,
  picture: Size,
): PicturePlace {
  const next = limitScale(scale, stage, picture)
  const ratio = next / place.scale
  return holdInSight(
    { scale: next, x: atX - (atX - place.x) * ratio, y: atY - (atY - place.y) * ratio },
    stage,
    picture,
  )
}

/** Moved by (dx, dy) px of the stage. */
export function panBy(place: PicturePlace, dx: number, dy: number, stage: Size, picture: Size): PicturePlace {
  return holdInSight({ scale: place.scale, x: place.x + dx, y: place.y + dy }, stage, picture)
}

/** Puts a point of the picture, in its pixels, into the middle of the stage. */
export function centreOn(place: PicturePlace, px: number, py: number, stage: Size, picture: Size): PicturePlace {
  return holdInSight(
    { scale: place.scale, x: stage.w / 2 - px * place.scale, y: stage.h / 2 - py * place.scale },
    stage,
    picture,
  )
}

/** Keeps the middle of what is seen when the stage changes its size. */
export function resizeStage(place: PicturePlace, from: Size, to: Size, picture: Size): PicturePlace {
  return holdInSight(
    { scale: place.scale, x: place.x + (to.w - from.w) / 2, y: place.y + (to.h - from.h) / 2 },
    to,
    picture,
  )
}

function holdInSight(place: PicturePlace, stage: Size, picture: Size): PicturePlace {
  const hold = (at: number, stageLength: number, length: number): number => {
    const kept = Math.min(keptPx, length, stageLength)
    return Math.min(stageLength - kept, Math.max(kept - length, at))
  }
  return {
    scale: place.scale,
    x: hold(place.x, stage.w, picture.w * place.scale),
    y: hold(place.y, stage.h, picture.h * place.scale),
  }
}

/** The part of the picture that is in sight, whole pixels, cut to the picture; null when none is. */
export function partInSight(
  place: PicturePlace,
  stage: Size,
  picture: Size,
): { x: number; y: number; w: number; h: number } | null {
  const x = Math.max(0, Math.floor(-place.x / place.scale))
  const y = Math.max(0, Math.floor(-place.y / place.scale))
  const right = Math.min(picture.w, Math.ceil((stage.w - place.x) / place.scale))
  const bottom = Math.min(picture.h, Math.ceil((stage.h - place.y) / place.scale))
  return right > x && bottom > y ? { x, y, w: right - x, h: bottom - y } : null
}

/** The factor of one turn of a wheel; `deltaMode` 1 counts lines, 2 pages, and a pinch on a touch pad is a wheel with Ctrl (UI Events). */
export function wheelFactor({
  deltaY,
  deltaMode,
  ctrlKey,
}: Pick<WheelEvent, 'deltaY' | 'deltaMode' | 'ctrlKey'>): number {
  const px = deltaY * (deltaMode === 1 ? 16 : deltaMode === 2 ? 400 : 1) * (ctrlKey && Math.abs(deltaY) < 40 ? 4 : 1)
  return Math.exp(-Math.min(240, Math.max(-240, px)) * 0.0022)
}

const steps = [
  1 / 64,
  1 / 32,
  1 / 16,
  1 / 8,
  1 / 6,
  1 / 4,
  1 / 3,
  1 / 2,
  2 / 3,
  1,
  1.5,
  2,
  3,
  4,
  6,
  8,
  12,
  16,
  24,
  32,
  48,
  64,
]

/** The next round scale above (1) or below (-1). */
export function stepScale(scale: number, direction: 1 | -1): number {
  if (direction === 1) return steps.find((step) => step > scale * 1.01) ?? maxScale
  return steps.findLast((step) => step < scale / 1.01) ?? steps[0]!
}

/** Where a point of the stage lies in the picture, in its pixels. */
export function toPicture(place: PicturePlace, x: number, y: number): { x: number; y: number } {
  return { x: (x - place.x) / place.scale, y: (y - place.y) / place.scale }
}
