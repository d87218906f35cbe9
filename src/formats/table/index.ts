// table: CSV, JSONL and Parquet manifests: fovea's own (own.ts, lossless) and those of others (foreign.ts).
// DuckDB reads and writes Parquet here; nothing of the catalogue is touched. Start with reader.ts.
export { findRoles } from './columns.ts'
export { draftsOfForeign, scanForeign, type ForeignTable } from './foreign.ts'
export { createTableReader } from './reader.ts'
export { openTable, tableFormatOf } from './source.ts'
export { csvWriter, jsonLinesWriter, parquetWriter } from './writers.ts'
