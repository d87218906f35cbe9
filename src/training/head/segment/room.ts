import { readdir, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'

/** How much may still be written into a folder of files that can be made again. */
export interface Room {
  /** Takes so many bytes, removing files of others for it, those written longest ago first. False where it finds no room. */
  take(bytes: number): Promise<boolean>
  /** Nothing more is taken: the disk itself is full. */
  close(): void
}

/** Measures a folder that is to hold at most so many bytes. Files that `isOwn` says are in use are never removed. */
export async function measureRoom(folder: string, mostBytes: number, isOwn: (name: string) => boolean): Promise<Room> {
  const names = await readdir(folder)
  const files = await Promise.all(
    names.map(async (name) => {
      const { size, mtimeMs } = await stat(join(folder, name))
      return { name, size, mtimeMs }
    }),
  )
  let free = mostBytes - files.reduce((sum, { size }) => sum + size, 0)
  const others = files.filter(({ name }) => !isOwn(name)).toSorted((a, b) => a.mtimeMs - b.mtimeMs)
  let isOpen = true
  return {
    async take(bytes) {
      while (free < bytes && others.length > 0) {
        const { name, size } = others.shift()!
        await rm(join(folder, name), { force: true })
        free += size
      }
      if (!isOpen || free < bytes) return false
      free -= bytes
      return true
    },
    close() {
      isOpen = false
    },
  }
}
