// formats: dataset layouts on disk, one folder each, reader and writer side by side.
// It refuses the catalogue, and pictures but for a look into a few masks. Start with types.ts, then registry.ts; tree.ts walks a source once
// for all readers and detect.ts asks each of them.
export { detectFormat } from './detect.ts'
export { readerFor, readers, writers } from './registry.ts'
export { createSourceTree } from './tree.ts'
export * from './types.ts'
