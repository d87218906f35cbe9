import fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createRng } from '#base'
import { boxLabel, facts, newSample, openScratch, type Scratch } from '../testing.ts'
import type { ChangeStep, DatasetRef } from '../types.ts'

let scratch: Scratch
let dataset: DatasetRef
beforeEach(async () => {
  scratch = await openScratch()
  dataset = await scratch.catalog.ensureDataset('set', 'ann')
})
afterEach(() => scratch.close())

async function make(work: (step: ChangeStep) => Promise<unknown>, operation = 'test'): Promise<string | null> {
  const change = scratch.catalog.openChange({ actor: 'ann', operation, dataset })
  await change.step(work)
  await change.close(operation)
  return change.id
}

const addSamples = (from: number, count: number): Promise<string | null> =>
  make(async (step) => {
    const ids = await step.addSamples(
      Array.from({ length: count }, (_, i) => newSample(from + i)),
      'truth',
    )
    await step.replaceLabels(
      'truth',
      ids.map((id, i) => ({ id, labels: [boxLabel(i % 2 ? 'crack' : 'dent')], digest: `l${id}` })),
    )
  })

/** Everything a person can see of the dataset, without the times of change. */
async function snapshot(): Promise<unknown> {
  const { catalog } = scratch
  const rows = await catalog.page(dataset, { selection: { query: '' }, limit: 10_000, offset: 0 })
  const samples = await Promise.all(
    rows.map(async (row) => {
      const { updated_at: _, ...fields } = row.fields
      return { ...row, fields, layers: (await catalog.sample(Number(row.id.slice(2)))).layers }
    }),
  )
  const { slices, fields } = await catalog.state(dataset)
  return { samples, slices, fields, classes: await catalog.classesOf(dataset), card: await catalog.card(dataset) }
}

describe('the history', () => {
  it('names who did what, and what it touched', async () => {
    await addSamples(0, 3)
    await make((step) => step.addTags({ query: '' }, ['blurry']), 'sample.tag')
    const [newest] = await scratch.catalog.history(dataset, 1, 0)
    expect(newest).toMatchObject({
      actor: 'ann',
      operation: 'sample.tag',
      changed: 3,
      state: 'applied',
      dataset: 'set',
    })
  })

  it('has no entry for a change that changed nothing', async () => {
    await addSamples(0, 2)
    expect(await make((step) => step.removeTags({ query: '' }, ['never']))).toBeNull()
    expect(await make((step) => step.setField({ query: '' }, 'split', null))).toBeNull()
  })

  it('is undone from the newest on, and brought back in turn', async () => {
    await addSamples(0, 4)
    const before = await snapshot()
    await make((step) => step.addTags({ query: 'class = "crack"' }, ['a', 'b']))
    const tagged = await snapshot()
    await make((step) => step.setField({ query: '' }, 'line', 7))
    const set = await snapshot()
    await scratch.catalog.undo(null, null)
    expect(await snapshot()).toEqual(tagged)
    await scratch.catalog.undo(null, null)
    expect(await snapshot()).toEqual(before)
    await scratch.catalog.redo(null, null)
    expect(await snapshot()).toEqual(tagged)
    await scratch.catalog.redo(null, null)
    expect(await snapshot()).toEqual(set)
  })

  it('takes back an older change alone when nothing builds on it', async () => {
    await addSamples(0, 2)
    const first = await make((step) => step.addTags({ query: '' }, ['a']))
    await make((step) => step.addTags({ query: '' }, ['b']))
    await scratch.catalog.undo(Number(first!.slice(2)), null)
    const rows = await scratch.catalog.page(dataset, { selection: { query: '' }, limit: 10, offset: 0 })
    expect(rows.map((row) => row.tags)).toEqual([['b'], ['b']])
  })

  it('refuses when a later change builds on it, and names that', async () => {
    await addSamples(0, 2)
    const first = await make((step) => step.setField({ query: '' }, 'split', 'train'))
    const second = await make((step) => step.setField({ query: '' }, 'split', 'val'))
    await expect(scratch.catalog.undo(Number(first!.slice(2)), null)).rejects.toMatchObject({
      code: 'UNDO_CONFLICT',
      details: { later: second },
    })
  })

  it('does not bring back what newer changes passed over', async () => {
    await addSamples(0, 2)
    await make((step) => step.addTags({ query: '' }, ['a']))
    await scratch.catalog.undo(null, null)
    await make((step) => step.addTags({ query: '' }, ['b']))
    await expect(scratch.catalog.redo(null, null)).rejects.toMatchObject({ code: 'UNDO_CONFLICT' })
  })

  it('keeps ids and other attributes of labels that are given attributes, and takes them away again', async () => {
    await addSamples(0, 2)
    const { catalog } = scratch
    const { ids } = await catalog.labelColumns(dataset, 'truth', { query: '' })
    const set = (attributes: Record<string, string | number | null>) =>
      make((step) => step.setAttributes([{ id: ids[0]!, attributes }]), 'mark')
    await set({ colour: 'red', at: 0.5 })
    const marked = await snapshot()
    await make(async (step) => {
      await step.setAttributes([{ id: ids[0]!, attributes: { at: 0.25 } }])
      await step.setAttributes([{ id: ids[0]!, attributes: { at: null, by: 'net' } }])
    })
    const { layers } = await catalog.sample(1)
    expect(layers[0]!.labels).toMatchObject([{ id: `l_${ids[0]}`, attributes: { colour: 'red', by: 'net' } }])
    expect(layers[0]!.labels[0]!.attributes).not.toHaveProperty('at')
    expect(await catalog.count(dataset, { query: 'labels[by = "net" and colour = "red"].count = 1' })).toBe(1)
    expect(await set({ colour: 'red' })).toBeNull()
    await catalog.undo(null, null)
    expect(await snapshot()).toEqual(marked)
    await catalog.redo(null, null)
    expect((await catalog.sample(1)).layers[0]!.labels).toHaveLength(1)
    expect((await catalog.labelColumns(dataset, 'truth', { query: '' })).ids).toEqual(ids)
  })

  it('brings back a removed dataset whole', async () => {
    await addSamples(0, 2)
    const before = await snapshot()
    await scratch.catalog.deleteDataset(dataset, 'ann')
    expect(await scratch.catalog.datasets()).toEqual([])
    await scratch.catalog.undo(null, null)
    expect(await snapshot()).toEqual(before)
  })
})

