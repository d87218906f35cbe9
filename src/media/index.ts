// media: pictures as bytes and pixels: decode, probe, EXIF, statistics, perceptual hash, masks, thumbnails.
// It refuses anything that knows about datasets or labels beyond pixels.
// Start with types.ts, then examine.ts: one image from bytes to facts, in order. pool.ts runs it on worker threads.
export * from './types.ts'
export { encodePng, type PaletteColor } from './png-pixels.ts'
export { corruptPicture, turnOf } from './corrupt.ts'
export { createMediaPool } from './pool.ts'
export { resizePixels, type PillowKernel } from './resize-pixels.ts'
export { fitPixels, measurePlacement, type Placement } from './fit-pixels.ts'
export { readPixels, readResized, type Pixels, type Planes, type Region, type ResizePlan } from './resized.ts'
export { isImagePath } from './sniff.ts'
export { thumbnailPath } from './thumbnail.ts'
export { writeMaskPng } from './write-mask.ts'
