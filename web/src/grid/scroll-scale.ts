/** Browsers cap the height of an element (Chromium near 33 million px, Firefox near 17 million). */
export const tallestPx = 8_000_000

/**
 * Between the scroll offset of an element, which cannot be taller than `tallestPx`, and the offset in a content of any height.
 * They are the same for contents that fit, else proportional, so that both ends are reached.
 */
export interface ScrollScale {
  /** Height of the element that stands for the content. */
  elementPx: number
  isScaled: boolean
  toContent(elementOffsetPx: number): number
  toElement(contentOffsetPx: number): number
}

export function scaleScroll(contentPx: number, viewportPx: number): ScrollScale {
  const elementPx = Math.min(contentPx, tallestPx)
  const most = Math.max(0, contentPx - viewportPx)
  const factor = contentPx <= tallestPx ? 1 : most / (elementPx - viewportPx)
  const clamp = (offset: number): number => Math.min(most, Math.max(0, offset))
  return {
    elementPx,
    isScaled: factor !== 1,
    toContent: (offset) => clamp(offset * factor),
    toElement: (offset) => clamp(offset) / factor,
  }
}
