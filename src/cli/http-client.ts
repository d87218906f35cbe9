import { request, type IncomingMessage } from 'node:http'
import type { ErrorBody, Job } from '#contract'
import type { ServerInfo } from '#app'
import { FoveaError, throwIfAborted } from '#base'
import type { CallHooks, Client } from './client.ts'

/** Runs operations on the server that holds the workspace. (node:http: `fetch` takes longer to load than most calls.) */
export function createHttpClient(info: ServerInfo): Client & { isAlive(): Promise<boolean> } {
  const send = (
    method: string,
    path: string,
    options: { body?: unknown; signal?: AbortSignal; headers?: Record<string, string>; timeoutMs?: number } = {},
  ) =>
    new Promise<IncomingMessage>((resolve, reject) => {
      const body = options.body === undefined ? undefined : JSON.stringify(options.body)
      const outgoing = request(
        `${info.url}${path}`,
        {
          method,
          agent: false,
          ...(options.signal === undefined ? {} : { signal: options.signal }),
          ...(options.timeoutMs === undefined ? {} : { timeout: options.timeoutMs }),
          headers: {
            authorization: `Bearer ${info.token}`,
            ...(body === undefined ? {} : { 'content-type': 'application/json' }),
            ...options.headers,
          },
        },
        resolve,
      )
      outgoing.on('timeout', () => outgoing.destroy(new Error('The server does not answer.')))
      outgoing.on('error', reject)
      outgoing.end(body)
    })

  const readAnswer = async (response: IncomingMessage): Promise<unknown> => {
    const parts: Buffer[] = []
    for await (const part of response) parts.push(part as Buffer)
    const value: unknown = JSON.parse(Buffer.concat(parts).toString('utf8'))
    if ((response.statusCode ?? 500) >= 400) throw FoveaError.fromBody(value as ErrorBody)
    return value
  }
  const post = async (id: string, input: unknown, signal?: AbortSignal): Promise<unknown> => {
    try {
      return await readAnswer(
        await send('POST', `/api/${id}`, { body: input, ...(signal === undefined ? {} : { signal }) }),
      )
    } catch (error) {
      throwIfAborted(signal)
      throw error instanceof FoveaError ? error : lostServer(info, error)
    }
  }

  async function follow(job: Job, hooks: CallHooks): Promise<unknown> {
    const cancel = (): void => void post('job.cancel', { job: job.id }).catch(() => {})
    if (hooks.signal.aborted) cancel()
    hooks.signal.addEventListener('abort', cancel, { once: true })
    try {
      let last = 0
      for (let failures = 0; ;) {
        try {
          const response = await send('GET', `/api/jobs/${job.id}/events`, {
            headers: { 'last-event-id': String(last) },
          })
          if (response.statusCode !== 200) await readAnswer(response)
          for await (const event of readEvents(response)) {
            last = event.id
            failures = 0
            if (event.type === 'progress') hooks.onProgress(event.data as NonNullable<Job['progress']>)
            if (event.type === 'log') showLog(hooks, event.data as { level: 'info' | 'warn'; message: string })
          }
          const ended = ((await post('job.show', { job: job.id })) as { job: Job }).job
          if (ended.state === 'done') return ended.result
          if (ended.state !== 'running')
            throw FoveaError.fromBody(
              ended.error ?? { code: 'CANCELLED', message: `The job ${job.id} was ${ended.state}.` },
            )
        } catch (error) {
          if (error instanceof FoveaError) throw error
          // The stream broke; take it up after the last event seen.
          if (++failures > 5) throw lostServer(info, error)
          await new Promise((resolve) => setTimeout(resolve, 200))
        }
      }
    } finally {
      hooks.signal.removeEventListener('abort', cancel)
    }
  }

  return {
    async isAlive() {
      try {
        const response = await send('GET', '/api/health', { timeoutMs: 2_000 })
        return ((await readAnswer(response)) as { owner?: boolean }).owner === true
      } catch {
        return false
      }
    },
    async call(id, input, hooks) {
      const patience = delayAbort(hooks.signal)
      const answer = await post(id, input, patience.signal).finally(() => patience.clear())
      if (isStarted(answer, id)) return follow(answer.job, hooks)
      if (id !== 'job.resume') return answer
      // As when the workspace is opened here, a resumed job is waited for.
      const { job } = answer as { job: Job }
      await follow(job, hooks)
      return post('job.show', { job: job.id })
    },
    close: async () => {},
  }
}

/** How long a cancelled call waits for its answer, which may be a job that has to be cancelled too. */
const answerGraceMs = 1_000

function delayAbort(signal: AbortSignal): { signal: AbortSignal; clear(): void } {
  const later = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const arm = (): void => {
    timer = setTimeout(() => later.abort(), answerGraceMs)
  }
  if (signal.aborted) arm()
  else signal.addEventListener('abort', arm, { once: true })
  return {
    signal: later.signal,
    clear() {
      clearTimeout(timer)
      signal.removeEventListener('abort', arm)
    },
  }
}

/** Long operations answer `{job}` of their own; operations about jobs answer jobs of others. */
function isStarted(answer: unknown, id: string): answer is { job: Job } {
  const job = (answer as { job?: Job } | null)?.job
  return job !== undefined && job.operation === id && !id.startsWith('job.')
}

function showLog(hooks: CallHooks, { level, message }: { level: 'info' | 'warn'; message: string }): void {
  if (level === 'warn') hooks.log.warn(message)
  else hooks.log.info(message)
}

function lostServer(info: ServerInfo, cause: unknown): FoveaError {
  return new FoveaError('INTERNAL', `The server at ${info.url} stopped answering: ${(cause as Error).message}`, {
    hint: 'See whether `fovea up` still runs. What it had written is safe.',
    cause,
  })
}

interface StreamEvent {
  id: number
  type: string
  data: unknown
}

/** Server-sent events of a response. */
async function* readEvents(response: IncomingMessage): AsyncIterable<StreamEvent> {
  response.setEncoding('utf8')
  let buffer = ''
  for await (const part of response) {
    buffer += part as string
    for (let end = buffer.indexOf('\n\n'); end >= 0; end = buffer.indexOf('\n\n')) {
      const fields = new Map(
        buffer
          .slice(0, end)
          .split('\n')
          .map((line): [string, string] => {
            const colon = line.indexOf(': ')
            return [line.slice(0, colon), line.slice(colon + 2)]
          }),
      )
      buffer = buffer.slice(end + 2)
      if (fields.has('id'))
        yield {
          id: Number(fields.get('id')),
          type: fields.get('event')!,
          data: JSON.parse(fields.get('data')!) as unknown,
        }
    }
  }
}
