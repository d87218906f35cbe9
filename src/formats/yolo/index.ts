// yolo: label files with one row an object, in fractions of the image, as ultralytics, darknet and labelling tools write
// them. layouts.ts tells how a tree is laid out, find-splits.ts finds its images, rows.ts reads the rows.
// The writer picks one task for the whole dataset, since ultralytics takes no mixture: write-rows.ts says how each kind
// of label is written for it. Start with reader.ts.
export { yoloReader } from './reader.ts'
export { yoloWriter } from './writer.ts'
