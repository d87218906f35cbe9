import { chmod, mkdir, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { VersionSummary } from '#contract'
import { toFoveaError, type FoveaError } from '#base'
import type { DatasetRef } from '#catalog'
import { box, openScratch, watchProgress, type Scratch } from './testing.ts'

let scratch: Scratch
beforeEach(async () => {
  scratch = await openScratch()
})
afterEach(() => scratch.close())

interface Committed {
  created: boolean
  version: VersionSummary
  stored: { pictures: number; files: number; bytes: number }
}
const commit = (input: object = {}): Promise<Committed> =>
  scratch.call<Committed>('versions.commit', { message: 'as it is', ...input })
const codeOf = (work: Promise<unknown>): Promise<string> =>
  work.then(
    () => 'nothing',
    (error: unknown) => toFoveaError(error).code,
  )

/** All that can be read of a dataset. */
async function readWhole(dataset: DatasetRef): Promise<object> {
  const { catalog } = scratch
  const rows = await catalog.page(dataset, { selection: { query: '' }, limit: 1_000, offset: 0 })
  const ids = await catalog.idsOf(dataset, { query: '' })
  const { name: _, ...details } = await catalog.details(dataset)
  return {
    rows,
    details: { ...details, updatedAt: '' },
    labels: await catalog.labelsOf(dataset, ids, undefined),
    state: await catalog.state(dataset),
    stats: await catalog.stats(dataset, {
      selection: { query: '' },
      by: ['brightness', 'tag', 'class'],
      bins: 4,
      top: 5,
    }),
    tree: await catalog.tree(dataset, { query: '' }, 3),
    boxes: await catalog.count(dataset, { query: 'labels[class = "crack"].count > 0' }),
    tagged: await catalog.count(dataset, { query: 'tag:seen' }),
    media: (await catalog.mediaOf(dataset, ids)).map(({ id, source, path, md5 }) => ({ id, source, path, md5 })),
    frame: await catalog.frame(dataset, 'order by brightness desc'),
    columns: await catalog.columnsOf(dataset, ['path', 'split', 'phash']),
  }
}

describe('a version', () => {
  it('reads as the dataset was, whatever happens to it since, in this process and the next', async () => {
    const ids = await scratch.add([1, 2, 3, 4, 5], (n) => [box('crack', n), box('spot', n + 1)])
    await scratch.change((step) => step.setField({ ids }, 'line', 'north'))
    await scratch.change((step) => step.addTags({ ids: ids.slice(0, 2) }, ['seen']))
    const meta = { actor: 'ann', operation: 'slice.save', dataset: scratch.dataset }
    await scratch.catalog.changeThing(
      meta,
      'slice',
      'dark',
      { name: 'dark', query: 'brightness < 0.3', createdAt: '' },
      '',
    )
    const before = await readWhole(scratch.dataset)
    const { created, version } = await commit({ tag: 'accepted' })
    expect(created).toBe(true)
    expect(version).toMatchObject({
      dataset: 'tiles',
      version: 'v1',
      tags: ['accepted'],
      samples: 5,
      labels: 10,
      changes: null,
    })
    expect(version.id).toMatch(/^[0-9a-f]{64}$/)

    await scratch.change(async (step) => {
      await step.replaceLabels('truth', [{ id: ids[0]!, labels: [box('dent', 9)], digest: 'x' }])
      await step.setField({ ids }, 'line', 'south')
      await step.addTags({ ids }, ['seen', 'other'])
      await step.removeSamples({ ids: [ids[4]!] })
    })
    await scratch.change((step) => step.setField({ ids }, 'fresh', 7))
    await scratch.add([6, 7])
    await scratch.catalog.changeThing({ ...meta, operation: 'field.remove' }, 'field', 'line', null, '')
    await scratch.catalog.changeThing(meta, 'slice', 'dark', null, '')
    await scratch.catalog.undo(null, null)
    expect(await readWhole(await scratch.catalog.resolveDataset('tiles@v1'))).toEqual(before)
    expect(await readWhole(scratch.dataset)).not.toEqual(before)

    await scratch.reopen()
    for (const ref of ['v1', 'accepted', 'latest', version.id.slice(0, 8), 'V1']) {
      const kept = await scratch.catalog.resolveDataset(`tiles@${ref}`)
      expect(kept.name).toBe('tiles@v1')
      expect(await readWhole(kept)).toEqual(before)
    }
    // Also when the dataset is gone.
    await scratch.catalog.deleteDataset(scratch.dataset, 'ann')
    expect(await readWhole(await scratch.catalog.resolveDataset('tiles@accepted'))).toEqual(before)
    expect(await scratch.catalog.datasets()).toEqual([])
  })

  it('of an empty dataset has no samples', async () => {
    await commit()
    const empty = await scratch.catalog.resolveDataset('tiles@v1')
    expect(await scratch.catalog.count(empty, { query: 'brightness > 0' })).toBe(0)
    expect(await scratch.catalog.details(empty)).toMatchObject({ samples: 0, labels: 0, classes: [] })
  })

  it('is not made when nothing changed, also not by what was done and taken back', async () => {
    const ids = await scratch.add([1, 2])
    const first = await commit()
    const second = await commit({ message: 'again', tag: 'same' })
    expect(second).toMatchObject({ created: false, version: { id: first.version.id, tags: ['same'] } })
    await scratch.change((step) => step.addTags({ ids }, ['odd']))
    await scratch.change((step) => step.removeTags({ ids }, ['odd']))
    expect(await commit()).toMatchObject({ created: false })
    expect(await scratch.call('versions.list', {})).toMatchObject({ total: 1 })
  })

  it('shares with others what is the same, and has the same bytes for the same content', async () => {
    const ids = await scratch.add([1, 2, 3], (n) => [box('crack', n)])
    const { version } = await commit()
    await scratch.change((step) => step.addTags({ ids: [ids[0]!] }, ['seen']))
    const next = await commit()
    // Tags, and the samples they were touched with; labels lie there already, and so do pictures.
    expect(next.stored).toMatchObject({ files: 3, pictures: 0 })
    expect(next.version.parents).toEqual([version.id])
    expect(next.version.changes).toMatchObject({
      samples: { added: 0, removed: 0, changed: 1 },
      tags: [{ tag: 'seen', added: 1, removed: 0 }],
      fields: [],
      labels: [],
    })
    const filesOf = async (ref: string): Promise<string[]> =>
      (await scratch.call<{ files: { table: string; sha256: string }[] }>('versions.show', { ref })).files
        .filter(({ table }) => table === 'labels')
        .map(({ sha256 }) => sha256)
    expect(await filesOf('v1')).toEqual(await filesOf('v2'))
  })

  it('keeps the pictures, or says which it cannot', async () => {
    await scratch.add([1, 2, 3])
    expect((await commit()).stored.pictures).toBe(3)
    await scratch.add([4, 5])
    await rm(join(scratch.folder, 'pictures', '4.bin'))
    await writeFile(join(scratch.folder, 'pictures', '5.bin'), 'another picture')
    const error = await commit().catch((caught: FoveaError) => caught)
    expect(error).toMatchObject({ code: 'SOURCE_UNREADABLE', details: { pictures: 2 } })
    expect((error as FoveaError).message).toContain('4.bin')
    expect((error as FoveaError).hint).toContain('--media reference')
    expect(await scratch.call('versions.list', {})).toMatchObject({ total: 1 })
    expect(await commit({ media: 'reference' })).toMatchObject({
      created: true,
      version: { media: 'reference', version: 'v2' },
    })
  })

  it('is made anew when its pictures are to be kept that were not', async () => {
    await scratch.add([1])
    await commit({ media: 'reference' })
    expect(await commit({ media: 'reference' })).toMatchObject({ created: false })
    expect(await commit()).toMatchObject({
      created: true,
      stored: { pictures: 1 },
      version: { changes: { samples: { changed: 0 } } },
    })
  })

  it('is not there at all when its making was cancelled, whenever that was', async () => {
    await scratch.add([1, 2, 3], (n) => [box('crack', n)])
    for (const at of ['write', 'pictures', 'keep']) {
      const stop = new AbortController()
      const progress = watchProgress((stage) => stage === at && stop.abort())
      const work = scratch.call('versions.commit', { message: 'm' }, { signal: stop.signal, progress })
      expect(await codeOf(work)).toBe('CANCELLED')
      expect(await scratch.call('versions.list', {})).toMatchObject({ total: 0 })
      expect(await readdir(join(scratch.folder, 'versions'))).toEqual([])
    }
    expect(await commit()).toMatchObject({ created: true, version: { version: 'v1' } })
  })

  it('is of one moment, also when the data changes while it is made', async () => {
    const ids = await scratch.add([1, 2], () => [box('crack', 1)])
    let meanwhile: Promise<unknown> | undefined
    const progress = watchProgress((stage) => {
      if (stage === 'write')
        meanwhile ??= scratch.change(async (step) => {
          await step.addTags({ ids }, ['late'])
          await step.replaceLabels('truth', [{ id: ids[0]!, labels: [box('dent', 1), box('dent', 2)], digest: 'x' }])
        })
    })
    await scratch.call('versions.commit', { message: 'm' }, { progress })
    await meanwhile
    const kept = await scratch.catalog.resolveDataset('tiles@v1')
    expect(await scratch.catalog.details(kept)).toMatchObject({ labels: 2, tags: [], classes: [{ name: 'crack' }] })
    expect(await scratch.call('versions.diff', { before: 'v1' })).toMatchObject({ samples: { changed: 2 } })
  })

  it('takes over from one whose process was killed', async () => {
    await scratch.add([1])
    await mkdir(join(scratch.folder, 'versions', 'unfinished'), { recursive: true })
    await writeFile(join(scratch.folder, 'versions', 'unfinished', 'samples-0.parquet'), 'half')
    expect(await commit()).toMatchObject({ created: true })
    expect((await readdir(join(scratch.folder, 'versions'))).toSorted()).toEqual(['commits', `d${scratch.dataset.id}`])
  })

  it('waits for no half of an import', async () => {
    const change = scratch.catalog.openChange({ actor: 'ann', operation: 'dataset.import', dataset: scratch.dataset })
    await change.step((step) => step.ensureClasses([{ name: 'crack' }]))
    expect(await codeOf(commit())).toBe('DATASET_BUSY')
    await change.close('Imported')
    expect(await commit()).toMatchObject({ created: true })
  })
})

describe('a damaged version', () => {
  const damage = async (table: string, how: (file: string) => Promise<void>): Promise<string> => {
    const { files } = await scratch.call<{ files: { table: string; md5: string }[] }>('versions.show', { ref: 'v1' })
    const file = scratch.store.pathOf(files.find((candidate) => candidate.table === table)!.md5)
    await chmod(file, 0o644)
    await how(file)
    await scratch.reopen()
    return file
  }

  it.each([
    ['was changed', (file: string) => writeFile(file, 'something else')],
    ['is gone', (file: string) => rm(file)],
  ])('is refused by name where a file %s, and mended by the next commit', async (what, how) => {
    await scratch.add([1], () => [box('crack', 1)])
    await commit()
    const file = await damage('labels', how)
    const error = await scratch.catalog.resolveDataset('tiles@v1').catch((caught: FoveaError) => caught)
    expect(error).toMatchObject({ code: 'VERSION_DAMAGED', details: { file } })
    expect((error as FoveaError).message).toContain(what)
    expect(await scratch.catalog.count(scratch.dataset, { query: '' })).toBe(1)
    await scratch.add([2])
    expect(await commit()).toMatchObject({ created: true, version: { version: 'v2' } })
    const kept = await scratch.catalog.resolveDataset('tiles@v2')
    expect(await scratch.catalog.count(kept, { query: '' })).toBe(2)
  })

  it('is refused when the commit itself was changed', async () => {
    await scratch.add([1])
    const { version } = await commit()
    const file = join(scratch.folder, 'versions', 'commits', `${version.id}.json`)
    await chmod(file, 0o644)
    await writeFile(file, (await readFile(file, 'utf8')).replace('as it is', 'forged'))
    await scratch.reopen()
    expect(await codeOf(scratch.catalog.resolveDataset('tiles@v1'))).toBe('VERSION_DAMAGED')
  })
})
