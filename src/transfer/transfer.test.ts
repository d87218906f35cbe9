import { createHash } from 'node:crypto'
import {
  copyFile,
  mkdir,
  mkdtemp,
  readdir,
  readFile,
  realpath,
  rm,
  symlink,
  unlink,
  utimes,
  writeFile,
} from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { exportDataset as exportSpec, importDataset as importSpec } from '#contract'
import { systemClock, type CallContext, type Operation, type ProgressEvent } from '#base'
import { openCatalog, type Catalog } from '#catalog'
import { createMediaPool, defaultLimits, type MediaPool } from '#media'
import { createLocalStore } from '#store'
import { createTransferOperations } from './index.ts'

let folder: string
let source: string
let catalog: Catalog
let media: MediaPool
let operations: Operation[]

beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-transfer-'))
  source = join(folder, 'source')
  await mkdir(join(source, 'a'), { recursive: true })
  await mkdir(join(source, 'b'))
  catalog = await openCatalog({ file: join(folder, 'catalog.duckdb'), clock: systemClock, memoryLimitMb: 500 })
  media = createMediaPool({ threads: 1 })
  operations = createTransferOperations({
    catalog,
    media,
    store: createLocalStore({ folder: join(folder, 'objects') }),
    clock: systemClock,
    limits: { ...defaultLimits, maxPixels: 10_000 },
    thumbnails: join(folder, 'thumbnails'),
    imports: join(folder, 'imports'),
    batchSize: 4,
  })
})
afterEach(async () => {
  await media.close()
  await catalog.close()
  await rm(folder, { recursive: true, force: true })
})

function call(id: string, input: object, context: Partial<CallContext> = {}): Promise<unknown> {
  const { spec, handle } = operations.find((operation) => operation.spec.id === id)!
  return handle(spec.input.parse(input), {
    signal: new AbortController().signal,
    progress: { report: () => {} },
    actor: 'ann',
    log: { info: () => {}, warn: () => {} },
    ...context,
  })
}
const runImport = (more: object = {}, context: Partial<CallContext> = {}): Promise<Record<string, unknown>> =>
  call(importSpec.id, { path: source, dataset: 'set', ...more }, context) as Promise<Record<string, unknown>>

function image(name: string, width = 8, height = 6, shade = 100): Promise<unknown> {
  return sharp({ create: { width, height, channels: 3, background: { r: shade, g: 20, b: 30 } } })
    .jpeg()
    .toFile(join(source, name))
}

async function fingerprint(root: string): Promise<string> {
  const hash = createHash('md5')
  for (const entry of (await readdir(root, { recursive: true, withFileTypes: true })).toSorted((x, y) =>
    x.name < y.name ? -1 : 1,
  )) {
    hash.update(entry.name)
    if (entry.isFile()) hash.update(await readFile(join(entry.parentPath, entry.name)))
  }
  return hash.digest('hex')
}

const problems = async (): Promise<string[]> => {
  const dataset = await catalog.resolveDataset('set')
  return (await catalog.problems(dataset, 100, 0)).problems
    .map((row) => `${row.file.slice(source.length + 1)} ${row.code}`)
    .sort()
}

