import { once } from 'node:events'
import type { FastifyInstance } from 'fastify'
import type { App, JobEvent } from '#app'
import { FoveaError } from '#base'

/** The stream of a job's events, and its cancellation by DELETE. */
export function addJobRoutes(server: FastifyInstance, app: App, options: { heartbeatMs: number }): void {
  server.delete<{ Params: { id: string } }>('/api/jobs/:id', async (request) =>
    app.call('job.cancel', { job: request.params.id }, request.caller),
  )

  server.get<{ Params: { id: string }; Querystring: { after?: string } }>(
    '/api/jobs/:id/events',
    async (request, reply) => {
      const after = readEventId(request.headers['last-event-id'] ?? request.query.after)
      await app.jobs.show(request.params.id)

      reply.hijack()
      const { raw } = reply
      for (const [name, value] of Object.entries(reply.getHeaders()))
        if (value !== undefined) raw.setHeader(name, value)
      raw.writeHead(200, {
        'content-type': 'text/event-stream; charset=utf-8',
        'cache-control': 'no-cache',
        'x-accel-buffering': 'no',
      })
      raw.flushHeaders()
      const gone = new AbortController()
      raw.on('close', () => gone.abort())
      const heartbeat = setInterval(() => raw.write(': still here\n\n'), options.heartbeatMs)
      try {
        for await (const event of app.jobs.events(request.params.id, after, gone.signal)) {
          if (!raw.write(formatEvent(event))) await once(raw, 'drain', { signal: gone.signal })
        }
      } catch (error) {
        // The reader went away while we waited for it; anything else ends the stream, and the reader resumes.
        if (!gone.signal.aborted) request.log.warn(error)
      } finally {
        clearInterval(heartbeat)
        raw.end()
      }
    },
  )
}

function formatEvent(event: JobEvent): string {
  return `id: ${event.id}\nevent: ${event.type}\ndata: ${JSON.stringify({ at: event.at, ...(event.data as object) })}\n\n`
}

function readEventId(given: string | string[] | undefined): number {
  if (given === undefined || given === '') return 0
  const id = Number(given)
  if (Number.isSafeInteger(id) && id >= 0) return id
  throw new FoveaError(
    'INPUT_INVALID',
    `Expected the number of an event in Last-Event-ID, got ${JSON.stringify(given)}.`,
    {
      hint: 'Leave it out to get every event from the start.',
    },
  )
}
