import { createWriteStream } from 'node:fs'
import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { ZipFile } from 'yazl'
import { silentProgress } from '#base'
import { unpackArchive } from './archive.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-archive-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

async function makeZip(entries: Record<string, string | Buffer>, rename: Record<string, string> = {}): Promise<string> {
  const zip = new ZipFile()
  for (const [name, content] of Object.entries(entries)) zip.addBuffer(Buffer.from(content), name)
  zip.end()
  const file = join(folder, 'set.zip')
  await pipeline(zip.outputStream, createWriteStream(file))
  let bytes = await readFile(file)
  // Names of equal length can be swapped in place; the writer itself refuses hostile ones.
  for (const [from, to] of Object.entries(rename))
    bytes = Buffer.from(bytes.toString('latin1').replaceAll(from, to), 'latin1')
  await writeFile(file, bytes)
  return file
}

const unpack = (file: string, limits?: Parameters<typeof unpackArchive>[2]['limits']) =>
  unpackArchive(file, join(folder, 'imports'), {
    signal: new AbortController().signal,
    progress: silentProgress,
    limits,
  })

it('unpacks below its own folder and reuses what it unpacked', async () => {
  const file = await makeZip({ 'images/ä b.txt': 'one', 'c.txt': 'two' })
  const first = await unpack(file)
  expect(await readFile(join(first.folder, 'images/ä b.txt'), 'utf8')).toBe('one')
  expect(await unpack(file)).toEqual(first)
})

it('leaves out entries that climb out, and names them', async () => {
  const file = await makeZip(
    { 'xx/evil.txt': 'x', 'xabs.txt': 'y', 'good.txt': 'z' },
    { 'xx/evil.txt': '../evil.txt', 'xabs.txt': '/abs.txt' },
  )
  const { folder: out, problems } = await unpack(file)
  expect(await readdir(out)).toEqual(['good.txt'])
  expect(problems.map((p) => p.file)).toEqual([`${file}!../evil.txt`, `${file}!/abs.txt`])
  expect((await readdir(folder)).sort()).toEqual(['imports', 'set.zip'])
})

it('refuses a bomb and leaves nothing behind', async () => {
  const file = await makeZip({ 'zeros.bin': Buffer.alloc(80 * 1024 * 1024) })
  await expect(unpack(file)).rejects.toMatchObject({ code: 'ARCHIVE_UNSAFE' })
  expect(await readdir(join(folder, 'imports'))).toEqual([])
})

it('refuses more than the limits', async () => {
  const file = await makeZip({ 'a.txt': 'aaaa', 'b.txt': 'bbbb' })
  await expect(unpack(file, { maxEntries: 1, maxBytes: 100 })).rejects.toMatchObject({ code: 'ARCHIVE_UNSAFE' })
  await expect(unpack(file, { maxEntries: 10, maxBytes: 5 })).rejects.toMatchObject({ code: 'ARCHIVE_UNSAFE' })
})

it('says so when the archive is broken', async () => {
  const file = await makeZip({ 'a.txt': 'aaaa' })
  await writeFile(file, (await readFile(file)).subarray(0, 40))
  await expect(unpack(file)).rejects.toMatchObject({ code: 'SOURCE_UNREADABLE' })
})