describe('importing', () => {
  it('takes odd names, leaves broken files out with a row each, and changes nothing of the source', async () => {
    for (const name of ['a/plain.jpg', 'a/two words.jpg', 'a/ünïcode 日本.jpg', 'a/new\nline.jpg', 'b/quote\'".jpg'])
      await image(name)
    await writeFile(join(source, 'a/empty.jpg'), '')
    await writeFile(join(source, 'a/page.jpg'), '<html>no picture</html>')
    const whole = await sharp({ create: { width: 60, height: 60, channels: 3, background: 'red' } })
      .jpeg()
      .toBuffer()
    await writeFile(join(source, 'b/cut.jpg'), whole.subarray(0, whole.length - 40))
    await image('b/huge.jpg', 400, 300)
    await symlink('..', join(source, 'b/loop'))
    const before = await fingerprint(source)
    expect(await runImport()).toMatchObject({ added: 5, updated: 0, skipped: 4 })
    expect(await problems()).toEqual([
      'a/empty.jpg image-empty',
      'a/page.jpg image-unsupported',
      'b/cut.jpg image-truncated',
      'b/huge.jpg image-too-large',
      'b/loop file-unreadable',
    ])
    expect(await fingerprint(source)).toBe(before)
  })

  it('says so of annotations that nobody could read, and of names that are no UTF-8', async () => {
    await image('1.jpg')
    await image('2.jpg')
    for (const [name, text] of [
      ['data.yaml', 'train: ['],
      ['a.json', '{"images": 1}'],
      ['b.json', ''],
      ['m.parquet', 'PAR1 no'],
    ] as const)
      await writeFile(join(source, name), text)
    const latin = Buffer.concat([Buffer.from(join(source, 'caf')), Buffer.from([0xe9]), Buffer.from('.jpg')])
    await copyFile(join(source, '1.jpg'), latin)
    expect(await runImport()).toMatchObject({ added: 2, skipped: 1, detected: { format: 'folder' } })
    expect(await problems()).toEqual([
      'a.json annotation-unknown',
      'caf\ufffd.jpg name-unreadable',
      'data.yaml annotation-unknown',
      'm.parquet annotation-unknown',
    ])
    await expect(runImport({ onError: 'stop' })).rejects.toMatchObject({ code: 'IMPORT_STOPPED' })
    // Told that they are plain images, nothing of theirs is missing.
    await unlink(latin)
    expect(await runImport({ format: 'folder', onError: 'stop' })).toMatchObject({ unchanged: 2, problems: 0 })
  })

  it('again adds only what is new or changed, and forgets what was mended', async () => {
    for (const name of ['a/1.jpg', 'a/2.jpg', 'b/3.jpg']) await image(name)
    await writeFile(join(source, 'b/bad.jpg'), 'x')
    expect(await runImport()).toMatchObject({ added: 3, skipped: 1, problems: 1 })
    expect(await runImport()).toMatchObject({ added: 0, updated: 0, unchanged: 3, skipped: 1, change: null })
    await image('a/2.jpg', 8, 6, 200)
    await utimes(join(source, 'a/1.jpg'), new Date(), new Date(2030, 1, 1))
    await image('b/bad.jpg')
    await image('b/new.jpg')
    expect(await runImport()).toMatchObject({ added: 2, skipped: 0, problems: 0 })
    expect(await problems()).toEqual([])
    const dataset = await catalog.resolveDataset('set')
    expect(await catalog.count(dataset, { query: '' })).toBe(5)
    expect(await catalog.count(dataset, { query: 'red > 0.7' })).toBe(1)
  })

  it('stops at the first fault when asked, and completes later', async () => {
    for (let i = 0; i < 9; i++) await image(`a/${i}.jpg`)
    await writeFile(join(source, 'b/bad.jpg'), 'x')
    await expect(runImport({ onError: 'stop' })).rejects.toMatchObject({
      code: 'IMPORT_STOPPED',
      details: { code: 'image-unsupported' },
    })
    const result = await runImport()
    expect((result['added'] as number) + (result['unchanged'] as number)).toBe(9)
  })

  it('keeps what it finished when cancelled, and the same import completes it', async () => {
    for (let i = 0; i < 30; i++) await image(`a/${i}.jpg`)
    await image('b/x.jpg')
    const abort = new AbortController()
    const progress = {
      report: ({ stage, done }: ProgressEvent) => void (stage === 'import' && done === 12 && abort.abort()),
    }
    await expect(runImport({}, { signal: abort.signal, progress })).rejects.toMatchObject({ code: 'CANCELLED' })
    const dataset = await catalog.resolveDataset('set')
    const kept = await catalog.count(dataset, { query: '' })
    expect(kept).toBeGreaterThan(0)
    expect(kept).toBeLessThan(31)
    expect(await runImport()).toMatchObject({ added: 31 - kept, unchanged: kept })
    expect(await catalog.count(dataset, { query: 'class in ("a", "b")' })).toBe(31)
  })

  it('copies files into the store when asked, and exports from there when the originals are gone', async () => {
    await image('a/1.jpg')
    await image('b/2.jpg', 8, 6, 50)
    await runImport()
    // What is known already is copied too.
    expect(await runImport({ copy: true })).toMatchObject({ unchanged: 2 })
    await rm(source, { recursive: true })
    const to = join(folder, 'out')
    expect(await call(exportSpec.id, { dataset: 'set', format: 'folder', to })).toMatchObject({ samples: 2 })
    expect((await readdir(to, { recursive: true })).filter((name) => name.endsWith('.jpg')).sort()).toEqual([
      'a/1.jpg',
      'b/2.jpg',
    ])
  })
})

