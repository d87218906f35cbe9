// transfer: import and export: formats meet media and the catalogue.
// It owns the checks of stated labels, archives, incremental import, atomic export; it refuses to know any one format.
// Start with import.ts and export.ts.
export { createTransferOperations } from './operations.ts'
