import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { findWorkspace, initWorkspace } from './workspace.ts'

let folder: string
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'fovea-workspace-'))
})
afterEach(() => rm(folder, { recursive: true, force: true }))

test('a workspace is made with its layout and found from any folder below', async () => {
  const made = await initWorkspace(join(folder, 'new', 'place'))
  expect((await readdir(made.home)).toSorted()).toEqual([
    '.gitignore',
    'config.toml',
    'imports',
    'jobs',
    'objects',
    'thumbnails',
  ])
  const deep = join(made.folder, 'a', 'b')
  await mkdir(deep, { recursive: true })
  expect((await findWorkspace({ cwd: deep })).folder).toBe(made.folder)
  expect((await findWorkspace({ cwd: '/', named: made.folder })).folder).toBe(made.folder)
  expect((await findWorkspace({ cwd: folder, named: 'new/place/.fovea' })).folder).toBe(made.folder)
})

test('a second one in the same place is refused', async () => {
  await initWorkspace(folder)
  await expect(initWorkspace(folder)).rejects.toMatchObject({ code: 'WORKSPACE_EXISTS' })
})

test('a missing one, and a place that cannot hold one, are told with what to do', async () => {
  await expect(findWorkspace({ cwd: folder })).rejects.toMatchObject({
    code: 'WORKSPACE_NOT_FOUND',
    hint: expect.stringContaining('fovea init'),
  })
  await expect(findWorkspace({ cwd: folder, named: 'x' })).rejects.toMatchObject({ code: 'WORKSPACE_NOT_FOUND' })
  await writeFile(join(folder, 'file'), '')
  await expect(initWorkspace(join(folder, 'file'))).rejects.toMatchObject({ code: 'INPUT_INVALID' })
})
