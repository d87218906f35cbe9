// store: bytes by content hash, laid out as DVC 3 does (`files/md5/ab/cdef…`), so that either can read the other's.
// It refuses to know what the bytes mean. Start with local.ts.
export { findRecorded } from './recorded.ts'
export { createLocalStore, type MediaStore } from './local.ts'
