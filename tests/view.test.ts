import { mkdir, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { startServer } from '#server'
import { serveReal, type Served } from './support/served.ts'

let real: Omit<Served, 'fake'>
beforeAll(async () => {
  real = await serveReal()
  const folder = join(real.app.workspace.folder, 'data')
  for (const [name, width] of [
    ['cat', 40],
    ['dog', 20],
    ['emu', 80],
  ] as const) {
    await mkdir(join(folder, name), { recursive: true })
    await sharp({ create: { width, height: 40, channels: 3, background: { r: width, g: 90, b: 90 } } }).toFile(
      join(folder, name, 'a.png'),
    )
  }
  await real.app.call('dataset.import', { path: folder, dataset: 'pets' })
})
afterAll(() => real.close())

async function read(
  path: string,
): Promise<{ about: Record<string, unknown>; buffer: ArrayBuffer; status: number; body?: { code: string } }> {
  const answer = await fetch(`${real.url}/view/${path}`)
  if (!answer.ok)
    return {
      about: {},
      buffer: new ArrayBuffer(0),
      status: answer.status,
      body: (await answer.json()) as { code: string },
    }
  const about = JSON.parse(decodeURIComponent(answer.headers.get('x-fovea-view')!)) as Record<string, unknown>
  return { about, buffer: await answer.arrayBuffer(), status: answer.status }
}

test('a frame is the samples of a query in its order', async () => {
  const { about, buffer } = await read('frame?dataset=pets&query=order+by+width+desc')
  expect(about).toEqual({ rows: 3 })
  expect([...new Int32Array(buffer, 0, 3)]).toEqual([3, 1, 2])
  expect([...new Float32Array(buffer, 12, 3)]).toEqual([2, 1, 0.5])
  expect((await read('frame?query=width+%3E+1000')).about).toEqual({ rows: 0 })
  expect(await read('frame?query=widht+%3E+1')).toMatchObject({ status: 400, body: { code: 'QUERY_INVALID' } })
  expect(await read('frame?dataset=none')).toMatchObject({ status: 404, body: { code: 'DATASET_NOT_FOUND' } })
})

test('a field is one value a sample, numbers or names', async () => {
  const width = await read('field?field=width')
  expect([...new Float32Array(width.buffer, 12, 3)]).toEqual([40, 20, 80])
  const classes = await read('field?field=class')
  expect(classes.about).toEqual({ rows: 3, names: ['cat', 'dog', 'emu'] })
  expect([...new Float32Array(classes.buffer, 12, 3)]).toEqual([0, 1, 2])
  const split = await read('field?field=split')
  expect([split.about, [...new Float32Array(split.buffer, 12, 3)]]).toEqual([{ rows: 3, names: [] }, [-1, -1, -1]])
  const iso = await read('field?field=exif.iso')
  expect([...new Float32Array(iso.buffer, 12, 3)]).toEqual([Number.NaN, Number.NaN, Number.NaN])
  expect(await read('field?field=colour')).toMatchObject({ status: 404, body: { code: 'FIELD_NOT_FOUND' } })
})

test('points are those of the map, once there is one', async () => {
  expect((await read('points')).body?.code).toBe('SPACE_NOT_FOUND')
  await real.app.call('spaces.embed', { model: 'pixels' })
  expect((await read('points')).body?.code).toBe('MAP_NOT_FOUND')
  await real.app.call('spaces.map', { method: 'pca' })
  const { about, buffer } = await read('points')
  expect(about).toEqual({ rows: 3, space: 'pixels', method: 'pca' })
  expect(buffer.byteLength).toBe(3 * 12)
  expect((await read('points?method=mds')).body?.code).toBe('INPUT_INVALID')
})

test('labels are read for many samples at once', async () => {
  const { samples } = (await real.app.call('sample.labels', { samples: ['s_2', 's_99', 's_1'] })) as {
    samples: { sample: string; width: number; layers: object[] }[]
  }
  expect(samples.map(({ sample, width }) => [sample, width])).toEqual([
    ['s_2', 20],
    ['s_1', 40],
  ])
  expect(samples[0]!.layers).toMatchObject([{ layer: 'truth', labels: [{ kind: 'class', class: 'dog' }] }])
})

test('whoever looks on is told of changes', async () => {
  const gone = new AbortController()
  const answer = await fetch(`${real.url}/view/events`, { signal: gone.signal })
  const reader = answer.body!.pipeThrough(new TextDecoderStream()).getReader()
  let told = ''
  const wait = async (pattern: RegExp): Promise<void> => {
    while (!pattern.test(told)) told += (await reader.read()).value ?? ''
  }
  await wait(/: open/)
  await real.app.call('sample.tag', { query: 'class = "cat"', tags: ['seen'] })
  await wait(/event: change/)
  expect(told).toContain('event: change\ndata: {"dataset":"pets"}')
  gone.abort()
})

test('the folder of thumbnails may go, and they are made again', async () => {
  await rm(real.app.workspace.thumbnails, { recursive: true })
  expect((await fetch(`${real.url}/thumb/s_1`)).status).toBe(200)
})

test('a built page is served with its files, and nothing beside them', async () => {
  const web = join(real.app.workspace.folder, 'built')
  await mkdir(join(web, 'assets'), { recursive: true })
  await writeFile(join(web, 'index.html'), '<!doctype html><title>page</title>')
  await writeFile(join(web, 'assets', 'main-1a2b.js'), 'export {}')
  await writeFile(join(web, 'secret.txt'), 'secret')
  const server = await startServer({ app: real.app, webFolder: web })
  try {
    const page = await fetch(server.url)
    expect([page.headers.get('content-type'), await page.text()]).toEqual([
      'text/html; charset=utf-8',
      '<!doctype html><title>page</title>',
    ])
    expect(page.headers.get('content-security-policy')).toMatch(/script-src 'self'/)
    const script = await fetch(`${server.url}/assets/main-1a2b.js`)
    expect([script.headers.get('content-type'), script.headers.get('content-encoding'), await script.text()]).toEqual([
      'text/javascript; charset=utf-8',
      'gzip',
      'export {}',
    ])
    for (const path of ['assets/none.js', 'assets/..%2fsecret.txt', 'secret.txt'])
      expect((await fetch(`${server.url}/${path}`)).status).toBe(404)
  } finally {
    await server.close()
  }
})
