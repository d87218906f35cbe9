import fc from 'fast-check'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { Label, VersionChanges } from '#contract'
import type { DatasetRef } from '#catalog'
import { box, openScratch, type Scratch } from './testing.ts'

let scratch: Scratch
let ids: number[]
beforeAll(async () => {
  scratch = await openScratch()
  ids = await scratch.add([1, 2, 3, 4, 5, 6], (n) => [box('crack', n), box('crack', n), box('spot', n + 1)])
  await scratch.change((step) => step.setField({ ids }, 'line', 'north'))
})
afterAll(() => scratch.close())

interface Listed {
  sample: string
  what: 'added' | 'removed' | 'changed'
  fields: string[]
  labels: { added: number; removed: number; changed: number }
  tags: { added: string[]; removed: string[] }
}
type Diff = VersionChanges & { same: boolean; listed: Listed[] }
const diff = (before: string, after?: string): Promise<Diff> =>
  scratch.call<Diff>('versions.diff', { before, after, limit: 1_000 })

/** What a sample is, read by other ways than the diff's own. */
interface Plain {
  fields: Record<string, unknown>
  /** By layer: id and content of each label. */
  labels: Map<string, Labels>
  tags: string[]
}
async function readPlain(dataset: DatasetRef): Promise<Map<string, Plain>> {
  const { catalog } = scratch
  const rows = await catalog.page(dataset, { selection: { query: '' }, limit: 1_000, offset: 0 })
  const labelled = await catalog.labelsOf(dataset, await catalog.idsOf(dataset, { query: '' }), undefined)
  return new Map(
    rows.map((row) => {
      const { updated_at: _, ...fields } = row.fields
      const layers = labelled.find(({ sample }) => sample === row.id)!.layers
      const labels = new Map(
        layers.map(({ layer, labels: list }) => [
          layer,
          list.map(({ id, ...content }) => ({ id, content: JSON.stringify(content) })),
        ]),
      )
      return [row.id, { fields, labels, tags: row.tags }]
    }),
  )
}

type Labels = { id: string; content: string }[]

/** Labels that are as they were go; then equal ones cancel each other out, one by one; of the rest, those with one id are changed. */
function compareLists(before: Labels, after: Labels): Listed['labels'] {
  const [old, now] = [[...before], [...after]]
  const cancel = (isPair: (a: Labels[number], b: Labels[number]) => boolean): void => {
    for (const label of old.slice()) {
      const at = now.findIndex((other) => isPair(label, other))
      if (at < 0) continue
      now.splice(at, 1)
      old.splice(old.indexOf(label), 1)
    }
  }
  cancel((a, b) => a.id === b.id && a.content === b.content)
  cancel((a, b) => a.content === b.content)
  const changed = old.filter(({ id }) => now.some((label) => label.id === id)).length
  return { added: now.length - changed, removed: old.length - changed, changed }
}

function compareNaively(before: Map<string, Plain>, after: Map<string, Plain>): Listed[] {
  const found: Listed[] = []
  const empty: Plain = { fields: {}, labels: new Map(), tags: [] }
  for (const sample of new Set([...before.keys(), ...after.keys()])) {
    const [a, b] = [before.get(sample) ?? empty, after.get(sample) ?? empty]
    const what = !before.has(sample) ? 'added' : !after.has(sample) ? 'removed' : 'changed'
    const names = [...new Set([...Object.keys(a.fields), ...Object.keys(b.fields)])]
    const fields =
      what === 'changed' ? names.filter((name) => (a.fields[name] ?? null) !== (b.fields[name] ?? null)).toSorted() : []
    const labels = { added: 0, removed: 0, changed: 0 }
    for (const layer of new Set([...a.labels.keys(), ...b.labels.keys()])) {
      const tally = compareLists(a.labels.get(layer) ?? [], b.labels.get(layer) ?? [])
      for (const kind of ['added', 'removed', 'changed'] as const) labels[kind] += tally[kind]
    }
    const tags = {
      added: b.tags.filter((tag) => !a.tags.includes(tag)).toSorted(),
      removed: a.tags.filter((tag) => !b.tags.includes(tag)).toSorted(),
    }
    const isSame = what === 'changed' && fields.length + tags.added.length + tags.removed.length === 0
    if (isSame && labels.added + labels.removed + labels.changed === 0) continue
    found.push({ sample, what, fields, labels, tags })
  }
  return found.toSorted((a, b) => Number(a.sample.slice(2)) - Number(b.sample.slice(2)))
}

const plain = (listed: Listed[]): Listed[] =>
  listed.map(({ sample, what, fields, labels, tags }) => ({ sample, what, fields, labels, tags }))

/** One edit of the data: what, on which sample, with which value. */
const edit = fc.record({
  kind: fc.constantFrom('tag', 'untag', 'field', 'note', 'label', 'relabel', 'score', 'remove', 'add', 'undo'),
  at: fc.nat(7),
  value: fc.nat(2),
})
let next = 100

