import { mkdir, readdir, readFile, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises'
import { request } from 'node:http'
import { join } from 'node:path'
import { buffer } from 'node:stream/consumers'
import sharp from 'sharp'
import { afterEach, expect, test } from 'vitest'
import { ZipFile } from 'yazl'
import { startServer } from '#server'
import { post, send, type Answer } from './support/request.ts'
import { serveFake, serveReal, type Served } from './support/served.ts'

let served: Omit<Served, 'fake'>
afterEach(() => served.close())

const put = (path: string, body?: string | Uint8Array, headers: Record<string, string> = {}): Promise<Answer> =>
  send(served.url, { method: 'PUT', path, headers, ...(body === undefined ? {} : { body }) })
const listImports = (): Promise<string[]> => readdir(served.app.workspace.imports, { recursive: true })

test('files of any type are kept byte for byte, an empty one too, and replaced when sent again', async () => {
  served = await serveFake()
  const bytes = Uint8Array.from({ length: 200_000 }, (_, i) => i % 251)
  const answer = await put('/upload/abcd1234/a%20b/%C3%BC.bin', bytes, { 'content-type': 'application/octet-stream' })
  expect(answer.status).toBe(201)
  const folder = join(served.app.workspace.imports, 'upload-abcd1234')
  expect(answer.json()).toEqual({ folder, path: 'a b/ü.bin', bytes: 200_000 })
  expect(new Uint8Array(await readFile(join(folder, 'a b', 'ü.bin')))).toEqual(bytes)
  // JSON and forms are bytes like any other.
  for (const type of ['application/json', 'text/html', 'multipart/form-data; boundary=x'])
    expect((await put('/upload/abcd1234/x.json', '{"half', { 'content-type': type })).status).toBe(201)
  expect(await readFile(join(folder, 'x.json'), 'utf8')).toBe('{"half')
  expect((await put('/upload/abcd1234/x.json')).json()['bytes']).toBe(0)
  expect((await stat(join(folder, 'x.json'))).size).toBe(0)
  const long = `${'d'.repeat(200)}/${'e'.repeat(200)}.jpg`
  expect((await put(`/upload/abcd1234/${long}`, 'x')).json()['path']).toBe(long)
})

test.each([
  ['/upload/abcd1234/../../../escape', 400],
  ['/upload/abcd1234/..%2f..%2f..%2fescape', 400],
  ['/upload/abcd1234/a/%2e%2e/%2e%2e/escape', 400],
  ['/upload/abcd1234/a/..', 400],
  ['/upload/abcd1234/%2fetc%2fescape', 400],
  ['/upload/abcd1234/a%00b', 400],
  ['/upload/abcd1234/a%5c..%5cescape', 400],
  ['/upload/abcd1234/a//b', 400],
  ['/upload/abcd1234/.fovea/config.toml', 400],
  ['/upload/abcd1234/', 400],
  [`/upload/abcd1234/${'x'.repeat(256)}`, 400],
  [`/upload/abcd1234/${'x/'.repeat(80)}y`, 400],
  ['/upload/..%2fabcd1234/escape', 400],
  ['/upload/short/escape', 400],
  ['/upload/ABCD1234/escape', 400],
])('%s is refused and leaves nothing', async (path, status) => {
  served = await serveFake()
  const answer = await put(path, 'x')
  expect([answer.status, typeof answer.json()['message']]).toEqual([status, 'string'])
  expect(await listImports()).toEqual([])
})

test('a file beyond the limit is refused, announced or not, and leaves nothing', async () => {
  served = await serveFake({ 'limits.maxUploadBytes': '2000' })
  expect((await put('/upload/abcd1234/a', new Uint8Array(2000))).status).toBe(201)
  const announced = await put('/upload/abcd1234/b', new Uint8Array(2001))
  expect([announced.status, announced.json()['code']]).toEqual([413, 'TOO_LARGE'])
  const streamed = await put('/upload/abcd1234/c', new Uint8Array(50_000), { 'transfer-encoding': 'chunked' })
  expect([streamed.status, streamed.json()['code']]).toEqual([413, 'TOO_LARGE'])
  expect((await listImports()).toSorted()).toEqual(['upload-abcd1234', join('upload-abcd1234', 'a')])
})

test('a file whose sender goes away leaves nothing', async () => {
  served = await serveFake()
  const outgoing = request(`${served.url}/upload/abcd1234/half`, {
    method: 'PUT',
    headers: { 'content-length': '100000' },
  })
  const gone = new Promise<void>((resolve) => outgoing.on('error', () => resolve()))
  outgoing.write(new Uint8Array(1000))
  await expect.poll(listImports).toContainEqual(expect.stringMatching(/\.part$/))
  outgoing.destroy(new Error('gone'))
  await gone
  await expect.poll(listImports).toEqual([])
})

test('other sites cannot upload, and elsewhere than on this machine it takes the token', async () => {
  served = await serveFake()
  for (const [name, value] of [
    ['origin', 'http://evil.com'],
    ['origin', 'null'],
    ['sec-fetch-site', 'cross-site'],
  ] as const)
    expect((await put('/upload/abcd1234/a', 'x', { [name]: value })).json()['code']).toBe('ORIGIN_REFUSED')
  expect((await put('/upload/abcd1234/a', 'x', { host: 'evil.com' })).status).toBe(403)
  expect(await listImports()).toEqual([])
  expect((await put('/upload/abcd1234/a', 'x', { origin: served.url })).status).toBe(201)
  await served.close()
  served = await serveFake({ 'server.host': '0.0.0.0', 'server.token': 'a-token-of-our-own' })
  expect((await put('/upload/abcd1234/a', 'x')).json()['code']).toBe('TOKEN_MISSING')
  const authorization = 'Bearer a-token-of-our-own'
  expect((await put('/upload/abcd1234/a', 'x', { authorization })).status).toBe(201)
})

test('a path cannot be a file and a folder', async () => {
  served = await serveFake()
  await put('/upload/abcd1234/a', 'x')
  expect((await put('/upload/abcd1234/a/b', 'x')).json()['code']).toBe('INPUT_INVALID')
  await put('/upload/abcd1234/c/d', 'x')
  expect((await put('/upload/abcd1234/c', 'x')).json()['code']).toBe('INPUT_INVALID')
  expect((await listImports()).filter((path) => path.endsWith('.part'))).toEqual([])
})

const picture = (background = '#804020'): Promise<Buffer> =>
  sharp({ create: { width: 8, height: 6, channels: 3, background } })
    .png()
    .toBuffer()
const importFrom = async (path: string, more: object = {}): Promise<Record<string, unknown>> =>
  (await post(`${served.url}/api/dataset.import?wait=1`, { path, dataset: 'pets', ...more })).json()

test('what was uploaded is inspected and imported, without a way out of it', async () => {
  served = await serveReal()
  let folder = ''
  for (const path of ['cat/1.png', 'cat/2.png', 'dog/1.png'])
    folder = String((await put(`/upload/abcd1234/${path}`, await picture())).json()['folder'])
  const secret = join(served.app.workspace.folder, '..', `secret-${process.pid}.png`)
  await writeFile(secret, await picture())
  await symlink(secret, join(folder, 'dog', '2.png'))
  const inspected = await post(`${served.url}/api/dataset.inspect`, { path: folder })
  expect(inspected.json()['detected']).toMatchObject({ format: 'imagefolder' })
  await mkdir(join(folder, 'inner'))
  const out = await post(`${served.url}/api/dataset.export?wait=1`, { to: join(folder, 'inner'), format: 'coco' })
  expect(out.json()['code']).toBe('PATH_OUTSIDE')
  expect(await importFrom(folder)).toMatchObject({ dataset: 'pets', added: 3, skipped: 1, labels: 3 })
  expect((await send(`${served.url}/thumb/s_1`)).headers['content-type']).toBe('image/jpeg')
  await rm(secret)
})

test('the import copies what was uploaded and removes the upload; the same folder sent again is known', async () => {
  served = await serveReal()
  const bytes = await picture()
  const sendAll = async (): Promise<string> => {
    let folder = ''
    for (const path of ['cat/1.png', 'dog/1.png'])
      folder = String((await put(`/upload/abcd1234/${path}?modified=1600000000123.5`, bytes)).json()['folder'])
    return folder
  }
  const folder = await sendAll()
  expect((await stat(join(folder, 'cat', '1.png'))).mtimeMs).toBeCloseTo(1_600_000_000_123, -1)
  expect(await importFrom(folder, { copy: false })).toMatchObject({ added: 2 })
  expect(await listImports()).toEqual([])
  const media = await send(`${served.url}/media/s_1`)
  expect([media.status, media.headers['content-type']]).toEqual([200, 'image/png'])
  const to = join(served.app.workspace.folder, 'out')
  const exported = await post(`${served.url}/api/dataset.export?wait=1`, { dataset: 'pets', to, format: 'folder' })
  expect(exported.json()).toMatchObject({ samples: 2, labels: 2 })
  await sendAll()
  expect(await importFrom(folder)).toMatchObject({ added: 0, updated: 0, unchanged: 2 })
  expect(await listImports()).toEqual([])
  expect((await put('/upload/abcd1234/a?modified=yesterday', 'x')).json()['code']).toBe('INPUT_INVALID')
})

test('an archive that was uploaded is unpacked beside it and goes with it', async () => {
  served = await serveReal()
  const zip = new ZipFile()
  zip.addBuffer(await picture(), 'pets/cat/1.png')
  zip.addBuffer(await picture('#204080'), 'pets/dog/1.png')
  zip.end()
  const folder = String((await put('/upload/abcd1234/pets.zip', await buffer(zip.outputStream))).json()['folder'])
  const path = join(folder, 'pets.zip')
  expect((await post(`${served.url}/api/dataset.inspect`, { path })).json()['files']).toBe(2)
  expect((await listImports()).every((name) => name.startsWith('upload-abcd1234'))).toBe(true)
  expect(await importFrom(path)).toMatchObject({ added: 2 })
  expect(await listImports()).toEqual([])
  expect((await send(`${served.url}/media/s_2`)).status).toBe(200)
})

test('an upload of which nothing could be taken stays; one that holds nothing says so', async () => {
  served = await serveReal()
  const folder = String((await put('/upload/abcd1234/cat/1.png', 'no picture')).json()['folder'])
  expect(await importFrom(folder)).toMatchObject({ added: 0, skipped: 1, problems: 1 })
  expect((await listImports()).length).toBeGreaterThan(0)
  const missing = await post(`${served.url}/api/dataset.inspect`, { path: `${folder}x` })
  expect(missing.json()['code']).toBe('SOURCE_NOT_FOUND')
  await mkdir(join(served.app.workspace.imports, 'upload-empty123'))
  const path = join(served.app.workspace.imports, 'upload-empty123')
  expect((await post(`${served.url}/api/dataset.inspect`, { path })).json()['code']).toBe('FORMAT_UNKNOWN')
  expect((await importFrom(path))['code']).toBe('FORMAT_UNKNOWN')
})

test('an upload has limits as a whole, and what takes the place of another counts once', async () => {
  served = await serveFake({ 'limits.maxUploadTotalBytes': '3000', 'limits.maxUploadFiles': '2' })
  for (let again = 0; again < 3; again++)
    expect((await put('/upload/abcd1234/a', new Uint8Array(1400))).status).toBe(201)
  expect((await put('/upload/abcd1234/b', new Uint8Array(2000))).json()).toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringContaining('3,000 bytes of one upload'),
  })
  expect((await put('/upload/abcd1234/b', new Uint8Array(1500))).status).toBe(201)
  expect((await put('/upload/abcd1234/c', 'x')).json()).toMatchObject({
    code: 'TOO_LARGE',
    message: expect.stringContaining('2 files of one upload'),
  })
  expect((await put('/upload/other567/c', 'x')).status).toBe(201)
  expect((await listImports()).filter((name) => name.endsWith('.part') || name.endsWith('/c'))).toEqual([
    join('upload-other567', 'c'),
  ])
})

