import { join } from 'node:path'
import { DuckDBInstance } from '@duckdb/node-api'
import { afterAll, beforeAll, expect, it } from 'vitest'
import type { VersionChanges } from '#contract'
import { box, openScratch, type Scratch } from './testing.ts'

let scratch: Scratch
let ids: number[]

/** The next samples lie on both sides of the border between two files. */
beforeAll(async () => {
  scratch = await openScratch()
  await scratch.catalog.close()
  const instance = await DuckDBInstance.create(join(scratch.folder, 'catalog.duckdb'))
  const connection = await instance.connect()
  await connection.run(`UPDATE counters SET next = ${65_536 - 2} WHERE name = 'sample'`)
  connection.closeSync()
  instance.closeSync()
  await scratch.reopen()
  ids = await scratch.add([1, 2, 3, 4], (n) => [box('crack', n), box('spot', n)])
  await scratch.call('versions.commit', { message: 'both sides' })
})
afterAll(() => scratch.close())

const chunksOf = async (ref: string): Promise<Map<string, string>> => {
  const { files } = await scratch.call<{ files: { table: string; chunk: number; sha256: string }[] }>('versions.show', {
    ref,
  })
  return new Map(files.map(({ table, chunk, sha256 }) => [`${table} ${chunk}`, sha256]))
}

it('files hold ranges of ids, and one that did not change is shared', async () => {
  expect(ids).toEqual([65_534, 65_535, 65_536, 65_537])
  await scratch.change((step) => step.setField({ ids: [65_537] }, 'note', 'x'))
  const { stored } = await scratch.call<{ stored: { files: number } }>('versions.commit', { message: 'second file' })
  expect(stored.files).toBe(1)
  const [first, second] = [await chunksOf('v1'), await chunksOf('v2')]
  expect([...first.keys()]).toEqual(['samples 0', 'samples 1', 'labels 0', 'labels 1', 'tags 0', 'dictionary 0'])
  const moved = [...second].filter(([name, sha256]) => first.get(name) !== sha256).map(([name]) => name)
  expect(moved).toEqual(['samples 1'])
})

it('a version is read over all of them', async () => {
  const version = await scratch.catalog.resolveDataset('tiles@v1')
  expect(await scratch.catalog.idsOf(version, { query: 'labels[class = "crack"].count > 0' })).toEqual(ids)
  expect(await scratch.catalog.details(version)).toMatchObject({ samples: 4, labels: 8 })
})

it('a diff adds up what is in each, also where one side has no file', async () => {
  await scratch.change((step) => step.removeSamples({ ids: [65_536, 65_537] }))
  await scratch.change((step) => step.addTags({ ids: [65_534] }, ['seen']))
  const wanted = {
    samples: { added: 0, removed: 2, changed: 1 },
    labels: [{ layer: 'truth', added: 0, removed: 4, changed: 0 }],
    tags: [{ tag: 'seen', added: 1, removed: 0 }],
  }
  expect(await scratch.call<VersionChanges>('versions.diff', { before: 'v1' })).toMatchObject(wanted)
  await scratch.call('versions.commit', { message: 'one file less' })
  expect([...(await chunksOf('v3')).keys()]).toEqual(['samples 0', 'labels 0', 'tags 0', 'dictionary 0'])
  expect(await scratch.call<VersionChanges>('versions.diff', { before: 'v1', after: 'v3' })).toMatchObject(wanted)
  expect(await scratch.call<VersionChanges>('versions.diff', { before: 'v3', after: 'v1' })).toMatchObject({
    samples: { added: 2, removed: 0, changed: 1 },
    labels: [{ layer: 'truth', added: 4, removed: 0, changed: 0 }],
  })
})