describe('for one who may not reach every file', () => {
  // As `app` sees it: whatever links lead to.
  const mayReach = async (file: string): Promise<boolean> => {
    const real = await realpath(file).catch(() => file)
    return [source, join(folder, 'imports')].some((root) => real.startsWith(`${root}/`))
  }
  let secret: string
  beforeEach(async () => {
    secret = join(folder, 'secret')
    await mkdir(secret)
    for (const name of ['a/in.jpg', '../secret/key.jpg', '../secret/mask.png', '../secret/linked.jpg'])
      await image(name)
    await symlink(join(secret, 'linked.jpg'), join(source, 'a/link.jpg'))
    await writeFile(join(secret, 'list.txt'), 'line of a secret\n./key.jpg\n')
  })
  const codes = async (): Promise<string[]> => {
    const { problems: rows } = await catalog.problems(await catalog.resolveDataset('set'), 100, 0)
    expect(JSON.stringify(rows)).not.toContain('line of')
    return rows.map((row) => `${row.file.slice(folder.length + 1)} ${row.code}`).sort()
  }

  it('takes of a manifest only what lies in bounds, with a row for the rest', async () => {
    const names = ['a/in.jpg', 'a/link.jpg', join(secret, 'key.jpg'), '../secret/mask.png']
    await writeFile(join(source, 'm.jsonl'), names.map((file) => JSON.stringify({ file })).join('\n'))
    expect(await runImport({ path: join(source, 'm.jsonl') }, { mayReach })).toMatchObject({ added: 1, skipped: 3 })
    expect(await codes()).toEqual([
      'secret/key.jpg path-outside',
      'secret/mask.png path-outside',
      'source/a/link.jpg path-outside',
    ])
    // The owner's import takes them, and mends the rows.
    expect(await runImport({ path: join(source, 'm.jsonl') })).toMatchObject({ added: 3, unchanged: 1 })
    expect(await codes()).toEqual([])
  })

  it('leaves links in a folder out, and stops there when asked', async () => {
    await expect(runImport({ onError: 'stop' }, { mayReach })).rejects.toMatchObject({
      code: 'IMPORT_STOPPED',
      details: { code: 'path-outside' },
    })
    expect(await runImport({}, { mayReach })).toMatchObject({ added: 1, skipped: 1, problems: 1 })
    expect(await codes()).toEqual(['source/a/link.jpg path-outside'])
  })

  it('does not read lists, folders and names that a description names out of bounds', async () => {
    await writeFile(
      join(source, 'data.yaml'),
      `train: a\nval: ${join(secret, 'list.txt')}\ntest: ../secret\nnames: [x]\n`,
    )
    expect(await runImport({ format: 'yolo' }, { mayReach })).toMatchObject({ added: 1 })
    await codes()
    await rm(join(source, 'data.yaml'))
    await writeFile(
      join(source, 'obj.data'),
      `train = ${join(source, 'train.txt')}\nnames = ${join(secret, 'list.txt')}\n`,
    )
    await writeFile(join(source, 'train.txt'), 'a/in.jpg\n')
    await expect(runImport({ format: 'yolo' }, { mayReach })).rejects.toMatchObject({ code: 'FORMAT_INVALID' })
  })

  it('exports no media from out of bounds, but what was copied', async () => {
    await writeFile(join(source, 'm.jsonl'), JSON.stringify({ file: join(secret, 'key.jpg') }))
    await runImport({ path: join(source, 'm.jsonl') })
    const input = { dataset: 'set', format: 'jsonl', to: join(folder, 'out') }
    for (const how of ['copy', 'link'])
      await expect(call(exportSpec.id, { ...input, media: how }, { mayReach })).rejects.toMatchObject({
        code: 'PATH_OUTSIDE',
      })
    expect(await call(exportSpec.id, { ...input, media: 'none' }, { mayReach })).toMatchObject({ samples: 1 })
    await runImport({ path: join(source, 'm.jsonl'), dataset: 'kept', copy: true })
    const kept = { ...input, dataset: 'kept', to: join(folder, 'kept') }
    expect(await call(exportSpec.id, kept, { mayReach })).toMatchObject({ samples: 1 })
  })
})

describe('exporting', () => {
  beforeEach(async () => {
    for (let i = 0; i < 8; i++) await image(`${i % 2 ? 'a' : 'b'}/${i}.jpg`)
    await runImport()
  })

  it('leaves nothing behind when cancelled', async () => {
    const abort = new AbortController()
    let placed = 0
    const progress = { report: () => void (++placed === 3 && abort.abort()) }
    const to = join(folder, 'out')
    await expect(
      call(exportSpec.id, { dataset: 'set', format: 'jsonl', to }, { signal: abort.signal, progress }),
    ).rejects.toMatchObject({ code: 'CANCELLED' })
    expect((await readdir(folder)).filter((name) => name.includes('out'))).toEqual([])
  })

  it('refuses a folder that holds something, and one whose media is gone', async () => {
    await expect(call(exportSpec.id, { dataset: 'set', format: 'coco', to: source })).rejects.toMatchObject({
      code: 'TARGET_EXISTS',
    })
    await rm(join(source, 'a/1.jpg'))
    await expect(
      call(exportSpec.id, { dataset: 'set', format: 'jsonl', to: join(folder, 'out') }),
    ).rejects.toMatchObject({ code: 'MEDIA_UNREADABLE' })
    expect((await readdir(folder)).filter((name) => name.includes('out'))).toEqual([])
  })

  it('says what a format cannot hold, and stops there when asked', async () => {
    const input = { dataset: 'set', format: 'coco', to: join(folder, 'out') }
    expect(await call(exportSpec.id, { ...input, dryRun: true })).toMatchObject({
      losses: [{ code: 'kind-class', count: 8 }],
    })
    await expect(call(exportSpec.id, { ...input, onLoss: 'stop' })).rejects.toMatchObject({ code: 'EXPORT_LOSSY' })
    expect((await readdir(folder)).includes('out')).toBe(false)
  })
})
