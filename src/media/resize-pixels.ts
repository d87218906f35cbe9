import { bicubic, bilinear, lanczos, resizePlane } from './resample.ts'
import type { Pixels } from './resized.ts'

const kernels = { bilinear, bicubic, lanczos } as const
export type PillowKernel = keyof typeof kernels

/** Resizes interleaved RGB to the value as Pillow's Image.resize does, for networks that were trained behind it. */
export function resizePixels(
  { data, widthPx, heightPx }: Pixels,
  [toWidth, toHeight]: readonly [number, number],
  kernel: PillowKernel,
): Pixels {
  const out = new Uint8Array(3 * toWidth * toHeight)
  const plane = { data, width: widthPx, height: heightPx }
  for (let channel = 0; channel < 3; channel++) {
    const resized = resizePlane(plane, [toWidth, toHeight], kernels[kernel], { step: 3, offset: channel })
    for (let i = 0; i < resized.data.length; i++) out[3 * i + channel] = resized.data[i]!
  }
  return { data: out, widthPx: toWidth, heightPx: toHeight }
}
