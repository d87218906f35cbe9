import type { DuckDBConnection } from '@duckdb/node-api'
import type { Rng } from '#base'

export interface Row {
  id: number
  path: string
  split: string | null
  note: string | null
  bytes: number
  phash: bigint
  width: number
  height: number
  grayscale: boolean | null
  brightness: number | null
  captured: string | null
  iso: number | null
  tags: number[]
  labels: LabelRow[]
}
export interface LabelRow {
  layer: number
  class: number
  kind: number
  box: [number, number, number, number] | null
  area: number | null
  share: number | null
  score: number | null
  author: string | null
  attributes: Record<string, string | number | boolean> | null
}

export const paths = [
  'a/line-3/x.jpg',
  'line-3/y.jpg',
  'line-3/sub/z.jpg',
  'line-3b/x.png',
  'Tile_100%.JPG',
  'deep/a/b/tile.jpg',
  'x.jpg',
]
export const notes = [null, 'cracked TILE', 'night shift?', 'O\'Brien "x"', 'ÄRGER', '']
const splits = [null, 'train', 'val', 'Val']
const days = [null, '2024-05-01 00:00:00', '2024-05-01 12:30:00', '2024-06-02 00:00:00']
const shades = [null, 0, 0.25, 0.5, 1]

/** Samples with labels of every kind, in two layers, and with every value missing somewhere. */
export function makeRows(rng: Rng): Row[] {
  return Array.from({ length: 24 }, (_, index) => {
    const width = rng.pick([320, 640])
    const height = rng.pick([240, 480])
    return {
      id: index + 1,
      path: rng.pick(paths),
      split: rng.pick(splits),
      note: rng.pick(notes),
      bytes: rng.pick([1, 10_000_000, 3_000_000_000]),
      phash: rng.pick([0n, 255n, 2n ** 64n - 1n]),
      width,
      height,
      grayscale: rng.pick([true, false, null]),
      brightness: rng.pick(shades),
      captured: rng.pick(days),
      iso: rng.pick([null, 100, 200]),
      tags: [1, 2, 3].filter(() => rng.next() < 0.3),
      labels: Array.from({ length: rng.integer(0, 5) }, () => makeLabel(rng, width, height)),
    }
  })
}

function makeLabel(rng: Rng, width: number, height: number): LabelRow {
  const kind = rng.integer(0, 5)
  const [w, h] = [rng.pick([32, 64]), rng.pick([24, 48])]
  return {
    layer: rng.pick([1, 1, 2]),
    class: rng.integer(1, 3),
    kind,
    box: kind === 0 ? null : [rng.pick([0, 16]), rng.pick([0, 24]), w, h],
    area: kind === 0 ? null : w * h,
    share: kind === 0 ? null : (w * h) / (width * height),
    score: rng.pick([null, 0.5, 0.95]),
    author: rng.pick([null, 'anna']),
    attributes: rng.pick<LabelRow['attributes']>([
      null,
      {},
      { occluded: true, age: 3 },
      { occluded: false, age: 4.5, colour: 'red', width: 7 },
    ]),
  }
}

/** Creates the tables of schema.ts under a schema of that name and fills them. */
export async function fillTables(connection: DuckDBConnection, name: string, rows: readonly Row[]): Promise<void> {
  await connection.run(`CREATE SCHEMA ${name}`)
  await connection.run(`CREATE TABLE ${name}.samples (id BIGINT, path VARCHAR, split VARCHAR, note VARCHAR, bytes BIGINT, phash UBIGINT,
    width INTEGER, height INTEGER, grayscale BOOLEAN, brightness DOUBLE, captured_at TIMESTAMP, "exif.iso" INTEGER)`)
  await connection.run(`CREATE TABLE ${name}.tags (sample_id BIGINT, tag_id INTEGER)`)
  await connection.run(`CREATE TABLE ${name}.labels (id BIGINT, sample_id BIGINT, layer_id INTEGER, class_id INTEGER, kind UTINYINT, x DOUBLE, y DOUBLE,
    w DOUBLE, h DOUBLE, area DOUBLE, area_share DOUBLE, score DOUBLE, author VARCHAR, attributes VARCHAR, geometry BLOB)`)
  let labelId = 0
  for (const row of rows) {
    await connection.run(
      `INSERT INTO ${name}.samples VALUES ($1, $2, $3, $4, $5::BIGINT, $6::UBIGINT, $7, $8, $9, $10::DOUBLE, $11::TIMESTAMP, $12::INTEGER)`,
      [
        row.id,
        row.path,
        row.split,
        row.note,
        row.bytes,
        row.phash,
        row.width,
        row.height,
        row.grayscale,
        row.brightness,
        row.captured,
        row.iso,
      ],
    )
    for (const tag of row.tags) await connection.run(`INSERT INTO ${name}.tags VALUES ($1, $2)`, [row.id, tag])
    for (const label of row.labels) {
      const [x, y, w, h] = label.box ?? [null, null, null, null]
      const attributes = label.attributes === null ? null : JSON.stringify(label.attributes)
      await connection.run(
        `INSERT INTO ${name}.labels VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, NULL)`,
        [
          ++labelId,
          row.id,
          label.layer,
          label.class,
          label.kind,
          x,
          y,
          w,
          h,
          label.area,
          label.share,
          label.score,
          label.author,
          attributes,
        ],
      )
    }
  }
}
