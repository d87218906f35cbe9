import type { FieldType, OntologyClass } from '#contract'
import type { Reading, Writing } from './database.ts'
import { schemaName } from './tables.ts'
import type { DatasetRef } from './types.ts'

/** Kinds of small named things that are kept as JSON, each change of them journalled with before and after. */
export type ThingKind = 'dataset' | 'card' | 'class' | 'field' | 'slice'

export interface StoredClass extends OntologyClass {
  id: number
}

export interface StoredField {
  name: string
  type: FieldType
  unit: string | null
  summary: string
}

export interface StoredSlice {
  name: string
  query: string
  createdAt: string
}

/** The dictionary of a dataset: everything small enough to be kept in memory. */
export interface DatasetState {
  classes: StoredClass[]
  fields: StoredField[]
  slices: StoredSlice[]
  layers: { id: number; name: string }[]
  tags: { id: number; name: string }[]
  attributes: { name: string; type: 'number' | 'string' | 'boolean' }[]
}

export async function loadState(db: Reading, dataset: DatasetRef): Promise<DatasetState> {
  const d = schemaName(dataset.id)
  const things = await db.rows<{ kind: ThingKind; value: string }>(
    'SELECT kind, value FROM things WHERE dataset_id = $1 ORDER BY rowid',
    [dataset.id],
  )
  const of = <T>(kind: ThingKind): T[] =>
    things.filter((thing) => thing.kind === kind).map((thing) => JSON.parse(thing.value) as T)
  return {
    classes: of<StoredClass>('class').toSorted((a, b) => a.id - b.id),
    fields: of('field'),
    slices: of('slice'),
    layers: await db.rows(`SELECT id, name FROM ${d}.layers ORDER BY id`),
    tags: await db.rows(`SELECT id, name FROM ${d}.tag_names ORDER BY id`),
    attributes: await db.rows(`SELECT name, type FROM ${d}.attributes ORDER BY name`),
  }
}

export type CounterName = 'change' | 'sample' | 'label' | 'name' | 'dataset'

/** Hands out ids within a transaction. */
export interface Counters {
  /** Reserves so many ids and answers the first. */
  take(name: CounterName, count?: number): number
  /** Writes back what was taken. */
  save(): Promise<void>
}

export async function openCounters(tx: Writing): Promise<Counters> {
  const rows = await tx.rows<{ name: CounterName; next: number }>('SELECT name, next FROM counters')
  const next = new Map(rows.map((row) => [row.name, row.next]))
  const moved = new Set<CounterName>()
  return {
    take(name, count = 1) {
      const first = next.get(name)!
      next.set(name, first + count)
      moved.add(name)
      return first
    },
    async save() {
      for (const name of moved) await tx.run('UPDATE counters SET next = $1 WHERE name = $2', [next.get(name)!, name])
    },
  }
}
