import type { RunningServer } from '#server'

/** What `fovea up` prints when it is ready. */
export function describeServer(server: RunningServer, folder: string): string {
  const address = server.token === null ? server.url : `${server.url}/?token=${server.token}`
  const token = server.token === null ? '' : `Token: ${server.token} (send it as "Authorization: Bearer TOKEN")\n`
  return `Serving ${folder}\n${address}\n${token}Stop with Ctrl-C.\n`
}

export function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve()
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }))
}
