// Geometry in absolute pixels, origin top left. Pixel (c, r) covers [c, c+1) × [r, r+1).
export { boundsOfBoxes, boundsOfPoints, clipBox, boxArea, intersectionOverUnion } from './box.ts'
export { polygonArea, polygonBounds, rasterizePolygon } from './polygon.ts'
export { compressCounts, decompressCounts } from './counts.ts'
export { decodeMask, encodeMask, maskArea, maskBounds, pickPixels } from './rle.ts'
export { traceMask } from './trace.ts'
