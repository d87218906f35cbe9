import { mkdir, mkdtemp, rm, symlink } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { confineInput } from './confine.ts'
import { initWorkspace, type Workspace } from './workspace.ts'

let base: string
let workspace: Workspace
beforeAll(async () => {
  base = await mkdtemp(join(tmpdir(), 'fovea-confine-'))
  workspace = await initWorkspace(join(base, 'w'))
  await mkdir(join(base, 'secret'))
  await mkdir(join(base, 'shared'))
  await symlink(join(base, 'secret'), join(base, 'w', 'link'))
})
afterAll(() => rm(base, { recursive: true, force: true }))

const check = (path: string): Promise<void> =>
  confineInput('dataset.import', { path }, workspace, [join(base, 'shared')])

test('paths below the workspace folder and the roots are let through, existing or not', async () => {
  await expect(check(join(base, 'w', 'data'))).resolves.toBeUndefined()
  await expect(check(join(base, 'shared', 'a', 'b'))).resolves.toBeUndefined()
  await expect(confineInput('query.run', { path: '/etc/passwd' }, workspace, [])).resolves.toBeUndefined()
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
