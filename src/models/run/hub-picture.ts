import type { RawImage } from '@huggingface/transformers'
import { resizePixels, type PillowKernel, type Pixels } from '#media'
import type { Transformers } from './transformers.ts'

/** `resample` of preprocessor_config.json, numbered and named as in Pillow; box and hamming are rare enough to go by bilinear. */
const kernels: Readonly<Record<string, PillowKernel | undefined>> = {
  1: 'lanczos',
  2: 'bilinear',
  3: 'bicubic',
  4: 'bilinear',
  5: 'bilinear',
  lanczos: 'lanczos',
  bilinear: 'bilinear',
  bicubic: 'bicubic',
  box: 'bilinear',
  hamming: 'bilinear',
}

/**
 * A picture as an image processor of transformers.js takes it, that resizes to the value as Pillow does, behind which models are
 * trained. The library's own resize looks at a few pixels under each output pixel, so fine texture turns into noise; it is left to
 * take the nearest one.
 */
export function createHubPicture(hub: Transformers, pixels: Pixels): RawImage {
  const image = new hub.RawImage(pixels.data, pixels.widthPx, pixels.heightPx, 3)
  const resizeNearest = image.resize.bind(image)
  image.resize = async (width, height, options = {}) => {
    const kernel = kernels[options.resample ?? 2]
    if (kernel === undefined) return resizeNearest(width, height, options)
    if (width === pixels.widthPx && height === pixels.heightPx) return image
    return createHubPicture(hub, resizePixels(pixels, [width, height], kernel))
  }
  return image
}
