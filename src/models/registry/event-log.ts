import { open, readFile } from 'node:fs/promises'
import { champion } from './references.ts'
import type { ModelEvent, ModelStage } from './types.ts'

/** One line of the log of a model. */
export type LoggedEvent = { at: string; actor: string; reason: string } & (
  | { kind: 'registered'; version: number }
  | { kind: 'alias'; alias: string; version: number | null }
  | { kind: 'stage'; version: number; stage: ModelStage }
)

/** Where the versions of a model stand, as its log tells. */
interface Standing {
  /** Version by alias. */
  aliases: ReadonlyMap<string, number>
  stages: ReadonlyMap<number, ModelStage>
  /** What became of each version, the oldest first. */
  events: ReadonlyMap<number, ModelEvent[]>
}

/** Events of a log; half a line, which a killed process left, does not count. */
export async function readEventLog(file: string): Promise<LoggedEvent[]> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return ''
    throw error
  })
  return text.split('\n').flatMap((line) => {
    try {
      return line === '' ? [] : [JSON.parse(line) as LoggedEvent]
    } catch {
      return []
    }
  })
}

/** Appends events as one write and waits until they are on the disk. */
export async function appendEvents(file: string, events: readonly LoggedEvent[]): Promise<void> {
  const handle = await open(file, 'a+')
  try {
    const { size } = await handle.stat()
    const last = Buffer.alloc(1)
    if (size > 0) await handle.read(last, 0, 1, size - 1)
    // After half a line a new one begins.
    const lines = events.map((event) => `${JSON.stringify(event)}\n`).join('')
    await handle.appendFile(size === 0 || last[0] === 0x0a ? lines : `\n${lines}`)
    await handle.sync()
  } finally {
    await handle.close()
  }
}

/** Plays a log over the versions that exist: what it says of others (never finished, or removed) does not count. */
export function replay(log: readonly LoggedEvent[], versions: ReadonlySet<number>): Standing {
  const aliases = new Map<string, number>()
  const stages = new Map<number, ModelStage>()
  const events = new Map<number, ModelEvent[]>()
  const tell = (version: number, { at, actor, reason }: LoggedEvent, what: string): void => {
    const own = events.get(version) ?? []
    own.push({ at, actor, what, reason })
    events.set(version, own)
  }
  for (const event of log) {
    if (event.version !== null && !versions.has(event.version)) continue
    if (event.kind === 'registered') tell(event.version, event, 'registered')
    else if (event.kind === 'stage') {
      tell(event.version, event, `stage ${stages.get(event.version) ?? 'none'} → ${event.stage}`)
      stages.set(event.version, event.stage)
    } else {
      const { alias, version } = event
      const before = aliases.get(alias)
      if (before === version) continue
      if (before !== undefined)
        tell(before, event, version === null ? `alias ${alias} removed` : `alias ${alias} moved to version ${version}`)
      if (version === null) aliases.delete(alias)
      else {
        tell(
          version,
          event,
          before === undefined ? `alias ${alias} set` : `alias ${alias} moved from version ${before}`,
        )
        aliases.set(alias, version)
      }
    }
  }
  return { aliases, stages, events }
}

/** Aliases of one version, champion first. */
export function aliasesOf({ aliases }: Standing, version: number): string[] {
  const rank = (alias: string): string => (alias === champion ? '' : alias)
  return [...aliases]
    .filter(([, at]) => at === version)
    .map(([alias]) => alias)
    .toSorted((a, b) => (rank(a) < rank(b) ? -1 : 1))
}
