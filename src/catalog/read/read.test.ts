import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { silentProgress, type Operation } from '#base'
import { createCatalogOperations } from '../operations.ts'
import { boxLabel, facts, newSample, openScratch, type Scratch } from '../testing.ts'
import type { DatasetRef, NewProblem } from '../types.ts'

const paths = ['top.jpg', 'a/1.jpg', 'a/2.jpg', 'a/deep/er/3.jpg', 'a b/4.jpg', 'ä/5.jpg']

let scratch: Scratch
let dataset: DatasetRef
let ids: number[]
let operations: Operation[]
beforeEach(async () => {
  scratch = await openScratch()
  operations = createCatalogOperations({ catalog: scratch.catalog })
  dataset = await scratch.catalog.ensureDataset('set', 'ann')
  const change = scratch.catalog.openChange({ actor: 'ann', operation: 'test', dataset })
  ids = await change.step(async (step) => {
    await step.setValues({ site: 'string', batch: 'integer' }, [])
    const added = await step.addSamples(
      paths.map((path, i) =>
        newSample(i, {
          path,
          facts: { ...facts, width: 100 + i, 'exif.make': i < 4 ? 'Canon' : 'Nikon' },
          tags: i === 0 ? ['odd', 'seen'] : ['seen'],
          fields: { site: ['Lyon', 'lyon', 'Lyon', 'Łódź', null, 'Lima'][i]!, batch: i < 4 ? 12 : 120 },
        }),
      ),
      'truth',
    )
    await step.replaceLabels(
      'truth',
      added
        .slice(0, 3)
        .map((id) => ({ id, labels: [boxLabel('dent'), boxLabel('dent'), boxLabel('ding')], digest: `${id}` })),
    )
    return added
  })
  await change.close('test')
})
afterEach(() => scratch.close())

async function remove(sample: number): Promise<void> {
  const change = scratch.catalog.openChange({ actor: 'ann', operation: 'test', dataset })
  await change.step((step) => step.removeSamples({ ids: [sample] }))
  await change.close('removed')
}

describe('the file of a sample', () => {
  it('is found in whichever dataset holds it', async () => {
    const other = await scratch.catalog.ensureDataset('other', 'ann')
    const change = scratch.catalog.openChange({ actor: 'ann', operation: 'test', dataset: other })
    const [id] = await change.step((step) => step.addSamples([newSample(9)], 'truth'))
    await change.close('test')
    const { bytes, format, md5 } = facts
    expect(await scratch.catalog.sampleFile(ids[1]!)).toEqual({
      dataset,
      path: 'a/1.jpg',
      source: '/data/a/1.jpg',
      bytes,
      format,
      md5,
    })
    expect(await scratch.catalog.sampleFile(id!)).toMatchObject({ dataset: other, source: '/data/a/9.jpg' })
  })

  it('is gone with the sample, or the dataset, and back with an undo', async () => {
    await remove(ids[1]!)
    await expect(scratch.catalog.sampleFile(ids[1]!)).rejects.toMatchObject({ code: 'SAMPLE_NOT_FOUND' })
    await expect(scratch.catalog.sample(ids[1]!)).rejects.toMatchObject({ code: 'SAMPLE_NOT_FOUND' })
    await scratch.catalog.undo(null, dataset.id)
    expect(await scratch.catalog.sampleFile(ids[1]!)).toMatchObject({ path: 'a/1.jpg' })
    await scratch.catalog.deleteDataset(dataset, 'ann')
    await expect(scratch.catalog.sampleFile(ids[1]!)).rejects.toMatchObject({ code: 'SAMPLE_NOT_FOUND' })
  })
})

describe('the tree', () => {
  const tree = async (query: string, depth = 10): Promise<string[]> =>
    (await scratch.catalog.tree(dataset, { query }, depth)).map((folder) => `${folder.path} ${folder.count}`)

  it('counts everything below each folder, a folder straight before what lies in it', async () => {
    expect(await tree('')).toEqual([' 6', 'a 3', 'a/deep 1', 'a/deep/er 1', 'a b 1', 'ä 1'])
    expect((await scratch.catalog.tree(dataset, { query: '' }, 10)).map((folder) => folder.depth)).toEqual([
      0, 1, 2, 3, 1, 1,
    ])
  })

  it('stops at the depth asked for and keeps the counts of what lies deeper', async () => {
    expect(await tree('', 1)).toEqual([' 6', 'a 3', 'a b 1', 'ä 1'])
    expect(await tree('', 0)).toEqual([' 6'])
  })

  it('holds only what the query finds, its limit applied, and nothing that was removed', async () => {
    expect(await tree('width >= 103')).toEqual([' 3', 'a 1', 'a/deep 1', 'a/deep/er 1', 'a b 1', 'ä 1'])
    expect(await tree('order by width limit 2')).toEqual([' 2', 'a 1'])
    expect(await tree('width > 999')).toEqual([' 0'])
    await remove(ids[3]!)
    expect(await tree('')).toEqual([' 5', 'a 2', 'a b 1', 'ä 1'])
  })
})

