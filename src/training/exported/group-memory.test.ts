import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { afterEach, describe, expect, test } from 'vitest'
import { readGroupMemory, watchGroupMemory } from './group-memory.ts'

const MB = 1 << 20
/** Holds 80 MB, and its child as much again. */
const hungry = `
const { spawn } = require('node:child_process')
const block = Buffer.alloc(${80 * MB}, 1)
if (process.argv[1] === 'child') console.log('ready')
else spawn(process.execPath, ['-e', process.env.CODE, 'child'], { stdio: ['ignore', 'inherit', 'inherit'] })
setInterval(() => block[0], 1000)
`

describe.runIf(process.platform !== 'win32')('memory of a group of processes', () => {
  let leader: ChildProcess | undefined
  afterEach(() => {
    if (leader?.pid !== undefined) process.kill(-leader.pid, 'SIGKILL')
    leader = undefined
  })
  const start = async (): Promise<number> => {
    leader = spawn(process.execPath, ['-e', hungry], {
      detached: true,
      stdio: ['ignore', 'pipe', 'inherit'],
      env: { ...process.env, CODE: hungry },
    })
    await once(leader.stdout!, 'data')
    return leader.pid!
  }

  test('is that of all its processes, and not of others', async () => {
    const pid = await start()
    const ways = [
      process.platform,
      ...(process.platform === 'linux' && spawnSync('ps').error === undefined ? (['darwin'] as const) : []),
    ]
    for (const platform of ways) {
      const bytes = await readGroupMemory(pid, platform)
      expect(bytes).toBeGreaterThan(160 * MB)
      expect(bytes).toBeLessThan(600 * MB)
    }
    expect(await readGroupMemory(2 ** 30)).toBe(0)
  })

  test('is said while it is watched, and 0 at the end', async () => {
    const pid = await start()
    const said: number[] = []
    const stop = await new Promise<() => void>((resolve) => {
      const end = watchGroupMemory(pid, (bytes) => {
        said.push(bytes)
        if (said.length === 1) resolve(end)
      })
    })
    stop()
    expect(said[0]).toBeGreaterThan(160 * MB)
    expect(said.at(-1)).toBe(0)
  })
})
