// catalog: DuckDB with datasets, samples, fields, labels, ontology, tags, slices, and the one door for changes.
// Rows are never deleted: `live` says whether they count, so that every change can be undone and redone exactly.
// It refuses pictures, file formats and HTTP. Start with tables.ts, then door/step.ts and catalog.ts.
export { openCatalog, type Catalog } from './catalog.ts'
export { refuseFields, writeFields } from './door/write-fields.ts'
export { createCatalogOperations } from './operations.ts'
export * from './types.ts'
export { homeId, splitVersionName } from './versions/shelf.ts'
export type {
  DatasetDifference,
  StoredDictionary,
  StoredVersion,
  VersionPort,
  VersionSource,
} from './versions/types.ts'
