import { labelKinds, type Geometry } from '#contract'
import type { Reading } from '../database.ts'
import { decodeGeometry } from '../geometry-codec.ts'
import type { FaultyLabel, LabelFaults, LabelRule } from '../types.ts'
import { labelsFrom, type ScopedSql } from './quality-scope.ts'

const kindNumber = (kind: (typeof labelKinds)[number]): number => labelKinds.indexOf(kind)
/** Kinds that cover a surface. */
const surfaces = ['box', 'polygon', 'mask'] as const
const hasSurface = `l.kind IN (${surfaces.map(kindNumber).join(', ')})`

interface RuleSql {
  /** Which labels the rule is about. */
  about: string
  fault: string
  /** The higher, the worse. */
  rank: string
  value: string
  /** Whether the size of the picture is needed. */
  sized: boolean
}

function ruleSql(rule: LabelRule): RuleSql {
  switch (rule.rule) {
    case 'outside': {
      const over = 'greatest(-l.x, -l.y, l.x + l.w - s.width, l.y + l.h - s.height)'
      return {
        about: 'l.x IS NOT NULL',
        fault: `${over} > ${rule.tolerancePx}::DOUBLE`,
        rank: over,
        value: over,
        sized: true,
      }
    }
    case 'empty':
      return {
        about: hasSurface,
        fault: '(l.w <= 0 OR l.h <= 0 OR l.area <= 0)',
        rank: '-l.area',
        value: 'l.area',
        sized: false,
      }
    case 'area':
      return {
        about: `${hasSurface} AND l.area_share IS NOT NULL`,
        fault: `(l.area_share < ${rule.low}::DOUBLE OR l.area_share > ${rule.high}::DOUBLE)`,
        rank: `greatest(${rule.low}::DOUBLE - l.area_share, l.area_share - ${rule.high}::DOUBLE)`,
        value: 'l.area_share',
        sized: false,
      }
  }
}

/** See `QualityPort.labelFaults`. */
export async function findLabelFaults(
  db: Reading,
  scoped: ScopedSql,
  layer: string,
  rule: LabelRule,
  limit: number,
): Promise<LabelFaults> {
  const { about, fault, rank, value, sized } = ruleSql(rule)
  const from = labelsFrom(scoped, layer, sized)
  const { looked, found } = await db.row<{ looked: number; found: number }>(
    `SELECT count(*) AS looked, count(*) FILTER (${fault}) AS found FROM ${from} WHERE ${about}`,
    scoped.values,
  )
  if (found === 0) return { looked, found, samples: 0, worst: [] }
  const faulty = `SELECT l.id, l.sample_id AS sample, ${value} AS value, ${rank} AS rank FROM ${from} WHERE ${about} AND ${fault}`
  return { looked, found, ...(await readWorst(db, scoped, faulty, limit)) }
}

/** The worst of faulty labels (columns id, sample, value, rank) with their paths, and how many samples have one. */
async function readWorst(
  db: Reading,
  { schema, values }: ScopedSql,
  faulty: string,
  limit: number,
): Promise<{ samples: number; worst: FaultyLabel[] }> {
  const rows = await db.rows<FaultyLabel & { samples: number }>(
    `WITH f AS MATERIALIZED (${faulty})
     SELECT t.id, t.sample, p.path, t.value, (SELECT count(DISTINCT sample) FROM f) AS samples
     FROM (SELECT * FROM f ORDER BY rank DESC, id LIMIT ${limit}) t JOIN ${schema.tables.samples} p ON p.id = t.sample
     ORDER BY t.rank DESC, t.id`,
    values,
  )
  return { samples: rows[0]?.samples ?? 0, worst: rows.map(({ samples: _, ...row }) => row) }
}

/** See `QualityPort.doubledBoxes`: of two that overlap, the later one is the fault. */
export async function findDoubledBoxes(
  db: Reading,
  scoped: ScopedSql,
  layer: string,
  iou: number,
  limit: number,
): Promise<LabelFaults & { others: number[] }> {
  const from = labelsFrom(scoped, layer)
  const about = `l.kind = ${kindNumber('box')} AND l.w > 0 AND l.h > 0`
  const { looked } = await db.row<{ looked: number }>(
    `SELECT count(*) AS looked FROM ${from} WHERE ${about}`,
    scoped.values,
  )
  const inner = `(greatest(0, least(a.x + a.w, b.x + b.w) - greatest(a.x, b.x)) * greatest(0, least(a.y + a.h, b.y + b.h) - greatest(a.y, b.y)))`
  const overlap = `${inner} / (a.w * a.h + b.w * b.h - ${inner})`
  const rows = await db.rows<FaultyLabel & { other: number; found: number; samples: number }>(
    `WITH b AS MATERIALIZED (SELECT l.id, l.sample_id, l.class_id, l.x, l.y, l.w, l.h FROM ${from} WHERE ${about}),
     f AS MATERIALIZED (SELECT b.id, b.sample_id AS sample, max(${overlap}) AS value, arg_max(a.id, ${overlap}) AS other
       FROM b a JOIN b ON a.sample_id = b.sample_id AND a.class_id = b.class_id AND a.id < b.id
       WHERE ${overlap} >= ${iou}::DOUBLE GROUP BY 1, 2)
     SELECT t.*, p.path, (SELECT count(*) FROM f) AS found, (SELECT count(DISTINCT sample) FROM f) AS samples
     FROM (SELECT * FROM f ORDER BY value DESC, id LIMIT ${limit}) t JOIN ${scoped.schema.tables.samples} p ON p.id = t.sample
     ORDER BY t.value DESC, t.id`,
    scoped.values,
  )
  return {
    looked,
    found: rows[0]?.found ?? 0,
    samples: rows[0]?.samples ?? 0,
    worst: rows.map(({ id, sample, path, value }) => ({ id, sample, path, value })),
    others: rows.map(({ other }) => other),
  }
}

export async function summariseAreas(
  db: Reading,
  scoped: ScopedSql,
  layer: string,
): Promise<{ count: number; q1: number | null; q3: number | null }> {
  const { count, q } = await db.row<{ count: number; q: (number | null)[] | null }>(
    `SELECT count(*) AS count, quantile_cont(l.area_share, [0.25, 0.75]) AS q
     FROM ${labelsFrom(scoped, layer)} WHERE ${hasSurface} AND l.area_share IS NOT NULL`,
    scoped.values,
  )
  return { count, q1: q?.[0] ?? null, q3: q?.[1] ?? null }
}

const polygonsPerRead = 20_000

/** Polygons in order of id, read in parts. */
export async function* readPolygons(
  db: Reading,
  scoped: ScopedSql,
  layer: string,
): AsyncIterable<{ id: number; sample: number; path: string; geometry: Geometry }> {
  for (let after = -1; ;) {
    const rows = await db.rows<{ id: number; sample: number; path: string; geometry: Uint8Array }>(
      `SELECT l.id, l.sample_id AS sample, s.path, l.geometry FROM ${labelsFrom(scoped, layer, true)}
       WHERE l.kind = ${kindNumber('polygon')} AND l.geometry IS NOT NULL AND l.id > ${after} ORDER BY l.id LIMIT ${polygonsPerRead}`,
      scoped.values,
    )
    for (const { geometry, ...row } of rows) yield { ...row, geometry: decodeGeometry(geometry) }
    if (rows.length < polygonsPerRead) return
    after = rows.at(-1)!.id
  }
}
