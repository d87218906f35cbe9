import type { z } from 'zod'
import type { cardSchema, readLabels, Scalar, showDataset, showSample, stats } from '#contract'
import { readLabelColumns } from './read/label-columns.ts'
import { FoveaError, type Clock } from '#base'
import type { QuerySchema } from '#query'
import { openDatabase, type Database } from './database.ts'
import { openChange, startEntry, type DoorDeps } from './door/change.ts'
import { setThing } from './door/things.ts'
import {
  chooseRedo,
  chooseUndo,
  findChanges,
  moveChange,
  refuseRedoConflict,
  refuseUndoConflict,
  type StoredChange,
} from './door/undo.ts'
import {
  readCard,
  readDatasetDetails,
  readDatasetSummary,
  readLabelsOf,
  readSample,
  type DatasetSummary,
} from './read/details.ts'
import type { Source } from './read/columns.ts'
import { readFieldValues, readFrame, type FieldValues } from './read/frame.ts'
import { readMeasure, type MeasuredValues } from './read/measure.ts'
import { createQualityReads } from './read/quality-port.ts'
import { createKeepers } from './read/keeper.ts'
import { readExportSamples, readExportSummary } from './read/export.ts'
import { readSampleFile, readStoredFile, type SampleFile } from './read/sample-file.ts'
import { countSelection, fieldValue, readPage, type PageRequest } from './read/samples.ts'
import { toQuerySchema, withCounts } from './read/schema.ts'
import { readStats, type StatsRequest } from './read/stats.ts'
import { readTree, type Folder } from './read/tree.ts'
import { findBase, listDatasets, refuseUnknownDataset } from './datasets.ts'
import { loadState, openCounters, type DatasetState, type ThingKind } from './state.ts'
import { prepareTables } from './prepare.ts'
import { datasetTables, live, liveTables, quote, schemaName, schemaVersion, sqlTypeOf } from './tables.ts'
import { createScoreTables } from './score-tables.ts'
import { storedTables } from './versions/layout.ts'
import { createVersionPort } from './versions/port.ts'
import { createVersionShelf, homeId, refuseVersion, splitVersionName } from './versions/shelf.ts'
import type { VersionPort } from './versions/types.ts'
import {
  readColumns,
  readIds,
  readMedia,
  readMediaKeys,
  readStoredMedia,
  readMembers,
  readRegionKeys,
  readRegions,
} from './read/vector-rows.ts'
import type {
  ChangeMeta,
  DatasetRef,
  EvaluationPort,
  NewProblem,
  QualityPort,
  Selection,
  TransferPort,
  VectorPort,
} from './types.ts'

export type Card = z.output<typeof cardSchema>

