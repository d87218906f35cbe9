import { mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createConfinement, pathInputsOf, type Confinement } from './confine.ts'
import { listSpecs } from './registry.ts'
import { initWorkspace, type Workspace } from './workspace.ts'

let base: string
let workspace: Workspace
let confinement: Confinement
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'fovea-confine-'))
  workspace = await initWorkspace(join(base, 'w'))
  await mkdir(join(base, 'secret'))
  await mkdir(join(base, 'shared'))
  await symlink(join(base, 'secret'), join(base, 'w', 'link'))
  await writeFile(join(base, 'secret', 'a.jpg'), 'x')
  await symlink(join(base, 'secret', 'a.jpg'), join(base, 'w', 'a.jpg'))
  confinement = createConfinement(workspace, [join(base, 'shared')])
})
afterAll(() => rm(base, { recursive: true, force: true }))

const check = (path: string): Promise<void> => confinement.checkInput('dataset.import', { path })

test('paths below the workspace folder and the roots are let through, existing or not', async () => {
  await expect(check(join(base, 'w', 'data'))).resolves.toBeUndefined()
  await expect(check(join(base, 'shared', 'a', 'b'))).resolves.toBeUndefined()
  await expect(confinement.checkInput('query.run', { path: '/etc/passwd' })).resolves.toBeUndefined()
})

test.each([
  '/etc/passwd',
  '../secret',
  'data',
  'w/../secret',
  'w/link',
  'w/link/new',
  'w/.fovea',
  'w/.fovea/objects/x',
  'w2',
  'w/x\0y',
])('%j is refused', async (path) => {
  const given = path.startsWith('/') || path === 'data' || path === '../secret' ? path : `${base}/${path}`
  await expect(check(given)).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
})

test('what was uploaded may be inspected and imported, the rest of .fovea may not', async () => {
  const upload = join(workspace.imports, 'upload-abcdefgh')
  await mkdir(upload)
  await symlink(join(base, 'secret'), join(workspace.imports, 'upload-linkedto'))
  await expect(confinement.checkInput('dataset.import', { path: upload })).resolves.toBeUndefined()
  await expect(confinement.checkInput('dataset.inspect', { path: join(upload, 'a.zip') })).resolves.toBeUndefined()
  const shut: [string, object][] = [
    ['dataset.import', { path: join(workspace.imports, 'upload-linkedto') }],
    ['dataset.import', { path: join(upload, '..', '..', 'catalog.duckdb') }],
    ['dataset.import', { path: workspace.imports }],
    ['dataset.import', { path: join(workspace.imports, '0123abcd') }],
    ['dataset.export', { to: upload }],
  ]
  for (const [operation, input] of shut)
    await expect(confinement.checkInput(operation, input)).rejects.toMatchObject({ code: 'PATH_OUTSIDE' })
})

test('files named elsewhere are held to the same lines, but what archives were unpacked to is open', async () => {
  const reach = (path: string): Promise<boolean> => confinement.mayReach(path)
  for (const path of ['w/b.jpg', 'shared/b.jpg', 'w/.fovea/imports/1/b.jpg'])
    expect([path, await reach(join(base, path))]).toEqual([path, true])
  const shut = ['secret/a.jpg', 'w/a.jpg', 'w/link/a.jpg', 'w/.fovea/config.toml', 'w/.fovea/imports/../catalog.duckdb']
  for (const path of shut) expect([path, await reach(`${base}/${path}`)]).toEqual([path, false])
  expect(await reach('w/b.jpg')).toBe(false)
})

test('every input of an operation that is called like a path is confined', () => {
  for (const { id, input } of listSpecs().values()) {
    const names = 'shape' in input ? Object.keys(input.shape as object) : []
    const called = names.filter((name) => /^(path|to|from|file|folder|like)$/i.test(name))
    expect([id, pathInputsOf(id)]).toEqual([id, expect.arrayContaining(called)])
  }
})
