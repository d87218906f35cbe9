// query: the query language: lexer → parser → typed tree → SQL; completion from the same grammar.
// It refuses to run SQL and to know where datasets live. Start with schema.ts.
export * from './schema.ts'
