import { execFile } from 'node:child_process'
import { readdir, readFile } from 'node:fs/promises'
import { promisify } from 'node:util'

const everyMs = 500
const run = promisify(execFile)

/** Resident bytes of all processes of a group; pages that several share count for each. 0 where the system does not tell. */
export function readGroupMemory(leader: number, platform: NodeJS.Platform = process.platform): Promise<number> {
  if (platform === 'linux') return readProc(leader)
  return platform === 'win32' ? Promise.resolve(0) : readPs(leader)
}

/**
 * Says twice a second what a group of processes holds, and 0 when it is no longer watched. What cannot be read is not said.
 * Answers a function that stops it.
 */
export function watchGroupMemory(leader: number, say: (bytes: number) => void): () => void {
  let isWatched = true
  let isReading = false
  const take = (): void => {
    if (isReading) return
    isReading = true
    void readGroupMemory(leader)
      .then((bytes) => {
        if (isWatched) say(bytes)
      })
      .catch(() => {})
      .finally(() => {
        isReading = false
      })
  }
  take()
  const timer = setInterval(take, everyMs).unref()
  return () => {
    isWatched = false
    clearInterval(timer)
    say(0)
  }
}

async function readProc(leader: number): Promise<number> {
  const sizes = (await readdir('/proc')).map(async (entry) => {
    if (!/^\d+$/.test(entry)) return 0
    try {
      // pid (name) state parent group …; the name may hold spaces and brackets
      const stat = await readFile(`/proc/${entry}/stat`, 'utf8')
      const group = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[2]
      if (Number(group) !== leader) return 0
      const resident = /^VmRSS:\s+(\d+) kB/m.exec(await readFile(`/proc/${entry}/status`, 'utf8'))?.[1]
      return Number(resident ?? 0) * 1024
    } catch {
      return 0 // it ended meanwhile
    }
  })
  return (await Promise.all(sizes)).reduce((sum, size) => sum + size, 0)
}

async function readPs(leader: number): Promise<number> {
  const { stdout } = await run('ps', ['-A', '-o', 'pgid=,rss='], { maxBuffer: 1 << 24 })
  let bytes = 0
  for (const line of stdout.split('\n')) {
    const [group, kilobytes] = line.trim().split(/\s+/).map(Number)
    if (group === leader) bytes += (kilobytes ?? 0) * 1024
  }
  return bytes
}
