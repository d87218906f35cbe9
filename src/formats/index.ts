// formats: dataset layouts on disk, one folder each, reader and writer side by side.
// It refuses the catalogue and decoding of pictures. Start with types.ts.
export * from './types.ts'
