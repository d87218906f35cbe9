import { builtInFields, type FieldType } from '#contract'

/** Version of the catalogue's tables. One that is newer than this program knows is refused. */
export const schemaVersion = 1

const sqlTypes: Readonly<Record<FieldType, string>> = {
  number: 'DOUBLE',
  integer: 'BIGINT',
  string: 'VARCHAR',
  boolean: 'BOOLEAN',
  datetime: 'TIMESTAMP',
}

/** The perceptual hash is a number inside, for fast Hamming distances. */
export function sqlTypeOf(field: string, type: FieldType): string {
  return field === 'phash' ? 'UBIGINT' : sqlTypes[type]
}

/** Quotes a name for SQL. */
export function quote(name: string): string {
  return `"${name.replaceAll('"', '""')}"`
}

/** Columns behind the built-in ones: which change made the row, which removed it, whether it counts now. */
const lifeColumns = 'added BIGINT, removed BIGINT, live BOOLEAN'

/** Tables of the workspace as a whole. */
export const workspaceTables = `
  CREATE TABLE meta (schema_version INTEGER);
  INSERT INTO meta VALUES (${schemaVersion});
  CREATE TABLE counters (name VARCHAR, next BIGINT);
  INSERT INTO counters VALUES ('change', 1), ('sample', 1), ('label', 1), ('name', 1), ('dataset', 1);
  CREATE TABLE datasets (id INTEGER, name VARCHAR, created_at TIMESTAMP, updated_at TIMESTAMP, live BOOLEAN);
  CREATE TABLE changes (
    id BIGINT, made_at TIMESTAMP, actor VARCHAR, operation VARCHAR, dataset_id INTEGER, summary VARCHAR,
    changed BIGINT, state VARCHAR, undone_seq BIGINT, undone_before BIGINT
  );
  CREATE TABLE things (dataset_id INTEGER, kind VARCHAR, key VARCHAR, value VARCHAR);
  CREATE TABLE thing_journal (change BIGINT, seq INTEGER, dataset_id INTEGER, kind VARCHAR, key VARCHAR, before VARCHAR, after VARCHAR);
  CREATE TABLE problems (dataset_id INTEGER, file VARCHAR, code VARCHAR, what VARCHAR, fix VARCHAR, found_at TIMESTAMP);
`

/**
 * Tables of one dataset, in a schema of its own. There are no indexes: ids come from counters, look-ups are scans of
 * compressed columns, and bulk writes stay fast. Rows are never deleted; `live` says whether they count.
 */
export function datasetTables(id: number): string {
  const columns = builtInFields.map((field) => `${quote(field.name)} ${sqlTypeOf(field.name, field.type)}`).join(', ')
  const d = schemaName(id)
  return `
    CREATE SCHEMA ${d};
    CREATE TABLE ${d}.samples (${columns}, modified_ms DOUBLE, ${lifeColumns});
    CREATE TABLE ${d}.labels (
      id BIGINT, sample_id BIGINT, layer_id INTEGER, class_id INTEGER, kind UTINYINT,
      x DOUBLE, y DOUBLE, w DOUBLE, h DOUBLE, area DOUBLE, area_share DOUBLE, score DOUBLE,
      author VARCHAR, attributes VARCHAR, geometry BLOB, ${lifeColumns}
    );
    CREATE TABLE ${d}.tags (sample_id BIGINT, tag_id INTEGER, ${lifeColumns});
    CREATE TABLE ${d}.tag_names (id INTEGER, name VARCHAR);
    CREATE TABLE ${d}.layers (id INTEGER, name VARCHAR);
    CREATE TABLE ${d}.attributes (name VARCHAR, type VARCHAR);
    CREATE TABLE ${d}.digests (sample_id BIGINT, layer_id INTEGER, digest VARCHAR, added BIGINT, removed BIGINT, live BOOLEAN);
    CREATE TABLE ${d}.value_journal (change BIGINT, sample_id BIGINT, field VARCHAR, before VARCHAR, after VARCHAR);
  `
}

export function schemaName(id: number): string {
  return `d${id}`
}

/** The rows of a table that count, as a table expression. */
export function live(id: number, table: 'samples' | 'labels' | 'tags' | 'digests'): string {
  return `(SELECT * FROM ${schemaName(id)}.${table} WHERE live)`
}

/** The tables of a dataset as it is now, as queries are compiled against them. */
export function liveTables(id: number): Readonly<Record<'samples' | 'labels' | 'tags', string>> {
  return { samples: live(id, 'samples'), labels: live(id, 'labels'), tags: live(id, 'tags') }
}
