import { randomBytes } from 'node:crypto'
import { readFile, rm } from 'node:fs/promises'
import { rmSync, writeFileSync } from 'node:fs'
import { FoveaError, writeFileAtomic } from '#base'
import type { Workspace } from './workspace.ts'

/** Who has the catalogue open. Only for messages: the lock on the file itself is what counts. */
interface Holder {
  pid: number
  command: string
  since: string
}

/** Tells this process from a dead one that had the same number. */
const processKey = randomBytes(12).toString('hex')

/** How a process on this machine reaches the server of a workspace. The file is readable by its owner alone. */
export interface ServerInfo {
  url: string
  /** Lets the command line act as the owner of the workspace. */
  token: string
  pid: number
}

export async function writeHolder(workspace: Workspace, holder: Holder): Promise<void> {
  await writeFileAtomic(workspace.holderFile, `${JSON.stringify({ ...holder, processKey })}\n`)
}

/**
 * Whether this very process has the workspace open. The lock on the file does not tell: locks belong to processes, and a
 * second opening in the same one would get its own, diverging view.
 */
export async function isHeldHere(workspace: Workspace): Promise<boolean> {
  return (await readJson<{ processKey: string }>(workspace.holderFile))?.processKey === processKey
}

export async function removeHolder(workspace: Workspace): Promise<void> {
  await removeOwn(workspace.holderFile)
}

/** WORKSPACE_BUSY that names the process in the way, when it is known and alive. */
export async function describeBusy(workspace: Workspace, cause: FoveaError): Promise<FoveaError> {
  const holder = await readJson<Holder>(workspace.holderFile)
  const by =
    holder !== undefined && isAlive(holder.pid)
      ? `${holder.command} (process ${holder.pid}, since ${holder.since})`
      : 'another process'
  return new FoveaError('WORKSPACE_BUSY', `The workspace ${workspace.folder} is held by ${by}.`, {
    hint: 'Wait until it has ended, or stop it. With `fovea up` running, several commands can work at once.',
    details: holder === undefined ? undefined : { holder },
    cause,
  })
}

export function writeServerInfo(workspace: Workspace, info: ServerInfo): void {
  // The mode counts only for a file that is new, so one left over is removed first.
  rmSync(workspace.serverFile, { force: true })
  writeFileSync(workspace.serverFile, `${JSON.stringify(info)}\n`, { mode: 0o600 })
}

export async function removeServerInfo(workspace: Workspace): Promise<void> {
  await removeOwn(workspace.serverFile)
}

/** What a server wrote, unless its process is gone. Whether it answers is for the caller to try. */
export async function readServerInfo(workspace: Workspace): Promise<ServerInfo | undefined> {
  const info = await readJson<ServerInfo>(workspace.serverFile)
  return info !== undefined && typeof info.url === 'string' && isAlive(info.pid) ? info : undefined
}

async function readJson<T>(file: string): Promise<T | undefined> {
  try {
    return JSON.parse(await readFile(file, 'utf8')) as T
  } catch {
    return undefined
  }
}

/** Removes the file if this process wrote it. */
async function removeOwn(file: string): Promise<void> {
  const content = await readJson<{ pid: number }>(file)
  if (content?.pid === process.pid) await rm(file, { force: true })
}

function isAlive(pid: unknown): boolean {
  if (typeof pid !== 'number' || !Number.isInteger(pid) || pid <= 0) return false
  try {
    process.kill(pid, 0)
    return true
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM'
  }
}
