// masks: images with pixel masks of the same stem, with or without class folders.
// Start with pair.ts (which mask is whose), then reader.ts (what its values mean).
export { masksReader } from './reader.ts'
export { masksWriter } from './writer.ts'
