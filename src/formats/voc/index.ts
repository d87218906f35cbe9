// voc: Pascal VOC: XML annotations, image sets, segmentation masks.
// Start with layout.ts (what belongs together), then reader.ts.
export { vocReader } from './reader.ts'
export { vocWriter } from './writer.ts'
