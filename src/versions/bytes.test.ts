import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { createFixedClock, silentProgress } from '#base'
import { openCatalog } from '#catalog'
import { measureFile } from './open.ts'
import { box, openScratch, type Scratch } from './testing.ts'

let scratch: Scratch
beforeAll(async () => {
  scratch = await openScratch()
})
afterAll(() => scratch.close())

/** Digests of what is written of the dataset, by a process with so many threads. */
async function writeWith(threads: number): Promise<Record<string, string>> {
  const folder = join(scratch.folder, `by-${threads}`)
  await mkdir(folder)
  const clock = createFixedClock(undefined, 1_000)
  const catalog = await openCatalog({
    file: join(scratch.folder, 'catalog.duckdb'),
    clock,
    memoryLimitMb: 500,
    threads,
  })
  try {
    const work = { signal: new AbortController().signal, progress: silentProgress }
    const { chunks, labels } = await catalog.versions.write(scratch.dataset, folder, work)
    expect(labels).toBe(130_000)
    const digests = await Promise.all(
      chunks.map(async ({ table, chunk, file }) => [`${table} ${chunk}`, (await measureFile(file)).sha256] as const),
    )
    return Object.fromEntries(digests)
  } finally {
    await catalog.close()
  }
}

it('the same content has the same bytes, on however many threads, also beyond one group of rows', async () => {
  const many = Array.from({ length: 65_000 }, (_, i) => box(i % 3 === 0 ? 'crack' : 'spot', (i * 7_919) % 1_000))
  const ids = await scratch.add([1, 2], () => many)
  await scratch.change((step) => step.addTags({ ids }, ['seen']))
  await scratch.catalog.close()
  const alone = await writeWith(1)
  expect(Object.keys(alone)).toEqual(['samples 0', 'labels 0', 'tags 0'])
  expect(await writeWith(4)).toEqual(alone)
  await scratch.reopen()
})

it('what was taken away and put back is the same, and its file is shared', async () => {
  const filesOf = async (ref: string, table: string): Promise<string[]> =>
    (await scratch.call<{ files: { table: string; sha256: string }[] }>('versions.show', { ref })).files
      .filter((file) => file.table === table)
      .map(({ sha256 }) => sha256)
  await scratch.call('versions.commit', { message: 'one' })
  const ids = await scratch.catalog.idsOf(scratch.dataset, { query: '' })
  await scratch.change((step) => step.removeTags({ ids }, ['seen']))
  await scratch.change((step) => step.addTags({ ids: ids.toReversed() }, ['seen']))
  await scratch.change((step) => step.setField({ ids }, 'note', 'x'))
  await scratch.call('versions.commit', { message: 'two' })
  for (const table of ['labels', 'tags']) expect(await filesOf('v2', table)).toEqual(await filesOf('v1', table))
  expect(await filesOf('v2', 'samples')).not.toEqual(await filesOf('v1', 'samples'))
})
