import {
  deleteSamples,
  listHistory,
  listSlices,
  redoChange,
  removeSlice,
  saveSlice,
  setField,
  showSlice,
  tagSamples,
  undoChange,
  untagSamples,
  type ChangeEntry,
} from '#contract'
import { FoveaError, implement, type Operation } from '#base'
import { compileQuery } from '#query'
import type { Catalog } from '../catalog.ts'
import type { StoredChange } from '../door/undo.ts'
import type { StoredSlice } from '../state.ts'
import type { ChangeStep, DatasetRef } from '../types.ts'

/** Handlers of everything that changes samples, of slices and of the history. */
export function createChangeOperations(catalog: Catalog): Operation[] {
  const change = async (
    dataset: DatasetRef,
    call: { actor: string; operation: string; query: string; say: (changed: number) => string },
    work: (step: ChangeStep) => Promise<number>,
  ): Promise<{ changed: number; matched: number; change: string | null }> => {
    const matched = await catalog.count(dataset, { query: call.query })
    const open = catalog.openChange({ actor: call.actor, operation: call.operation, dataset })
    const changed = await open.step(work)
    await open.close(call.say(changed))
    return { changed, matched, change: open.id }
  }
  const withCount = async (
    dataset: DatasetRef,
    slice: StoredSlice,
  ): Promise<StoredSlice & { count: number | null }> => {
    const count = await catalog.count(dataset, { query: slice.query }).catch((error: unknown) => {
      if (error instanceof FoveaError && /^(QUERY|SPACE)_|^SAMPLE_NOT_FOUND$/.test(error.code)) return null
      throw error
    })
    return { ...slice, count }
  }
  const findSlice = async (dataset: DatasetRef, name: string): Promise<StoredSlice> => {
    const { slices } = await catalog.state(dataset)
    const found = slices.find((slice) => slice.name === name)
    if (found) return found
    throw new FoveaError(
      'SLICE_NOT_FOUND',
      `There is no slice called ${JSON.stringify(name)}; there are: ${slices.map((slice) => slice.name).join(', ') || 'none'}.`,
      {
        hint: 'See: fovea slice list',
      },
    )
  }
  const scopeOf = async (name: string | undefined): Promise<number | null> =>
    name === undefined ? null : (await catalog.resolveWritable(name)).id

  return [
    implement(tagSamples, async ({ dataset: name, query, tags }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const say = (changed: number): string => `Tagged ${changed} samples ${tags.join(', ')}`
      return change(dataset, { actor, operation: tagSamples.id, query, say }, (step) => step.addTags({ query }, tags))
    }),
    implement(untagSamples, async ({ dataset: name, query, tags }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const say = (changed: number): string => `Took ${tags.join(', ')} off ${changed} samples`
      return change(dataset, { actor, operation: untagSamples.id, query, say }, (step) =>
        step.removeTags({ query }, tags),
      )
    }),
    implement(setField, async ({ dataset: name, query, field, value }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const say = (changed: number): string => `Set ${field} of ${changed} samples to ${JSON.stringify(value)}`
      return change(dataset, { actor, operation: setField.id, query, say }, (step) =>
        step.setField({ query }, field, value),
      )
    }),
    implement(deleteSamples, async ({ dataset: name, query }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const say = (changed: number): string => `Removed ${changed} samples`
      return change(dataset, { actor, operation: deleteSamples.id, query, say }, (step) =>
        step.removeSamples({ query }),
      )
    }),
    implement(saveSlice, async ({ dataset: name, name: slice, query }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      const schema = await catalog.schemaOf(dataset)
      // Compiled with itself in place, so that a slice which leads back to itself is refused.
      compileQuery(`slice:${JSON.stringify(slice)}`, {
        ...schema,
        // Nothing is run here, so any name will do.
        scores: () => 'scores',
        slices: [...schema.slices.filter((known) => known.name !== slice), { name: slice, query }],
      })
      const { slices } = await catalog.state(dataset)
      const old = slices.find((known) => known.name === slice)
      const stored = { name: slice, query, createdAt: old?.createdAt ?? catalog.now() }
      const meta = { actor, operation: saveSlice.id, dataset }
      const id = await catalog.changeThing(meta, 'slice', slice, stored, `Saved slice ${slice}`)
      return { slice: await withCount(dataset, stored), change: id }
    }),
    implement(listSlices, async ({ dataset: name }) => {
      const dataset = await catalog.resolveDataset(name)
      const { slices } = await catalog.state(dataset)
      return { slices: await Promise.all(slices.map((slice) => withCount(dataset, slice))) }
    }),
    implement(showSlice, async ({ dataset: name, name: slice }) => {
      const dataset = await catalog.resolveDataset(name)
      return { slice: await withCount(dataset, await findSlice(dataset, slice)) }
    }),
    implement(removeSlice, async ({ dataset: name, name: slice }, { actor }) => {
      const dataset = await catalog.resolveWritable(name)
      await findSlice(dataset, slice)
      const meta = { actor, operation: removeSlice.id, dataset }
      return { change: (await catalog.changeThing(meta, 'slice', slice, null, `Removed slice ${slice}`))! }
    }),
    implement(listHistory, async ({ dataset, limit, offset }) => ({
      changes: (
        await catalog.history(dataset === undefined ? null : await catalog.resolveDataset(dataset), limit, offset)
      ).map(toEntry),
    })),
    implement(undoChange, async ({ change: id, dataset }) => ({
      undone: toEntry(await catalog.undo(parseChange(id), await scopeOf(dataset))),
    })),
    implement(redoChange, async ({ change: id, dataset }) => ({
      redone: toEntry(await catalog.redo(parseChange(id), await scopeOf(dataset))),
    })),
  ]
}

function parseChange(id: string | undefined): number | null {
  if (id === undefined) return null
  const match = /^c_(\d{1,15})$/.exec(id)
  if (!match)
    throw new FoveaError('CHANGE_NOT_FOUND', `A change looks like c_12, got ${JSON.stringify(id)}.`, {
      hint: 'See: fovea history',
    })
  return Number(match[1])
}

function toEntry(change: StoredChange): ChangeEntry {
  const { id, at, actor, operation, dataset, summary, changed, state } = change
  return { id: `c_${id}`, at, actor, operation, dataset, summary, changed, state: state === 'open' ? 'applied' : state }
}
