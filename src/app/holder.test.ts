import { spawnSync } from 'node:child_process'
import { mkdtemp, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { FoveaError } from '#base'
import {
  describeBusy,
  isHeldHere,
  readServerInfo,
  removeHolder,
  removeServerInfo,
  writeHolder,
  writeServerInfo,
} from './holder.ts'
import { initWorkspace, type Workspace } from './workspace.ts'

let workspace: Workspace
beforeEach(async () => {
  workspace = await initWorkspace(await mkdtemp(join(tmpdir(), 'fovea-holder-')))
})
afterEach(() => rm(workspace.folder, { recursive: true, force: true }))

const deadPid = (): number => spawnSync(process.execPath, ['-e', '0']).pid

test('what a server wrote is for its owner alone, and is gone when it closes', async () => {
  const info = { url: 'http://127.0.0.1:1', token: 't', pid: process.pid }
  writeServerInfo(workspace, info)
  expect((await stat(workspace.serverFile)).mode & 0o777).toBe(0o600)
  expect(await readServerInfo(workspace)).toEqual(info)
  await removeServerInfo(workspace)
  expect(await readServerInfo(workspace)).toBeUndefined()
})

test('what a dead server left, or what cannot be read, is ignored', async () => {
  writeServerInfo(workspace, { url: 'http://127.0.0.1:1', token: 't', pid: deadPid() })
  expect(await readServerInfo(workspace)).toBeUndefined()
  await writeFile(workspace.serverFile, '{"url":')
  expect(await readServerInfo(workspace)).toBeUndefined()
})

test('a busy workspace names its holder only while that lives', async () => {
  const cause = new FoveaError('WORKSPACE_BUSY', 'locked')
  await writeHolder(workspace, { pid: process.pid, command: 'fovea import', since: '2026-01-01T00:00:00.000Z' })
  expect((await describeBusy(workspace, cause)).message).toContain(`fovea import (process ${process.pid}`)
  await writeHolder(workspace, { pid: deadPid(), command: 'fovea import', since: '2026-01-01T00:00:00.000Z' })
  expect((await describeBusy(workspace, cause)).message).toContain('another process')
})

test('a second opening in one process is seen, one by a dead process of the same number is not', async () => {
  const holder = { pid: process.pid, command: 'fovea up', since: '2026-01-01T00:00:00.000Z' }
  expect(await isHeldHere(workspace)).toBe(false)
  await writeHolder(workspace, holder)
  expect(await isHeldHere(workspace)).toBe(true)
  await removeHolder(workspace)
  expect(await isHeldHere(workspace)).toBe(false)
  await writeFile(workspace.holderFile, JSON.stringify(holder))
  expect(await isHeldHere(workspace)).toBe(false)
})
