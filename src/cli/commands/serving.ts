import type { RunningServer } from '#server'

/**
 * The token as it may be printed; null where none is needed. One that was made for this start is told. One that was configured is
 * known to its owner, and what is printed may end in a log that others read.
 */
export function showToken({ token }: Pick<RunningServer, 'token'>, configured: string | undefined): string | null {
  return token === null || configured === undefined ? token : 'TOKEN'
}

/** What `fovea up` prints when it is ready. */
export function describeServer(server: RunningServer, folder: string, configured: string | undefined): string {
  const token = showToken(server, configured)
  const address = token === null ? server.url : `${server.url}/?token=${token}`
  const told =
    token === null
      ? ''
      : `${configured === undefined ? `Token: ${token}` : 'TOKEN is that of server.token'} (send it as "Authorization: Bearer TOKEN")\n`
  return `Serving ${folder}\n${address}\n${told}Stop with Ctrl-C.\n`
}

export function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