export interface Catalog extends TransferPort, VectorPort, EvaluationPort {
  readonly schemaVersion: number
  /** What data tests ask. */
  readonly quality: QualityPort
  /** What versions ask. */
  readonly versions: VersionPort
  datasets(): Promise<DatasetRef[]>
  /** Throws DATASET_EXISTS. Answers the change. */
  createDataset(name: string, card: Partial<Card>, actor: string): Promise<{ dataset: DatasetRef; change: string }>
  deleteDataset(dataset: DatasetRef, actor: string): Promise<{ change: string; samples: number }>
  summary(dataset: DatasetRef): Promise<DatasetSummary>
  details(dataset: DatasetRef): Promise<z.input<typeof showDataset.output>>
  card(dataset: DatasetRef): Promise<Card>
  state(dataset: DatasetRef): Promise<DatasetState>
  /** Sets or removes one small thing as a change of its own; null when nothing changed. */
  changeThing(
    meta: ChangeMeta,
    kind: ThingKind,
    key: string,
    value: object | null,
    summary: string,
  ): Promise<string | null>
  /** Adds a typed column for a new field. */
  addField(meta: ChangeMeta, field: DatasetState['fields'][number]): Promise<string>
  schemaWithCounts(dataset: DatasetRef): Promise<QuerySchema>
  count(dataset: DatasetRef, selection: Selection): Promise<number>
  page(dataset: DatasetRef, request: PageRequest): ReturnType<typeof readPage>
  stats(dataset: DatasetRef, request: StatsRequest): Promise<z.input<typeof stats.output>>
  tree(dataset: DatasetRef, selection: Selection, depth: number): Promise<Folder[]>
  /** Values of a field with counts, most frequent first, those that start with the text. */
  values(dataset: DatasetRef, field: string, prefix: string, limit: number): Promise<{ value: Scalar; count: number }[]>
  /** As it is now, or as a version has it. Throws SAMPLE_NOT_FOUND. */
  sample(id: number, dataset?: DatasetRef): Promise<z.input<typeof showSample.output>>
  /** Labels of some samples, of all layers or one; those that are not there are left out. */
  labelsOf(
    dataset: DatasetRef,
    ids: readonly number[],
    layer: string | undefined,
  ): Promise<z.input<typeof readLabels.output>['samples']>
  /** All samples a query matches, in its order: ids and width / height. */
  frame(dataset: DatasetRef, query: string): Promise<{ ids: Int32Array; aspects: Float32Array }>
  /** One field of all samples in id order, for colouring points. Throws FIELD_NOT_FOUND. */
  fieldValues(dataset: DatasetRef, field: string): Promise<FieldValues>
  /** What a measure (a field, `objects`, `labels[…]`, `labels[…].area.max`) is on every sample, in id order. Throws QUERY_INVALID. */
  measure(dataset: DatasetRef, text: string): Promise<MeasuredValues>
  /** Calls the listener after every change with the dataset that changed. Answers how to stop. */
  onChange(listener: (datasetId: number) => void): () => void
  /** Where the bytes of a sample are, as it is now or as a version has it, without its fields and labels. Throws SAMPLE_NOT_FOUND. */
  sampleFile(id: number, dataset?: DatasetRef): Promise<SampleFile>
  problems(
    dataset: DatasetRef,
    limit: number,
    offset: number,
  ): Promise<{ total: number; problems: (NewProblem & { at: string })[] }>
  /** Newest first; of a version, up to the change it holds. */
  history(dataset: DatasetRef | null, limit: number, offset: number): Promise<StoredChange[]>
  undo(change: number | null, datasetId: number | null): Promise<StoredChange>
  redo(change: number | null, datasetId: number | null): Promise<StoredChange>
  /** ISO time of the catalogue's clock. */
  now(): string
  close(): Promise<void>
}

export interface CatalogOptions {
  file: string
  clock: Clock
  /** DuckDB's own limit; the process needs some 300 MB beside it. */
  memoryLimitMb?: number
  threads?: number
}

