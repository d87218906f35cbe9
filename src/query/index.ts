// query: the query language: text → tokens → tree (syntax/) → typed tree (check/) → SQL (sql/); suggestions (complete/).
// It refuses to run SQL and to know where datasets live: the schema of schema.ts comes in, a WHERE clause goes out.
// Start with schema.ts and compile.ts; docs/query-language.md is the language as users see it.
export { completeQuery } from './complete/complete.ts'
export { checkQuery, compileQuery, listScoreCalls } from './compile.ts'
export { compileMeasure, type CompiledMeasure } from './measure.ts'
export * from './schema.ts'
export { formatQuery, quote } from './syntax/format.ts'
export { parseQuery } from './syntax/parser.ts'