test('an upload is removed when asked, by those who may send one', async () => {
  served = await serveFake()
  await put('/upload/abcd1234/a/b', 'x')
  const remove = (path: string, headers: Record<string, string> = {}): Promise<Answer> =>
    send(served.url, { method: 'DELETE', path, headers })
  expect((await remove('/upload/abcd1234', { origin: 'http://evil.com' })).json()['code']).toBe('ORIGIN_REFUSED')
  for (const path of ['/upload/..%2f..', '/upload/short', '/upload/ABCD1234'])
    expect((await remove(path)).json()['code']).toBe('INPUT_INVALID')
  expect((await listImports()).length).toBe(3)
  expect((await remove('/upload/abcd1234')).status).toBe(204)
  expect(await listImports()).toEqual([])
  expect((await remove('/upload/abcd1234')).status).toBe(204)
})

test('what was uploaded and forgotten goes after a day, when the server starts', async () => {
  served = await serveFake()
  const { app } = served
  const { imports } = app.workspace
  for (const name of ['forgotten', 'yesterday']) await put(`/upload/${name}/a/b`, 'x')
  await writeFile(join(imports, '.0123456789abcdef.part'), 'x')
  await mkdir(join(imports, '0123456789ab'))
  const old = (Date.now() - 25 * 3_600_000) / 1000
  for (const name of ['upload-forgotten', '.0123456789abcdef.part', '0123456789ab'])
    await utimes(join(imports, name), old, old)
  const again = await startServer({ app })
  expect((await readdir(imports)).toSorted()).toEqual(['0123456789ab', 'upload-yesterday'])
  await again.close()
})
