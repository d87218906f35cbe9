import type { FieldType } from '#contract'

/**
 * What the query language needs to know of a dataset, and how it lies in DuckDB. The catalogue supplies it.
 *
 * Physical layout (aliases are the compiler's own):
 * - `tables.samples`: one row a sample; `id BIGINT` and one column a field, named exactly as the field (quote it).
 *   `phash` is UBIGINT inside, 16 hex digits at every edge. Datetime columns are TIMESTAMP in UTC.
 * - `tables.labels`: `id BIGINT, sample_id BIGINT, layer_id INTEGER, class_id INTEGER, kind UTINYINT` (index into `labelKinds`),
 *   `x, y, w, h DOUBLE` (px, null for class labels), `area DOUBLE` (px²), `area_share DOUBLE` (area / image area),
 *   `score DOUBLE, author VARCHAR, attributes VARCHAR` (JSON object or null), `geometry BLOB`.
 * - `tables.tags`: `sample_id BIGINT, tag_id INTEGER`, unique pairs.
 */
export interface QuerySchema {
  tables: { samples: string; labels: string; tags: string }
  fields: readonly QueryField[]
  classes: readonly { id: number; name: string; samples: number }[]
  layers: readonly { id: number; name: string }[]
  tags: readonly { id: number; name: string; samples: number }[]
  slices: readonly { name: string; query: string }[]
  /** Label attributes seen in the dataset. */
  attributes: readonly { name: string; type: 'number' | 'string' | 'boolean' }[]
  /** Layer that unqualified label terms look at. */
  defaultLayer: string
  /**
   * Answers `similar(…)` and `text(…)` with the name of a table: `id BIGINT` of the samples that have a vector, `score DOUBLE`,
   * and `hit BOOLEAN`, which a bare `text("…")` asks for. Without it such terms raise QUERY_NEEDS_EMBEDDINGS.
   */
  scores?: (call: ScoreCall) => string
}

/** A term that compares samples by their vectors. */
export interface ScoreCall {
  name: 'similar' | 'text'
  argument: string
}

export interface QueryField {
  name: string
  type: FieldType
  unit: string | null
  /** Bare words search it: path, note, captions and other text, but no hashes. */
  fullText: boolean
}

export type SqlValue = string | number | boolean | bigint | null

/** SQL text with `$1 …` placeholders and their values, in order. */
export interface SqlFragment {
  text: string
  values: SqlValue[]
}

export interface CompiledQuery {
  /** Boolean expression over the samples table under alias `s`; `TRUE` for everything. */
  where: SqlFragment
  /** `ORDER BY` list over alias `s` without the keyword, or null; the caller appends `s.id` as the last key. */
  orderBy: string | null
  limit: number | null
}
