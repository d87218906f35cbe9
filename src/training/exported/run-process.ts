import { spawn, type ChildProcess } from 'node:child_process'
import type { Readable } from 'node:stream'
import { FoveaError, throwIfAborted } from '#base'
import { watchGroupMemory } from './group-memory.ts'
import { createTail, readLines } from './lines.ts'

const tailLines = 20
const shownLines = 6

interface ProcessRequest {
  /** Program and arguments; no shell reads them. */
  argv: readonly [string, ...string[]]
  cwd: string
  /** All that the program sees of an environment. */
  env: Readonly<Record<string, string>>
  /** Who is to blame in messages: `The command "x"`. */
  title: string
  /** Time to end after being asked to, before it is ended. */
  graceMs: number
  /** 0 for no limit. */
  timeoutMs: number
  signal: AbortSignal
  /** Standard output and errors, line by line; the program waits while it is worked on. */
  onLine: (line: string, from: 'stdout' | 'stderr') => Promise<void> | void
  /** Told twice a second what the program and all that it started hold, and 0 at the end. */
  onMemory?: (bytes: number) => void
}

/**
 * Runs a program to its end. It leads a process group of its own, which is asked to end (SIGTERM) on cancel, at the time limit and when a
 * line cannot be taken, is ended (SIGKILL) after the grace time, and never outlives its leader. Throws CANCELLED, what `onLine` throws, and
 * TRAINER_FAILED with the last lines of its errors for a program that cannot be started, takes too long, dies or says that it failed.
 */
export async function runProcess(request: ProcessRequest): Promise<void> {
  throwIfAborted(request.signal)
  const [program, ...rest] = request.argv
  const child = spawn(program, rest, {
    cwd: request.cwd,
    env: request.env,
    stdio: ['ignore', 'pipe', 'pipe'],
    detached: process.platform !== 'win32',
    windowsHide: true,
  })
  const ended = new Promise<{ code: number | null; killedBy: NodeJS.Signals | null }>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, killedBy) => {
      signalGroup(child, 'SIGKILL')
      resolve({ code, killedBy })
    })
  })
  const tail = createTail(tailLines)
  let stopped: 'cancel' | 'timeout' | 'line' | undefined
  let hardStop: NodeJS.Timeout | undefined
  const stop = (why: NonNullable<typeof stopped>): void => {
    if (stopped !== undefined) return
    stopped = why
    signalGroup(child, 'SIGTERM')
    hardStop = setTimeout(() => signalGroup(child, 'SIGKILL'), request.graceMs)
  }
  const onAbort = (): void => stop('cancel')
  request.signal.addEventListener('abort', onAbort, { once: true })
  const limit = request.timeoutMs > 0 ? setTimeout(() => stop('timeout'), request.timeoutMs) : undefined
  let fault: { error: unknown } | undefined
  const { onMemory } = request
  const unwatch = child.pid === undefined || onMemory === undefined ? undefined : watchGroupMemory(child.pid, onMemory)
  const take = async (stream: Readable, from: 'stdout' | 'stderr'): Promise<void> => {
    for await (const line of readLines(stream)) {
      if (from === 'stderr') tail.push(line)
      if (stopped !== undefined) continue
      try {
        await request.onLine(line, from)
      } catch (error) {
        fault = { error }
        stop('line')
      }
    }
  }
  try {
    const [end] = await Promise.all([ended, take(child.stdout, 'stdout'), take(child.stderr, 'stderr')])
    throwIfAborted(request.signal)
    if (fault !== undefined) throw fault.error
    if (stopped === 'timeout')
      throw failed(request, `did not end within ${request.timeoutMs / 60_000} minutes`, tail.lines(), end)
    if (end.killedBy !== null) throw failed(request, `was ended by ${end.killedBy}`, tail.lines(), end)
    if (end.code !== 0) throw failed(request, `ended with exit code ${end.code}`, tail.lines(), end)
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall?.startsWith('spawn') === true
      ? notStarted(request, error as NodeJS.ErrnoException)
      : error
  } finally {
    unwatch?.()
    clearTimeout(limit)
    clearTimeout(hardStop)
    request.signal.removeEventListener('abort', onAbort)
  }
}

/** To the leader and all that it started. */
function signalGroup(child: ChildProcess, signal: NodeJS.Signals): void {
  if (child.pid === undefined) return
  try {
    if (process.platform === 'win32') child.kill(signal)
    else process.kill(-child.pid, signal)
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ESRCH') throw error
  }
}

function failed(
  { title }: ProcessRequest,
  how: string,
  lines: string[],
  { code, killedBy }: { code: number | null; killedBy: NodeJS.Signals | null },
): FoveaError {
  const said = lines.length === 0 ? ' and said nothing on standard error' : `:\n${lines.slice(-shownLines).join('\n')}`
  return new FoveaError('TRAINER_FAILED', `${title} ${how}${said}`, {
    hint:
      killedBy === 'SIGKILL'
        ? 'The system ends programs that take too much memory: try smaller pictures or batches.'
        : 'Mend what its last lines say; training again takes up its checkpoint.',
    details: { exitCode: code, signal: killedBy, lines },
  })
}

function notStarted({ argv, cwd, title }: ProcessRequest, error: NodeJS.ErrnoException): FoveaError {
  return new FoveaError('TRAINER_FAILED', `${title} cannot be started: ${argv[0]} in ${cwd} (${error.code}).`, {
    hint: 'Name a program that exists and may be run, and a folder that exists, in [training] of .fovea/config.toml.',
    cause: error,
  })
}
