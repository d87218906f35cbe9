import { once } from 'node:events'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { App } from '#app'

interface ViewQuery {
  dataset?: string
  query?: string
  field?: string
  space?: string
  method?: string
}

/**
 * What the page draws from in bulk, as little-endian arrays one after the other behind a header that says what they are:
 * `/view/frame` Int32 ids, Float32 aspects; `/view/field` Int32 ids, Float32 values; `/view/points` Int32 ids, Float32 x, y.
 * `/view/events` streams the name of a dataset after every change of it.
 */
export function addViewRoutes(server: FastifyInstance, app: App, options: { heartbeatMs: number }): void {
  server.get<{ Querystring: ViewQuery }>('/view/frame', async ({ query }, reply) => {
    const { ids, aspects } = await app.view.frame(query.dataset, query.query ?? '')
    return sendArrays(reply, {}, [ids, aspects])
  })
  server.get<{ Querystring: ViewQuery }>('/view/field', async ({ query }, reply) => {
    const { ids, values, names } = await app.view.fieldValues(query.dataset, query.field ?? '')
    return sendArrays(reply, { names }, [ids, values])
  })
  server.get<{ Querystring: ViewQuery }>('/view/points', async ({ query }, reply) => {
    const { ids, places, space, method } = await app.view.points(query.dataset, query.space, query.method)
    return sendArrays(reply, { space, method }, [ids, places])
  })

  server.get('/view/events', async (_request, reply) => {
    reply.hijack()
    const { raw } = reply
    for (const [name, value] of Object.entries(reply.getHeaders())) if (value !== undefined) raw.setHeader(name, value)
    raw.writeHead(200, {
      'content-type': 'text/event-stream; charset=utf-8',
      'cache-control': 'no-cache',
      'x-accel-buffering': 'no',
    })
    raw.write(': open\n\n')
    const heartbeat = setInterval(() => raw.write(': still here\n\n'), options.heartbeatMs)
    const stop = app.view.onChange((dataset) => raw.write(`event: change\ndata: ${JSON.stringify({ dataset })}\n\n`))
    await once(raw, 'close')
    clearInterval(heartbeat)
    stop()
  })
}

/** `X-Fovea-View` says the number of rows and what else belongs to the arrays, as JSON in percent escapes. */
function sendArrays(reply: FastifyReply, about: object, arrays: readonly (Int32Array | Float32Array)[]): FastifyReply {
  const rows = arrays[0]!.length
  const body = Buffer.concat(arrays.map((array) => Buffer.from(array.buffer, array.byteOffset, array.byteLength)))
  return reply
    .header('x-fovea-view', encodeURIComponent(JSON.stringify({ rows, ...about })))
    .header('cache-control', 'private, no-cache')
    .type('application/octet-stream')
    .send(body)
}
