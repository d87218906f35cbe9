import { FoveaError } from '#base'
import type { Writing } from '../database.ts'
import type { ThingKind } from '../state.ts'
import { quote, schemaName, sqlTypeOf } from '../tables.ts'
import type { FieldType } from '#contract'
import { builtInFields } from '#contract'
import { putThing, type Thing } from './things.ts'

export interface StoredChange {
  id: number
  at: string
  actor: string
  operation: string
  datasetId: number
  dataset: string
  summary: string
  changed: number
  state: 'open' | 'applied' | 'undone' | 'interrupted'
  undoneSeq: number | null
  undoneBefore: number | null
}

const selectChange = `
  SELECT c.id, c.made_at AS "at", c.actor, c.operation, c.dataset_id AS "datasetId", d.name AS dataset, c.summary, c.changed, c.state,
         c.undone_seq AS "undoneSeq", c.undone_before AS "undoneBefore"
  FROM changes c JOIN datasets d ON d.id = c.dataset_id`

export async function findChanges(
  tx: Pick<Writing, 'rows'>,
  where: string,
  values: (string | number)[],
  tail: string,
): Promise<StoredChange[]> {
  return tx.rows<StoredChange>(`${selectChange} WHERE ${where} ${tail}`, values)
}

/** The change to undo: the one named, or the newest that stands. Throws CHANGE_NOT_FOUND, UNDO_NOTHING, UNDO_CONFLICT. */
export async function chooseUndo(tx: Writing, change: number | null, datasetId: number | null): Promise<StoredChange> {
  const scope = datasetId === null ? 'true' : `c.dataset_id = ${datasetId}`
  if (change === null) {
    const [newest] = await findChanges(
      tx,
      `c.state IN ('applied', 'interrupted') AND ${scope}`,
      [],
      'ORDER BY c.id DESC LIMIT 1',
    )
    if (!newest) throw new FoveaError('UNDO_NOTHING', 'There is no change to undo.', { hint: 'See: fovea history' })
    return newest
  }
  const [named] = await findChanges(tx, 'c.id = $1', [change], '')
  if (!named) throw unknownChange(change)
  if (named.state === 'undone')
    throw new FoveaError('UNDO_NOTHING', `The change c_${change} is undone already.`, {
      hint: `Bring it back with: fovea redo c_${change}`,
    })
  if (named.state === 'open')
    throw new FoveaError('UNDO_CONFLICT', `The change c_${change} is still running.`, {
      hint: 'Cancel its job first, or wait.',
    })
  return named
}

/** The change to redo: the one named, or the one undone last. Throws CHANGE_NOT_FOUND, UNDO_NOTHING. */
export async function chooseRedo(tx: Writing, change: number | null, datasetId: number | null): Promise<StoredChange> {
  const scope = datasetId === null ? 'true' : `c.dataset_id = ${datasetId}`
  const [found] =
    change === null
      ? await findChanges(tx, `c.state = 'undone' AND ${scope}`, [], 'ORDER BY c.undone_seq DESC LIMIT 1')
      : await findChanges(tx, 'c.id = $1', [change], '')
  if (!found && change !== null) throw unknownChange(change)
  if (!found || found.state !== 'undone') {
    throw new FoveaError(
      'UNDO_NOTHING',
      change === null ? 'There is no undone change to bring back.' : `The change c_${change} is not undone.`,
      { hint: 'See: fovea history' },
    )
  }
  return found
}

function unknownChange(change: number): FoveaError {
  return new FoveaError('CHANGE_NOT_FOUND', `There is no change c_${change}.`, { hint: 'See: fovea history' })
}

/** Throws UNDO_CONFLICT, naming the newest later change that builds on what is to be taken back. */
export async function refuseUndoConflict(tx: Writing, change: StoredChange): Promise<void> {
  const later = await findChanges(
    tx,
    `c.id > $1 AND c.dataset_id = $2 AND c.state IN ('applied', 'interrupted', 'open')`,
    [change.id, change.datasetId],
    'ORDER BY c.id DESC',
  )
  if (later.length === 0) return
  const d = schemaName(change.datasetId)
  const applied = `(${later.map((entry) => entry.id).join(', ')})`
  const conflict = (by: number): never => {
    throw new FoveaError(
      'UNDO_CONFLICT',
      `The change c_${change.id} cannot be undone alone: the later change c_${by} builds on it.`,
      {
        hint: `Undo c_${by} first, or undo step by step with: fovea undo`,
        details: { change: `c_${change.id}`, later: `c_${by}` },
      },
    )
  }
  const samples = await tx.row<{ n: number }>(
    `SELECT count(*) AS n FROM ${d}.samples WHERE added = $1 OR removed = $1`,
    [change.id],
  )
  if (samples.n > 0 || (await movesDataset(tx, change.id))) conflict(later[0]!.id)
  for (const table of ['labels', 'tags'] as const) {
    const [hit] = await tx.rows<{ by: number | null }>(
      `SELECT max(removed) AS by FROM ${d}.${table} WHERE added = $1 AND removed IN ${applied} AND NOT live`,
      [change.id],
    )
    if (hit?.by) conflict(hit.by)
    // Labels or tags put in place of what this change removed would stand twice after undoing it.
    const same =
      table === 'tags'
        ? 'n.sample_id = o.sample_id AND n.tag_id = o.tag_id'
        : 'n.sample_id = o.sample_id AND n.layer_id = o.layer_id'
    const [double] = await tx.rows<{ by: number | null }>(
      `SELECT max(n.added) AS by FROM ${d}.${table} o JOIN ${d}.${table} n ON ${same} AND n.live AND n.added IN ${applied} WHERE o.removed = $1`,
      [change.id],
    )
    if (double?.by) conflict(double.by)
  }
  const [value] = await tx.rows<{ by: number | null }>(
    `SELECT max(n.change) AS by FROM ${d}.value_journal o JOIN ${d}.value_journal n
     ON n.sample_id = o.sample_id AND n.field = o.field AND n.change IN ${applied} WHERE o.change = $1`,
    [change.id],
  )
  if (value?.by) conflict(value.by)
  const [thing] = await tx.rows<{ by: number | null }>(
    `SELECT max(n.change) AS by FROM thing_journal o JOIN thing_journal n
     ON n.dataset_id = o.dataset_id AND n.kind = o.kind AND n.key = o.key AND n.change IN ${applied} WHERE o.change = $1`,
    [change.id],
  )
  if (thing?.by) conflict(thing.by)
  // A class or field this change added may be in use by later ones.
  const [used] = await tx.rows<{ by: number | null }>(
    `SELECT max(l.added) AS by FROM thing_journal o JOIN ${d}.labels l ON l.class_id = CAST(o.key AS INTEGER) AND l.live AND l.added IN ${applied}
     WHERE o.change = $1 AND o.kind = 'class' AND o.before IS NULL`,
    [change.id],
  )
  if (used?.by) conflict(used.by)
  const [filled] = await tx.rows<{ by: number | null }>(
    `SELECT max(v.change) AS by FROM thing_journal o JOIN ${d}.value_journal v ON v.field = o.key AND v.change IN ${applied}
     WHERE o.change = $1 AND o.kind = 'field' AND o.before IS NULL`,
    [change.id],
  )
  if (filled?.by) conflict(filled.by)
}

