import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import sharp from 'sharp'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { post, send } from './support/request.ts'
import { serveReal, type Served } from './support/served.ts'

describe('pictures outside the workspace folder and the roots', () => {
  let real: Omit<Served, 'fake'>
  let outside: string
  let inside: string
  beforeEach(async () => {
    real = await serveReal()
    outside = await mkdtemp(join(tmpdir(), 'fovea-outside-'))
    inside = join(real.app.workspace.folder, 'data')
    await mkdir(inside)
    for (const [i, file] of [join(inside, 'a.png'), join(outside, 'key.png'), join(outside, 'linked.png')].entries())
      await sharp({ create: { width: 8, height: 8, channels: 3, background: { r: 90 * i, g: 9, b: 9 } } }).toFile(file)
    await symlink(join(outside, 'linked.png'), join(inside, 'linked.png'))
    const rows = ['a.png', join(outside, 'key.png'), 'linked.png'].map((file) => JSON.stringify({ file }))
    await writeFile(join(inside, 'm.jsonl'), rows.join('\n'))
  })
  afterEach(async () => {
    await real.close()
    await rm(outside, { recursive: true })
  })
  const asOwner = (): Record<string, string> => ({ authorization: `Bearer ${real.ownerToken}` })
  const callApi = async (id: string, input: object, headers = {}): Promise<Record<string, unknown>> =>
    (await post(`${real.url}/api/${id}?wait=1`, input, headers)).json()
  const statuses = (kind: string, headers = {}): Promise<number[]> =>
    Promise.all(['s_1', 's_2', 's_3'].map(async (id) => (await send(`${real.url}/${kind}/${id}`, { headers })).status))

  test('are not imported by a manifest without the token of the owner', async () => {
    expect(await callApi('dataset.import', { path: join(inside, 'm.jsonl'), dataset: 'd' })).toMatchObject({
      added: 1,
      skipped: 2,
    })
    const { problems } = (await callApi('dataset.problems', {})) as { problems: { file: string; code: string }[] }
    expect(new Set(problems.map(({ file, code }) => `${code} ${file}`))).toEqual(
      new Set([`path-outside ${join(outside, 'key.png')}`, `path-outside ${join(inside, 'linked.png')}`]),
    )
    expect(await statuses('media')).toEqual([200, 404, 404])
  })

  test('that the owner imported are shown to all who may call, but not copied for them', async () => {
    await callApi('dataset.import', { path: join(inside, 'm.jsonl'), dataset: 'd' }, asOwner())
    expect(await statuses('media', asOwner())).toEqual([200, 200, 200])
    expect(await statuses('media')).toEqual([200, 200, 200])
    await rm(real.app.workspace.thumbnails, { recursive: true })
    expect(await statuses('thumb')).toEqual([200, 200, 200])
    const to = join(real.app.workspace.folder, 'out')
    expect(await callApi('dataset.export', { to, format: 'jsonl' })).toMatchObject({ code: 'PATH_OUTSIDE' })
    const message = 'Everything'
    expect(await callApi('versions.commit', { message })).toMatchObject({ code: 'PATH_OUTSIDE' })
    expect(await callApi('versions.commit', { message, media: 'reference' })).toMatchObject({ created: true })
    expect(await callApi('dataset.export', { to, format: 'jsonl', dataset: 'd@v1' })).toMatchObject({
      code: 'PATH_OUTSIDE',
    })
    expect(await callApi('versions.commit', { message }, asOwner())).toMatchObject({
      created: true,
      stored: { pictures: 2 },
    })
  })
})
