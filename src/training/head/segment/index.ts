export { segmentParams, type SegmentParams } from './params.ts'
export { trainSegmentHead } from './train.ts'
