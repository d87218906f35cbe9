import type { MediaProblem, MediaProblemCode } from './types.ts'

/** Carries a problem out of a decoder; caught at the border of the room and never seen outside. */
export class MediaFault extends Error {
  readonly problem: MediaProblem

  constructor(code: MediaProblemCode, what: string, fix: string) {
    super(what)
    this.name = 'MediaFault'
    this.problem = { code, what, fix }
  }
}

/** The problem of anything caught while a file was looked at. */
export function problemOf(caught: unknown): MediaProblem {
  if (caught instanceof MediaFault) return caught.problem
  const detail = caught instanceof Error ? caught.message : String(caught)
  return {
    code: 'image-unreadable',
    what: `The picture cannot be decoded (${detail.split('\n')[0]!.slice(0, 200)}).`,
    fix: 'Open it in an image editor and save it again, or remove it.',
  }
}

/** The same problem, told of a mask file. */
export function asMaskProblem({ code, what, fix }: MediaProblem): MediaProblem {
  return { code: code === 'mask-size' ? code : 'mask-unreadable', what: `Mask: ${what}`, fix }
}