/** Opens the catalogue of a workspace, making it when new. Throws WORKSPACE_BUSY, WORKSPACE_TOO_NEW. */
export async function openCatalog(options: CatalogOptions): Promise<Catalog> {
  const { clock } = options
  const db = await openDatabase({
    file: options.file,
    memoryLimitMb: options.memoryLimitMb ?? 1_500,
    threads: options.threads,
  })
  try {
    await prepareTables(db, options.file)
  } catch (error) {
    await db.close()
    throw error
  }
  const states = new Map<number, Promise<DatasetState>>()
  const now = (): string => new Date(clock.now()).toISOString()
  const shelf = createVersionShelf()
  const state = (dataset: DatasetRef): Promise<DatasetState> => {
    const stored = shelf.find(dataset)
    if (stored !== undefined) return Promise.resolve(stored.dictionary.state)
    const cached = states.get(dataset.id)
    if (cached) return cached
    const loading = loadState(db, dataset)
    states.set(dataset.id, loading)
    loading.catch(() => states.delete(dataset.id))
    return loading
  }
  const schemaOf = async (dataset: DatasetRef): Promise<QuerySchema> => {
    const stored = shelf.find(dataset)
    return toQuerySchema(stored === undefined ? liveTables(dataset.id) : storedTables(stored), await state(dataset))
  }
  const scores = createScoreTables(() => db.scratch())
  /** The dictionary, with the scores that the selection asks for. */
  const schemaFor = async (dataset: DatasetRef, selection: Selection): Promise<QuerySchema> =>
    scores.prepare(dataset, await schemaOf(dataset), selection)
  const revisions = new Map<number, number>()
  const listeners = new Set<(datasetId: number) => void>()
  let writes = 0
  const noteWrite = (datasetId: number): void => {
    writes++
    states.delete(datasetId)
    revisions.set(datasetId, (revisions.get(datasetId) ?? 0) + 1)
    for (const listener of listeners) listener(datasetId)
  }
  const keeperOf = createKeepers((datasetId) => revisions.get(datasetId) ?? 0)
  const sourceFor = async (dataset: DatasetRef, selection: Selection): Promise<Source> => {
    // First of all: what is read of a newer state is not kept for an older one.
    const keeper = keeperOf(dataset.id)
    return { db, keeper, schema: await schemaFor(dataset, selection) }
  }
  const door: DoorDeps = {
    db,
    clock,
    schemaIn: async (tx, dataset, selection) =>
      scores.prepare(dataset, toQuerySchema(liveTables(dataset.id), await loadState(tx, dataset)), selection),
    onWrite: noteWrite,
  }
  const changeThings = async (
    meta: ChangeMeta,
    summary: string,
    work: (tx: Parameters<Parameters<Database['write']>[0]>[0], change: number) => Promise<boolean>,
  ): Promise<string | null> => {
    refuseVersion(meta.dataset)
    const id = await db.write(async (tx) => {
      const counters = await openCounters(tx)
      const entry = await startEntry(tx, counters, { ...meta, datasetId: meta.dataset.id, summary }, now())
      if (!(await work(tx, entry))) {
        await tx.run('DELETE FROM changes WHERE id = $1', [entry])
        return null
      }
      await tx.run(`UPDATE changes SET state = 'applied', changed = 1 WHERE id = $1`, [entry])
      await counters.save()
      return entry
    })
    noteWrite(meta.dataset.id)
    return id === null ? null : `c_${id}`
  }
  const createDataset: Catalog['createDataset'] = async (name, card, actor) => {
    const created = await db.write(async (tx) => {
      const taken = (await listDatasets(tx)).some((dataset) => dataset.name === name)
      if (taken)
        throw new FoveaError('DATASET_EXISTS', `There is already a dataset called ${name}.`, {
          hint: 'Choose another name, or import into it.',
        })
      const counters = await openCounters(tx)
      const id = counters.take('dataset')
      await tx.run('INSERT INTO datasets VALUES ($1, $2, $3, $3, true)', [id, name, now()])
      for (const statement of datasetTables(id)
        .split(';')
        .filter((text) => text.trim() !== ''))
        await tx.run(statement)
      const entry = await startEntry(
        tx,
        counters,
        { actor, operation: 'dataset.create', datasetId: id, summary: `Created dataset ${name}` },
        now(),
      )
      await setThing(tx, entry, { datasetId: id, kind: 'dataset', key: name }, { name })
      await setThing(
        tx,
        entry,
        { datasetId: id, kind: 'card', key: '' },
        { description: '', licence: '', owner: '', ...card },
      )
      await tx.run(`UPDATE changes SET state = 'applied', changed = 1 WHERE id = $1`, [entry])
      await counters.save()
      return { id, entry }
    })
    return { dataset: { id: created.id, name }, change: `c_${created.entry}` }
  }
  const move = async (
    direction: 'undo' | 'redo',
    number: number | null,
    datasetId: number | null,
  ): Promise<StoredChange> => {
    const moved = await db.write(async (tx) => {
      const change = await (direction === 'undo' ? chooseUndo : chooseRedo)(tx, number, datasetId)
      await (direction === 'undo' ? refuseUndoConflict : refuseRedoConflict)(tx, change)
      await moveChange(tx, change, direction)
      if (direction === 'undo') {
        await tx.run(
          `UPDATE changes SET state = 'undone', undone_seq = (SELECT coalesce(max(undone_seq), 0) + 1 FROM changes),
             undone_before = (SELECT next FROM counters WHERE name = 'change') WHERE id = $1`,
          [change.id],
        )
      } else
        await tx.run(`UPDATE changes SET state = 'applied', undone_seq = NULL, undone_before = NULL WHERE id = $1`, [
          change.id,
        ])
      await tx.run('UPDATE datasets SET updated_at = $2 WHERE id = $1', [change.datasetId, now()])
      return (await findChanges(tx, 'c.id = $1', [change.id], ''))[0]!
    })
    noteWrite(moved.datasetId)
    return moved
  }
  const filesOf = createKeepers(() => writes)
  const sampleFile: Catalog['sampleFile'] = async (id, dataset) => {
    if (dataset !== undefined && shelf.find(dataset) !== undefined)
      return readStoredFile(db, dataset, (await schemaOf(dataset)).tables.samples, id)
    const keeper = filesOf(0)
    return readSampleFile(db, keeper, await listDatasets(db), id)
  }

  const resolveDataset: Catalog['resolveDataset'] = async (name) => {
    const asked = name === undefined ? undefined : splitVersionName(name)
    if (asked === undefined) return refuseUnknownDataset(await listDatasets(db), name)
    return shelf.resolve(await findBase(db, asked.dataset), asked.ref)
  }
  const summarise: Catalog['summary'] = async (dataset) => {
    const stored = shelf.find(dataset)
    if (stored === undefined) return readDatasetSummary(db, dataset)
    const { createdAt } = await readDatasetSummary(db, stored.base)
    return { name: dataset.name, samples: stored.samples, labels: stored.labels, createdAt, updatedAt: stored.at }
  }
  const card: Catalog['card'] = async (dataset) => shelf.find(dataset)?.dictionary.card ?? readCard(db, dataset)

  return {
    schemaVersion,
    quality: createQualityReads({ db, schemaOf, prepare: scores.prepare }),
    versions: createVersionPort({ db, shelf }),
    now,
    datasets: () => listDatasets(db),
    state,
    schemaOf,
    createDataset,
    async ensureDataset(name, actor) {
      if (splitVersionName(name) !== undefined) refuseVersion(await resolveDataset(name))
      const found = (await listDatasets(db)).find((dataset) => dataset.name === name)
      return found ?? (await createDataset(name, {}, actor)).dataset
    },
    resolveDataset,
    async resolveWritable(name) {
      const dataset = await resolveDataset(name)
      refuseVersion(dataset)
      return dataset
    },
    async deleteDataset(dataset, actor) {
      refuseVersion(dataset)
      const { samples } = await readDatasetSummary(db, dataset)
      const meta = { actor, operation: 'dataset.delete', dataset }
      const change = await changeThings(meta, `Removed dataset ${dataset.name}`, (tx, entry) =>
        setThing(tx, entry, { datasetId: dataset.id, kind: 'dataset', key: dataset.name }, null),
      )
      return { change: change!, samples }
    },
    summary: summarise,
    async details(dataset) {
      const [schema, known, counts] = [await schemaOf(dataset), await state(dataset), await summarise(dataset)]
      return { ...(await readDatasetDetails(db, dataset, counts, schema, known)), card: await card(dataset) }
    },
    card,
    changeThing: (meta, kind, key, value, summary) =>
      changeThings(meta, summary, (tx, entry) => setThing(tx, entry, { datasetId: meta.dataset.id, kind, key }, value)),
    async addField(meta, field) {
      const id = await changeThings(meta, `Added field ${field.name}`, async (tx, entry) => {
        await setThing(tx, entry, { datasetId: meta.dataset.id, kind: 'field', key: field.name }, field)
        await tx.run(
          `ALTER TABLE ${schemaName(meta.dataset.id)}.samples ADD COLUMN ${quote(field.name)} ${sqlTypeOf(field.name, field.type)}`,
        )
        return true
      })
      return id!
    },
    openChange(meta) {
      refuseVersion(meta.dataset)
      return openChange(door, meta)
    },
    schemaWithCounts: async (dataset) => withCounts(db, await schemaOf(dataset)),
    classNames: async (dataset) => (await state(dataset)).classes.map((known) => known.name),
    classesOf: async (dataset) => (await state(dataset)).classes.map(({ id: _, ...known }) => known),
    count: async (dataset, selection) => countSelection(db, await schemaFor(dataset, selection), selection),
    page: async (dataset, request) => readPage(db, await schemaFor(dataset, request.selection), request),
    stats: async (dataset, request) => readStats(await sourceFor(dataset, request.selection), request),
    tree: async (dataset, selection, depth) => readTree(await sourceFor(dataset, selection), selection, depth),
    async values(dataset, field, prefix, limit) {
      const { tables } = await schemaOf(dataset)
      const rows = await db.rows<{ value: Scalar; n: number }>(
        `SELECT s.${quote(field)} AS value, count(*) AS n FROM ${tables.samples} s
         WHERE s.${quote(field)} IS NOT NULL AND starts_with(lower(CAST(s.${quote(field)} AS VARCHAR)), lower($1))
         GROUP BY 1 ORDER BY n DESC, 1 LIMIT ${limit}`,
        [prefix],
      )
      return rows.map((row) => ({ value: fieldValue(field, { [field]: row.value }), count: row.n }))
    },
    sampleFile,
    labelsOf: async (dataset, ids, layer) => readLabelsOf(db, await schemaOf(dataset), ids, layer),
    frame: async (dataset, query) => readFrame(await sourceFor(dataset, { query }), query),
    fieldValues: async (dataset, field) => readFieldValues(db, await schemaOf(dataset), field),
    measure: async (dataset, text) => readMeasure(db, await schemaOf(dataset), text),
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async sample(id, asked) {
      const { dataset } = await sampleFile(id, asked)
      return { dataset: dataset.name, ...(await readSample(db, await schemaOf(dataset), id)) }
    },
    async problems(dataset, limit, offset) {
      const { total } = await db.row<{ total: number }>(
        'SELECT count(*) AS total FROM problems WHERE dataset_id = $1',
        [dataset.id],
      )
      const rows = await db.rows<NewProblem & { at: string }>(
        `SELECT file, code, what, fix, found_at AS "at" FROM problems WHERE dataset_id = $1 ORDER BY rowid LIMIT ${limit} OFFSET ${offset}`,
        [dataset.id],
      )
      return { total, problems: rows }
    },
    async replaceProblems(dataset, rows, cleared) {
      refuseVersion(dataset)
      if (rows.length === 0 && cleared.length === 0) return
      await db.write(async (tx) => {
        if (cleared.length > 0) {
          await tx.run(
            `DELETE FROM problems WHERE dataset_id = $1 AND file IN (SELECT unnest(from_json($2, '["VARCHAR"]')))`,
            [dataset.id, JSON.stringify(cleared)],
          )
        }
        const at = now()
        await tx.append(
          'main',
          'problems',
          rows.map((row) => [dataset.id, row.file, row.code, row.what, row.fix, at]),
        )
      })
    },
    async clearProblemsBelow(dataset, root) {
      refuseVersion(dataset)
      const { n } = await db.row<{ n: number }>('SELECT count(*) AS n FROM problems WHERE dataset_id = $1', [
        dataset.id,
      ])
      if (n === 0) return
      await db.write((tx) =>
        tx.run(
          `DELETE FROM problems WHERE dataset_id = $1 AND (file = $2 OR starts_with(file, $2 || '/'))
           AND file NOT IN (SELECT source FROM ${live(dataset.id, 'samples')})`,
          [dataset.id, root],
        ),
      )
    },
    async knownSources(dataset, layer) {
      refuseVersion(dataset)
      const d = schemaName(dataset.id)
      const rows = await db.rows<{
        id: number
        source: string
        path: string
        bytes: number
        modified: number
        md5: string
        width: number
        height: number
        split: string | null
        digest: string | null
      }>(
        `SELECT s.id, s.source, s.path, s.bytes, s.modified_ms AS modified, s.md5, s.width, s.height, s.split, g.digest
         FROM ${d}.samples s LEFT JOIN
           (SELECT sample_id, digest FROM ${d}.digests WHERE live AND layer_id = (SELECT id FROM ${d}.layers WHERE name = $1)) g ON g.sample_id = s.id
         WHERE s.live ORDER BY s.id`,
        [layer],
      )
      return new Map(rows.map(({ modified, ...row }) => [row.source, { ...row, modifiedMs: modified }]))
    },
    exportSummary: async (dataset, selection, layer) =>
      readExportSummary(db, await schemaFor(dataset, selection), selection, layer),
    async *exportSamples(dataset, selection, layer) {
      const isStored = shelf.find(dataset) !== undefined
      yield* readExportSamples(db, await schemaFor(dataset, selection), selection, layer, isStored)
    },
    revision: (dataset) => revisions.get(dataset.id) ?? 0,
    useScores: (source) => scores.use(source),
    idsOf: async (dataset, selection) => readIds(db, await schemaFor(dataset, selection), selection),
    mediaKeys: async (dataset) => readMediaKeys(db, await schemaOf(dataset)),
    labelColumns: async (dataset, layer, selection) => readLabelColumns(db, await schemaOf(dataset), layer, selection),
    regionKeys: async (dataset, layer) => readRegionKeys(db, await schemaOf(dataset), layer),
    async mediaOf(dataset, ids) {
      const schema = await schemaOf(dataset)
      return shelf.find(dataset) === undefined ? readMedia(db, schema, ids) : readStoredMedia(db, schema, ids)
    },
    regionsOf: async (dataset, wanted) =>
      readRegions(
        db,
        'selection' in wanted ? await schemaFor(dataset, wanted.selection) : await schemaOf(dataset),
        wanted,
      ),
    columnsOf: async (dataset, fields) => readColumns(db, await schemaOf(dataset), fields),
    membersOf: async (dataset, what) => readMembers(db, await schemaOf(dataset), what),
    history(dataset, limit, offset) {
      const stored = dataset === null ? undefined : shelf.find(dataset)
      const own = dataset === null ? 'true' : `c.dataset_id = ${homeId(dataset)}`
      const where = stored === undefined ? own : `${own} AND c.id <= ${stored.change}`
      return findChanges(db, where, [], `ORDER BY c.id DESC LIMIT ${limit} OFFSET ${offset}`)
    },
    undo: (change, datasetId) => move('undo', change, datasetId),
    redo: (change, datasetId) => move('redo', change, datasetId),
    close: () => db.close(),
  }
}
