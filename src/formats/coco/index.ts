// coco: annotation files in COCO's JSON. The reader tells them by content, scans them as bytes (json-scan.ts) and keeps
// only where each image's annotations stand (spans.ts), so that size is no matter. The writer streams.
// Start with reader.ts and annotation.ts; writer.ts for the other way.
export { cocoReader } from './reader.ts'
export { cocoWriter } from './writer.ts'
