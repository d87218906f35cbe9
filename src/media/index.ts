// media: pictures as bytes and pixels: decode, probe, EXIF, statistics, perceptual hash, masks, thumbnails.
// It refuses anything that knows about datasets or labels beyond pixels. Start with types.ts.
export * from './types.ts'