/** A change may be brought back as long as nothing new was done to the dataset since it was undone. */
export async function refuseRedoConflict(tx: Writing, change: StoredChange): Promise<void> {
  const [newer] = await findChanges(
    tx,
    'c.id >= $1 AND c.dataset_id = $2',
    [change.undoneBefore ?? 0, change.datasetId],
    'ORDER BY c.id DESC LIMIT 1',
  )
  if (!newer) return
  throw new FoveaError(
    'UNDO_CONFLICT',
    `The change c_${change.id} cannot be brought back: c_${newer.id} changed the dataset since it was undone.`,
    {
      hint: 'Make the change again by its own command.',
      details: { change: `c_${change.id}`, later: `c_${newer.id}` },
    },
  )
}

async function movesDataset(tx: Writing, change: number): Promise<boolean> {
  const { n } = await tx.row<{ n: number }>(
    `SELECT count(*) AS n FROM thing_journal WHERE change = $1 AND kind = 'dataset'`,
    [change],
  )
  return n > 0
}

/** Takes a change back (`undo`) or brings it again (`redo`), every kind of record in the order that restores it exactly. */
export async function moveChange(tx: Writing, change: StoredChange, direction: 'undo' | 'redo'): Promise<void> {
  const d = schemaName(change.datasetId)
  const undo = direction === 'undo'
  if (!undo) await moveThings(tx, change, direction)
  for (const table of ['samples', 'labels', 'tags', 'digests'] as const) {
    const on = undo ? 'removed' : 'added'
    const off = undo ? 'added' : 'removed'
    await tx.run(`UPDATE ${d}.${table} SET live = true WHERE ${on} = $1 AND NOT live`, [change.id])
    await tx.run(`UPDATE ${d}.${table} SET live = false WHERE ${off} = $1 AND live`, [change.id])
  }
  await moveValues(tx, change, undo)
  if (undo) await moveThings(tx, change, direction)
}

async function moveValues(tx: Writing, change: StoredChange, undo: boolean): Promise<void> {
  const d = schemaName(change.datasetId)
  // A field that this very change added goes, or comes back, with its column and all values in it.
  const fields = await tx.rows<{ field: string }>(
    `SELECT DISTINCT field FROM ${d}.value_journal WHERE change = $1 AND field NOT IN
       (SELECT key FROM thing_journal WHERE change = $1 AND kind = 'field' AND before IS NULL)`,
    [change.id],
  )
  for (const { field } of fields) {
    const known = await tx.rows<{ value: string }>(
      `SELECT value FROM things WHERE dataset_id = $1 AND kind = 'field' AND key = $2`,
      [change.datasetId, field],
    )
    const type =
      builtInFields.find((candidate) => candidate.name === field)?.type ??
      (known[0] ? (JSON.parse(known[0].value) as { type: FieldType }).type : 'number')
    const pick = undo ? 'arg_min_null(before, rowid)' : 'arg_max_null(after, rowid)'
    await tx.run(
      `UPDATE ${d}.samples AS s SET ${quote(field)} = CAST(j.value AS ${sqlTypeOf(field, type)})
       FROM (SELECT sample_id, ${pick} AS value FROM ${d}.value_journal WHERE change = $1 AND field = $2 GROUP BY sample_id) j
       WHERE j.sample_id = s.id`,
      [change.id, field],
    )
  }
}

async function moveThings(tx: Writing, change: StoredChange, direction: 'undo' | 'redo'): Promise<void> {
  const undo = direction === 'undo'
  const rows = await tx.rows<{
    dataset_id: number
    kind: ThingKind
    key: string
    before: string | null
    after: string | null
  }>(
    `SELECT dataset_id, kind, key, before, after FROM thing_journal WHERE change = $1 ORDER BY seq ${undo ? 'DESC' : 'ASC'}`,
    [change.id],
  )
  for (const row of rows) {
    const thing: Thing = { datasetId: row.dataset_id, kind: row.kind, key: row.key }
    await putThing(tx, change.id, thing, undo ? row.after : row.before, undo ? row.before : row.after)
  }
}