async function apply({ kind, at, value }: { kind: string; at: number; value: number }): Promise<void> {
  const selection = { ids: [ids[at % ids.length]!] }
  const id = selection.ids[0]!
  const labels = (own: Label[]) => [{ id, labels: own, digest: `${kind}${value}` }]
  if (kind === 'tag') await scratch.change((step) => step.addTags(selection, [`t${value}`]))
  if (kind === 'untag') await scratch.change((step) => step.removeTags(selection, [`t${value}`]))
  if (kind === 'field')
    await scratch.change((step) => step.setField(selection, 'line', value === 0 ? null : `l${value}`))
  if (kind === 'note') await scratch.change((step) => step.setField(selection, 'note', `n${value}`))
  const isThere = (await scratch.catalog.idsOf(scratch.dataset, selection)).length > 0
  if (kind === 'label' && isThere)
    await scratch.change((step) => step.replaceLabels('truth', labels([box('crack', at), box('dent', value)])))
  // New ids for what was there.
  if (kind === 'relabel' && isThere) {
    const [own] = await scratch.catalog.labelsOf(scratch.dataset, [id], 'truth')
    const same = (own?.layers[0]?.labels ?? []).map(({ id: _, ...label }) => label)
    await scratch.change((step) => step.replaceLabels('truth', labels(same)))
  }
  if (kind === 'score') {
    const [own] = await scratch.catalog.labelsOf(scratch.dataset, [id], 'truth')
    const label = own?.layers[0]?.labels[0]
    if (label === undefined) return
    const row = { id: Number(label.id.slice(2)), attributes: { seen: value } }
    await scratch.change((step) => step.setAttributes([row]))
  }
  if (kind === 'remove' && ids.length > 3) await scratch.change((step) => step.removeSamples(selection))
  if (kind === 'add') ids.push(...(await scratch.add([next++], () => [box('crack', value)])))
  if (kind === 'undo') await scratch.catalog.undo(null, scratch.dataset.id).catch(() => {})
}

describe('a diff', () => {
  it('says what a comparison sample by sample says, between versions and up to now', async () => {
    await scratch.call('versions.commit', { message: 'start' })
    let last = 1
    await fc.assert(
      fc.asyncProperty(fc.array(edit, { minLength: 1, maxLength: 6 }), async (edits) => {
        const before = await readPlain(await scratch.catalog.resolveDataset(`tiles@v${last}`))
        for (const one of edits) await apply(one)
        const expected = compareNaively(before, await readPlain(scratch.dataset))
        const toNow = await diff(`v${last}`)
        expect(plain(toNow.listed)).toEqual(expected)
        expect(toNow.samples.changed).toBe(expected.filter(({ what }) => what === 'changed').length)
        expect(toNow.labels.reduce((sum, layer) => sum + layer.added, 0)).toBe(
          expected.reduce((sum, { labels }) => sum + labels.added, 0),
        )
        const { created } = await scratch.call<{ created: boolean }>('versions.commit', {
          message: 'next',
          media: 'reference',
        })
        expect(created).toBe(!toNow.same)
        if (!created) return
        expect(plain((await diff(`v${last}`, `v${last + 1}`)).listed)).toEqual(expected)
        expect(await diff(`v${last + 1}`)).toMatchObject({ same: true, listed: [], samples: { changed: 0 } })
        last++
      }),
      { numRuns: 12, seed: 7, endOnFailure: true },
    )
  })

  it('tells of classes, fields, slices and the card', async () => {
    await scratch.call('versions.commit', { message: 'before', tag: 'before', media: 'reference' })
    const { dataset, catalog } = scratch
    const meta = { actor: 'ann', operation: 'x', dataset }
    const [crack] = (await catalog.state(dataset)).classes
    await catalog.changeThing(meta, 'class', String(crack!.id), { ...crack!, name: 'fissure' }, '')
    await catalog.changeThing(meta, 'slice', 'dark', { name: 'dark', query: 'brightness < 0.2', createdAt: '' }, '')
    await catalog.changeThing(meta, 'card', '', { description: 'Tiles.', licence: '', owner: '' }, '')
    await catalog.addField(meta, { name: 'shift', type: 'integer', unit: null, summary: '' })
    const { dictionary, samples } = await diff('before')
    expect(dictionary).toEqual([
      { kind: 'class', name: 'fissure', what: 'changed', how: 'name "crack" → "fissure"' },
      { kind: 'field', name: 'shift', what: 'added', how: '' },
      { kind: 'slice', name: 'dark', what: 'added', how: '' },
      { kind: 'card', name: 'description', what: 'changed', how: 'text "" → "Tiles."' },
    ])
    expect(samples).toEqual({ added: 0, removed: 0, changed: 0 })
  })

  it('refuses two datasets', async () => {
    const other = await scratch.catalog.createDataset('other', {}, 'ann')
    await scratch.call('versions.commit', { message: 'm', dataset: other.dataset.name })
    await expect(diff('tiles@v1', 'other@v1')).rejects.toMatchObject({ code: 'INPUT_INVALID' })
  })
})
