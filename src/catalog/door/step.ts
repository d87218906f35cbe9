import { builtInFields, type FieldType, type MediaFacts, type Scalar } from '#contract'
import { FoveaError } from '#base'
import type { QuerySchema } from '#query'
import type { AppendValue, Writing } from '../database.ts'
import type { Counters, DatasetState } from '../state.ts'
import { quote, schemaName, sqlTypeOf } from '../tables.ts'
import type { ChangeStep, DatasetRef, ImportedSource, NewSample, Selection } from '../types.ts'
import { labelRow, noteAttributes, retire } from './labels.ts'
import { patchAttributes } from './attributes.ts'
import { createNames } from './names.ts'
import { chooseSamples } from './select.ts'
import { setThing } from './things.ts'
import { applyIncoming, clearIncoming, isWritable, toStored, typeOfField } from './values.ts'

export interface StepDeps {
  tx: Writing
  dataset: DatasetRef
  change: number
  counters: Counters
  /** Of the dataset as this step finds it; kept up to date by it. */
  state: DatasetState
  schema: (selection: Selection) => Promise<QuerySchema>
  now: string
}

export interface OpenStep extends ChangeStep {
  /** Things that are different now. */
  readonly changed: number
}

/** The primitives every change is made of. Each records its inverse in the same transaction. */
export function createStep(deps: StepDeps): OpenStep {
  const { tx, dataset, change, counters, state, now } = deps
  const d = schemaName(dataset.id)
  const names = createNames(dataset.id, change, state, counters)
  /** Ids up to here existed before this step; younger ones have no labels or tags to retire. */
  let oldSamplesUpTo = Infinity
  let changed = 0
  const note = (count: number): number => {
    changed += count
    return count
  }
  const choose = (selection: Selection): Promise<number> => chooseSamples(tx, dataset.id, selection, deps.schema)
  const touch = (ids: string): Promise<number> =>
    tx.run(`UPDATE ${d}.samples SET updated_at = $1 WHERE id IN (${ids})`, [now])

  const addField = async (name: string, type: FieldType): Promise<void> => {
    await setThing(
      tx,
      change,
      { datasetId: dataset.id, kind: 'field', key: name },
      { name, type, unit: null, summary: '' },
    )
    await tx.run(`ALTER TABLE ${d}.samples ADD COLUMN ${quote(name)} ${sqlTypeOf(name, type)}`)
    state.fields.push({ name, type, unit: null, summary: '' })
  }

  const writeValues = async (rows: readonly { id: number; values: Record<string, Scalar> }[]): Promise<number> => {
    const types = new Map<string, FieldType>()
    const incoming: AppendValue[][] = []
    const ids = new Set<number>()
    for (const { id, values } of rows) {
      for (const [field, value] of Object.entries(values)) {
        const type = field === 'modified_ms' ? 'number' : typeOfField(state, field)
        if (type === null) throw new FoveaError('FIELD_NOT_FOUND', `The dataset ${dataset.name} has no field ${field}.`)
        types.set(field, type)
        ids.add(id)
        incoming.push([id, field, toStored(field, type, value)])
      }
    }
    if (incoming.length === 0) return 0
    await clearIncoming(tx)
    for (const [id, field, value] of incoming.length <= 50 ? incoming : []) {
      await tx.run('INSERT INTO temp.incoming VALUES ($1, $2, $3)', [
        id as number,
        field as string,
        value as string | null,
      ])
    }
    if (incoming.length > 50) {
      const json = JSON.stringify(incoming.map(([i, f, v]) => ({ i, f, v })))
      await tx.run(
        `INSERT INTO temp.incoming SELECT r.i, r.f, r.v FROM (SELECT unnest(from_json($1, '[{"i":"BIGINT","f":"VARCHAR","v":"VARCHAR"}]')) AS r)`,
        [json],
      )
    }
    let most = 0
    for (const [field, type] of types) most = Math.max(most, await applyIncoming(tx, change, dataset.id, field, type))
    if (most > 0) await touch('SELECT sample_id FROM temp.incoming')
    return note(most)
  }

  const step: OpenStep = {
    get changed() {
      return changed
    },
    async addSamples(samples, layer) {
      if (samples.length === 0) return []
      const first = counters.take('sample', samples.length)
      oldSamplesUpTo = Math.min(oldSamplesUpTo, first)
      const order = await tx.rows<{ name: string }>(
        "SELECT column_name AS name FROM duckdb_columns() WHERE schema_name = $1 AND table_name = 'samples' ORDER BY column_index",
        [d],
      )
      const columns = order.map((column) => column.name)
      await tx.append(
        d,
        'samples',
        samples.map((sample, i) => sampleRow(columns, first + i, sample, { change, now, state })),
      )
      const layerId = await names.layerId(tx, layer)
      await tx.append(
        d,
        'digests',
        samples.map((sample, i) => [first + i, layerId, sample.digest, change, null, true]),
      )
      const tagIds = await names.tagIds(tx, [...new Set(samples.flatMap((sample) => sample.tags))])
      await tx.append(
        d,
        'tags',
        samples.flatMap((sample, i) =>
          [...new Set(sample.tags)].map((tag) => [first + i, tagIds.get(tag)!, change, null, true]),
        ),
      )
      note(samples.length)
      return samples.map((_, i) => first + i)
    },
    async replaceMedia(rows) {
      await writeValues(
        rows.map(({ id, facts, modifiedMs }) => ({ id, values: { ...facts, modified_ms: modifiedMs } })),
      )
    },
    async replaceLabels(layer, rows) {
      if (rows.length === 0) return 0
      const layerId = await names.layerId(tx, layer)
      await choose({ ids: rows.map((row) => row.id) })
      if (rows.some((row) => row.id < oldSamplesUpTo)) {
        note(
          await retire(
            tx,
            change,
            dataset.id,
            'labels',
            'layer_id = $2 AND sample_id IN (SELECT id FROM temp.chosen)',
            [layerId],
          ),
        )
      }
      await retire(tx, change, dataset.id, 'digests', 'layer_id = $2 AND sample_id IN (SELECT id FROM temp.chosen)', [
        layerId,
      ])
      await tx.append(
        d,
        'digests',
        rows.map((row) => [row.id, layerId, row.digest, change, null, true]),
      )
      const classNames = new Set(rows.flatMap((row) => row.labels.map((label) => label.class)))
      const classIds = await names.classIds(
        tx,
        [...classNames].map((name) => ({ name })),
      )
      await noteAttributes(
        tx,
        dataset.id,
        state,
        rows.flatMap((row) => [...row.labels]),
      )
      const sizes = await tx.rows<{ id: number; area: number }>(
        `SELECT id, width * height AS area FROM ${d}.samples WHERE live AND id IN (SELECT id FROM temp.chosen)`,
      )
      const areas = new Map(sizes.map((size) => [size.id, size.area]))
      const total = rows.reduce((sum, row) => sum + row.labels.length, 0)
      let id = counters.take('label', total)
      await tx.append(
        d,
        'labels',
        rows.flatMap((row) => {
          const place = { change, layerId, classIds, imageArea: areas.get(row.id) ?? 1 }
          return row.labels.map((label) => labelRow(id++, row.id, label, place))
        }),
      )
      const old = rows.filter((row) => row.id < oldSamplesUpTo)
      if (old.length > 0) await touch('SELECT id FROM temp.chosen')
      note(total)
      return total
    },
    async setAttributes(rows) {
      const patched = await patchAttributes({ tx, change, datasetId: dataset.id, state }, rows)
      if (patched > 0) await touch('SELECT sample_id FROM temp.patched')
      return note(patched)
    },
    async removeSamples(selection) {
      if ((await choose(selection)) === 0) return 0
      const where = 'sample_id IN (SELECT id FROM temp.chosen)'
      for (const table of ['labels', 'tags', 'digests'] as const) await retire(tx, change, dataset.id, table, where)
      return note(
        await tx.run(
          `UPDATE ${d}.samples SET live = false, removed = $1 WHERE live AND id IN (SELECT id FROM temp.chosen)`,
          [change],
        ),
      )
    },
    async addTags(selection, tags) {
      await choose(selection)
      const ids = await names.tagIds(tx, tags)
      await tx.run('CREATE OR REPLACE TEMP TABLE touched (id BIGINT)')
      for (const id of ids.values()) {
        const missing = `SELECT c.id FROM temp.chosen c ANTI JOIN (SELECT sample_id FROM ${d}.tags WHERE live AND tag_id = ${id}) t ON t.sample_id = c.id`
        await tx.run(`INSERT INTO temp.touched ${missing}`)
        await tx.run(`INSERT INTO ${d}.tags SELECT id, $1, $2, NULL, true FROM (${missing})`, [id, change])
      }
      return note(await touch('SELECT id FROM temp.touched'))
    },
    async removeTags(selection, tags) {
      await choose(selection)
      const ids = state.tags.filter((tag) => tags.includes(tag.name)).map((tag) => tag.id)
      if (ids.length === 0) return 0
      const where = `tag_id IN (${ids.join(', ')}) AND sample_id IN (SELECT id FROM temp.chosen)`
      await tx.run(
        `CREATE OR REPLACE TEMP TABLE touched AS SELECT DISTINCT sample_id AS id FROM ${d}.tags WHERE live AND ${where}`,
      )
      await retire(tx, change, dataset.id, 'tags', where)
      return note(await touch('SELECT id FROM temp.touched'))
    },
    async setField(selection, field, value) {
      let type = typeOfField(state, field)
      if (type === null) {
        if (value === null)
          throw new FoveaError('FIELD_NOT_FOUND', `The dataset ${dataset.name} has no field ${field} to clear.`)
        type = typeof value === 'number' ? 'number' : typeof value === 'boolean' ? 'boolean' : 'string'
        await addField(field, type)
      }
      if (!isWritable(field)) {
        throw new FoveaError('FIELD_READ_ONLY', `The field ${field} is measured by fovea and cannot be set by hand.`, {
          hint: 'Set split, note, or a field of your own.',
        })
      }
      const stored = toStored(field, type, value)
      await choose(selection)
      await clearIncoming(tx)
      await tx.run('INSERT INTO temp.incoming SELECT id, $1, $2 FROM temp.chosen', [field, stored])
      const count = await applyIncoming(tx, change, dataset.id, field, type)
      if (count > 0) await touch(`SELECT sample_id FROM ${d}.value_journal WHERE change = ${change}`)
      return note(count)
    },
    async setValues(types, rows) {
      for (const [field, type] of Object.entries(types)) {
        if (typeOfField(state, field) === null) await addField(field, type)
      }
      return writeValues(rows)
    },
    async ensureClasses(classes) {
      const before = (await names.classIds(tx, [])).size
      note((await names.classIds(tx, classes)).size - before)
    },
  }
  return step
}

function sampleRow(
  columns: readonly string[],
  id: number,
  sample: NewSample & ImportedSource,
  { change, now, state }: { change: number; now: string; state: DatasetState },
): AppendValue[] {
  const fixed: Record<string, AppendValue> = {
    id,
    path: sample.path,
    source: sample.source,
    split: sample.split ?? sample.fields['split'] ?? null,
    note: sample.fields['note'] ?? null,
    created_at: now,
    updated_at: now,
    modified_ms: sample.modifiedMs,
    added: change,
    removed: null,
    live: true,
    phash: BigInt(`0x${sample.facts.phash}`),
  }
  return columns.map((column) => {
    if (column in fixed) return fixed[column]!
    if (builtIn.has(column)) return sample.facts[column as keyof MediaFacts]
    const value = sample.fields[column]
    if (value === undefined || value === null) return null
    const type = state.fields.find((field) => field.name === column)?.type
    return type === 'datetime' ? String(value) : value
  })
}

const builtIn: ReadonlySet<string> = new Set(builtInFields.map((field) => field.name))
