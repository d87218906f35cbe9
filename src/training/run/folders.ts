import { readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunStore } from '#experiments'

/** Removes what trainings left that are done or whose run is gone; others may be taken up. */
export async function pruneFolders(folder: string, runs: RunStore): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length === 0) return
  const kept = new Set((await runs.list()).filter(({ state }) => state !== 'done').map(({ id }) => id))
  for (const name of names) if (!kept.has(name)) await rm(join(folder, name), { recursive: true, force: true })
}
