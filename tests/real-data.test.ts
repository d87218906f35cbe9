import { existsSync } from 'node:fs'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join, resolve } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { createApp, initWorkspace, loadConfig, type App } from '#app'

// Runs on real data beside the project when it is there: counts from the data's own documentation.
const data = resolve(import.meta.dirname, '../../shared/data')

let folder: string
let app: App
const call = <T>(id: string, input: unknown): Promise<T> => app.call(id, input) as Promise<T>
const count = async (query: string, dataset = 'tiles'): Promise<number> =>
  (await call<{ count: number }>('query.count', { dataset, query })).count

describe.skipIf(!existsSync(join(data, 'magnetic-tiles')))('magnetic tiles', () => {
  beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'fovea-real-'))
    const workspace = await initWorkspace(folder)
    app = await createApp({ workspace, config: await loadConfig({ workspace, env: {} }) })
    const result = await call<Record<string, unknown>>('dataset.import', {
      path: join(data, 'magnetic-tiles'),
      dataset: 'tiles',
    })
    expect(result).toMatchObject({
      added: 1344,
      skipped: 0,
      problems: 0,
      detected: { format: 'masks', layout: 'class folders with mask pairs' },
    })
  }, 240_000)
  afterAll(async () => {
    await app.close()
    await rm(folder, { recursive: true, force: true })
  })

  it('has the classes and masks its authors state', async () => {
    const { classes, samples } = await call<{ samples: number; classes: { name: string; samples: number }[] }>(
      'dataset.show',
      { dataset: 'tiles' },
    )
    expect(samples).toBe(1344)
    expect(Object.fromEntries(classes.map((c) => [c.name, c.samples]))).toEqual({
      MT_Blowhole: 115,
      MT_Break: 85,
      MT_Crack: 57,
      MT_Fray: 32,
      MT_Free: 952,
      MT_Uneven: 103,
    })
    expect(await count('class = "MT_Crack"')).toBe(57)
    // 392 images show a defect; the mask files of four of them (MT_Uneven) are black from edge to edge.
    expect(await count('annotations.objects > 0')).toBe(388)
    expect(await count('not class = "MT_Free"')).toBe(392)
    expect(await count('objects > 0 and brightness < 0.3')).toBe(await count('brightness < 0.3 and not objects = 0'))
  })

  it('survives COCO and back', async () => {
    const to = join(folder, 'coco')
    await call('dataset.export', { dataset: 'tiles', format: 'coco', to })
    const again = await call<Record<string, unknown>>('dataset.import', { path: to, dataset: 'again' })
    expect(again).toMatchObject({ added: 1344, problems: 0, detected: { format: 'coco' } })
    const masks = async (dataset: string): Promise<unknown> => {
      const { rows } = await call<{ rows: { id: string; fields: { md5: string } }[] }>('query.run', {
        dataset,
        query: 'objects > 0',
        limit: 10_000,
        fields: ['md5'],
      })
      const byContent = new Map<string, unknown>()
      for (const row of rows) {
        const { layers } = await call<{ layers: { labels: { id: string; kind: string }[] }[] }>('sample.show', {
          sample: row.id,
        })
        const labels = layers.flatMap((layer) => layer.labels).filter((label) => label.kind === 'mask')
        byContent.set(
          row.fields.md5,
          labels.map(({ id: _, ...label }) => label),
        )
      }
      return byContent
    }
    expect(await count('objects > 0', 'again')).toBe(388)
    expect(await masks('again')).toEqual(await masks('tiles'))
  }, 240_000)

  it('is split by scene, where a split at random leaks', async () => {
    const { groups, grouped } = await call<{ grouped: number; groups: object[] }>('curation.duplicates', {
      dataset: 'tiles',
    })
    // Most tiles were photographed at several exposures, exp1 to exp6 in their names.
    expect(grouped).toBeGreaterThan(1000)
    expect(groups.length).toBeGreaterThan(150)
    const leaks = async (): Promise<number> =>
      (await call<{ count: number }>('split.leaks', { dataset: 'tiles' })).count
    await call('split.assign', { dataset: 'tiles', group: 'none' })
    expect(await leaks()).toBeGreaterThan(100)
    const { splits } = await call<{ splits: { name: string; share: number; wanted: number }[] }>('split.assign', {
      dataset: 'tiles',
      group: 'duplicates',
    })
    expect(await leaks()).toBe(0)
    for (const { share, wanted } of splits) expect(Math.abs(share - wanted)).toBeLessThan(0.02)
  }, 240_000)

  it('finds the like of a frayed tile among frayed and cracked ones', async () => {
    const query = 'class in ("MT_Fray", "MT_Crack")'
    expect(await call('spaces.embed', { dataset: 'tiles', query })).toMatchObject({ embedded: 89, failed: 0 })
    const { rows } = await call<{ rows: { id: string }[] }>('query.run', {
      dataset: 'tiles',
      query: 'class = "MT_Fray"',
      limit: 100,
    })
    let alike = 0
    for (const { id } of rows) {
      const { neighbours } = await call<{ neighbours: { path: string }[] }>('spaces.similar', {
        dataset: 'tiles',
        like: id,
        limit: 5,
      })
      alike += neighbours.filter(({ path }) => path.startsWith('MT_Fray')).length
    }
    // By chance it were 35 %.
    expect(alike / (5 * rows.length)).toBeGreaterThan(0.65)
  }, 240_000)
})
