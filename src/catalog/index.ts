// catalog: DuckDB with datasets, samples, fields, labels, ontology, tags, slices, and the one door for changes.
// It refuses pictures, file formats and HTTP. Start with types.ts.
export * from './types.ts'