describe('any course of changes', () => {
  it('is undone to the beginning and redone to the end', async () => {
    const moves: ((seed: number) => Promise<unknown>)[] = [
      (seed) => addSamples(seed * 100, 1 + (seed % 4)),
      (seed) => make((step) => step.addTags({ query: seed % 2 ? '' : 'class = "crack"' }, [`t${seed % 3}`])),
      (seed) => make((step) => step.removeTags({ query: '' }, [`t${seed % 3}`])),
      (seed) =>
        make((step) =>
          step.setField(
            { query: `objects > 0 limit ${1 + (seed % 5)}` },
            ['split', 'line', 'note'][seed % 3]!,
            seed % 3 === 1 ? seed : `v${seed}`,
          ),
        ),
      (seed) => make((step) => step.removeSamples({ query: `class = "dent" limit ${1 + (seed % 2)}` })),
      async (seed) => {
        const rows = await scratch.catalog.page(dataset, { selection: { query: '' }, limit: 3, offset: seed % 3 })
        const ids = rows.map((row) => Number(row.id.slice(2)))
        return make((step) =>
          step.replaceLabels(
            'truth',
            ids.map((id) => ({ id, labels: [boxLabel(`c${seed % 4}`, seed)], digest: `n${seed}` })),
          ),
        )
      },
      async (seed) => {
        const { ids } = await scratch.catalog.labelColumns(dataset, 'truth', { query: `limit ${1 + (seed % 3)}` })
        return make((step) =>
          step.setAttributes([...ids].map((id) => ({ id, attributes: { eval: seed % 4 ? `e${seed % 2}` : null } }))),
        )
      },
      async (seed) => {
        const rows = await scratch.catalog.page(dataset, { selection: { query: '' }, limit: 2, offset: 0 })
        return make((step) =>
          step.replaceMedia(
            rows.map((row) => ({
              id: Number(row.id.slice(2)),
              facts: { ...facts, brightness: seed / 100 },
              modifiedMs: seed,
            })),
          ),
        )
      },
      (seed) =>
        scratch.catalog.changeThing(
          { actor: 'ann', operation: 'slice.save', dataset },
          'slice',
          `s${seed % 2}`,
          seed % 5 ? { name: `s${seed % 2}`, query: `width > ${seed}`, createdAt: '' } : null,
          'slice',
        ),
      async (seed) => {
        const { fields } = await scratch.catalog.state(dataset)
        const meta = { actor: 'ann', operation: 'field', dataset }
        if (fields.some((field) => field.name === 'line'))
          return scratch.catalog.changeThing(meta, 'field', 'line', null, 'remove')
        return scratch.catalog.addField(meta, {
          name: 'line',
          type: seed % 2 ? 'number' : 'integer',
          unit: null,
          summary: '',
        })
      },
    ]
    await addSamples(0, 6)
    await make((step) => step.addTags({ query: '' }, ['t0', 't1', 't2']))
    await fc.assert(
      fc.asyncProperty(
        fc.array(fc.tuple(fc.nat(moves.length - 1), fc.nat(99)), { minLength: 1, maxLength: 8 }),
        async (course) => {
          const start = await snapshot()
          const states = [start]
          for (const [move, seed] of course) {
            const before = (await scratch.catalog.history(null, 1, 0))[0]!.id
            await moves[move]!(seed)
            const after = (await scratch.catalog.history(null, 1, 0))[0]!.id
            if (after > before) states.push(await snapshot())
          }
          for (let i = states.length - 2; i >= 0; i--) {
            await scratch.catalog.undo(null, null)
            expect(await snapshot()).toEqual(states[i])
          }
          for (let i = 1; i < states.length; i++) {
            await scratch.catalog.redo(null, null)
            expect(await snapshot()).toEqual(states[i])
          }
          await scratch.reopen()
          expect(await snapshot()).toEqual(states.at(-1))
        },
      ),
      { numRuns: 8, seed: createRng(3).integer(1, 1_000_000) },
    )
  }, 120_000)
})