describe('problems', () => {
  const row = (file: string, code = 'image-empty'): NewProblem => ({ file, code, what: 'w', fix: 'f' })
  const list = async (limit = 100, offset = 0): Promise<string[]> =>
    (await scratch.catalog.problems(dataset, limit, offset)).problems.map(({ file, code }) => `${file} ${code}`)

  it('are listed in the order found, page by page, with the total', async () => {
    await scratch.catalog.replaceProblems(
      dataset,
      ['/d/3', '/d/1', '/d/2'].map((file) => row(file)),
      [],
    )
    const page = await scratch.catalog.problems(dataset, 2, 1)
    expect(page).toMatchObject({
      total: 3,
      problems: [{ file: '/d/1', code: 'image-empty', what: 'w', fix: 'f' }, { file: '/d/2' }],
    })
    expect(Date.parse(page.problems[0]!.at)).not.toBeNaN()
    const other = await scratch.catalog.ensureDataset('other', 'ann')
    expect(await scratch.catalog.problems(other, 10, 0)).toEqual({ total: 0, problems: [] })
  })

  it('of a file are replaced together, and those of other files stay', async () => {
    await scratch.catalog.replaceProblems(dataset, [row('/d/1'), row('/d/1', 'label-box'), row('/d/2')], [])
    await scratch.catalog.replaceProblems(dataset, [row('/d/1', 'label-row')], ['/d/1'])
    expect(await list()).toEqual(['/d/2 image-empty', '/d/1 label-row'])
  })

  it('below a folder are cleared but for those of samples and of namesakes beside it', async () => {
    const files = ['/data', '/data/x', '/data/a/1.jpg', '/database/x', '/other']
    await scratch.catalog.replaceProblems(
      dataset,
      files.map((file) => row(file)),
      [],
    )
    await scratch.catalog.clearProblemsBelow(dataset, '/data')
    expect(await list()).toEqual(['/data/a/1.jpg image-empty', '/database/x image-empty', '/other image-empty'])
  })
})

describe('values and counts for completion', () => {
  it('lists the values of a field, most frequent first, whatever the case of what was typed', async () => {
    const values = (field: string, prefix: string, limit = 10): Promise<{ value: unknown; count: number }[]> =>
      scratch.catalog.values(dataset, field, prefix, limit)
    expect(await values('site', '')).toEqual([
      { value: 'Lyon', count: 2 },
      { value: 'Lima', count: 1 },
      { value: 'lyon', count: 1 },
      { value: 'Łódź', count: 1 },
    ])
    expect(await values('site', 'LY')).toEqual([
      { value: 'Lyon', count: 2 },
      { value: 'lyon', count: 1 },
    ])
    expect(await values('site', '', 1)).toEqual([{ value: 'Lyon', count: 2 }])
    expect(await values('batch', '12')).toEqual([
      { value: 12, count: 4 },
      { value: 120, count: 2 },
    ])
    expect(await values('site', '%')).toEqual([])
    await remove(ids[0]!)
    expect(await values('site', 'Lyon')).toEqual([
      { value: 'Lyon', count: 1 },
      { value: 'lyon', count: 1 },
    ])
  })

  it('reach the suggestions of the query line', async () => {
    const { spec, handle } = operations.find((operation) => operation.spec.id === 'query.complete')!
    const complete = async (query: string): Promise<unknown> => {
      const { suggestions } = (await handle(spec.input.parse({ dataset: 'set', query }), {
        signal: new AbortController().signal,
        progress: silentProgress,
        actor: 'ann',
        log: { info: () => {}, warn: () => {} },
      })) as { suggestions: { text: string; count?: number }[] }
      return suggestions.map(({ text, count }) => [text, count])
    }
    expect(await complete('site = "Ly')).toEqual([
      ['"Lyon"', 2],
      ['"lyon"', 1],
    ])
    expect(await complete('exif.make = ')).toEqual([
      ['"Canon"', 4],
      ['"Nikon"', 2],
    ])
    expect(await complete('class = di')).toEqual([['"ding"', 3]])
    expect(await complete('tag = o')).toEqual([['odd', 1]])
  })

  it('counts samples, not labels, of classes and tags, and leaves out tags that no sample has', async () => {
    const counted = await scratch.catalog.schemaWithCounts(dataset)
    expect(counted.classes.map(({ name, samples }) => [name, samples])).toEqual([
      ['dent', 3],
      ['ding', 3],
    ])
    expect(counted.tags.map(({ name, samples }) => [name, samples])).toEqual([
      ['odd', 1],
      ['seen', 6],
    ])
    await remove(ids[0]!)
    const after = await scratch.catalog.schemaWithCounts(dataset)
    expect(after.classes.map((known) => known.samples)).toEqual([2, 2])
    expect(after.tags.map(({ name, samples }) => [name, samples])).toEqual([['seen', 5]])
  })
})

describe('what an export counts', () => {
  it('is attributes of people, not what evaluations said of labels', async () => {
    const { catalog } = scratch
    const lost = async (): Promise<number> =>
      (await catalog.exportSummary(dataset, { query: '' }, 'truth')).labelsWithAttributes
    const [first, second, third] = (await catalog.labelColumns(dataset, 'truth', { query: '' })).ids
    const change = catalog.openChange({ actor: 'ann', operation: 'test', dataset })
    const judged = { net_eval: 'tp', net_eval_iou: 0.5, net_eval_class: 'dent', net_eval_match: 'l_9' }
    await change.step((step) =>
      step.setAttributes([
        { id: first!, attributes: judged },
        { id: second!, attributes: { ...judged, occluded: true } },
        { id: third!, attributes: { evaluated: 'yes' } },
      ]),
    )
    await change.close('test')
    expect(await lost()).toBe(2)
    await catalog.undo(null, null)
    expect(await lost()).toBe(0)
  })
})
