import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import type { RunStore } from '#experiments'

/** Stopped trainings keep no more than that of what can be worked out again. */
const usualMostBytes = 8e9
/** Features of pictures, which are large, and made again where they are missing. */
const isRemade = (name: string): boolean =>
  name === 'cache' || name === 'segment-features' || /^features-.*\.f32$/.test(name)

/**
 * Removes what trainings left that are done or whose run is gone; others may be taken up. Of those that were stopped, but for `next`, which
 * is taken up now, the features go where they take more room than `mostBytes`, the oldest runs first; checkpoints stay.
 */
export async function pruneFolders(
  folder: string,
  runs: RunStore,
  { next, mostBytes = usualMostBytes }: { next?: string | undefined; mostBytes?: number } = {},
): Promise<void> {
  const names = await readdir(folder).catch((error: NodeJS.ErrnoException): string[] => {
    if (error.code === 'ENOENT') return []
    throw error
  })
  if (names.length === 0) return
  // The newest first.
  const kept = (await runs.list()).filter(({ state }) => state !== 'done')
  const ids = new Set(kept.map(({ id }) => id))
  for (const name of names) if (!ids.has(name)) await rm(join(folder, name), { recursive: true, force: true })
  let free = mostBytes
  for (const { id, state } of kept) {
    if (state === 'running' || id === next || !names.includes(id)) continue
    for (const name of (await readdir(join(folder, id))).filter(isRemade)) {
      const path = join(folder, id, name)
      const bytes = await measure(path)
      free -= bytes
      if (free < 0) await rm(path, { recursive: true, force: true })
    }
  }
}

/** Bytes of a file, or of all below a folder. */
async function measure(path: string): Promise<number> {
  const facts = await stat(path)
  if (!facts.isDirectory()) return facts.size
  let bytes = 0
  for (const name of await readdir(path)) bytes += await measure(join(path, name))
  return bytes
}
