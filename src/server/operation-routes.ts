import type { FastifyInstance } from 'fastify'
import type { App } from '#app'
import { readVersion } from '#app'
import type { Caller } from './access.ts'
import { describeApi } from './openapi.ts'

/** `POST /api/<operation id>` for everything in the registry, and its description. */
export function addOperationRoutes(server: FastifyInstance, app: App): void {
  let description: object | undefined
  server.get('/api/openapi.json', async () => (description ??= describeApi(app.registry.specs)))
  // `owner` tells the command line that this is the server whose token it holds.
  server.get('/api/health', async (request) => ({
    status: 'ok',
    version: readVersion(),
    owner: (request.caller as Caller | undefined)?.owner ?? false,
  }))

  server.post<{ Params: { id: string }; Querystring: { wait?: string } }>('/api/:id', async (request, reply) => {
    const { id } = request.params
    const gone = new AbortController()
    const long = app.registry.spec(id).long
    // Whoever asked a short question and left needs no answer; a job goes on.
    if (!long) reply.raw.on('close', () => reply.raw.writableFinished || gone.abort())
    const options = { ...request.caller, signal: gone.signal }
    if (!long || isYes(request.query.wait)) return app.call(id, request.body, options)
    return reply.code(202).send({ job: await app.start(id, request.body, options) })
  })
}

function isYes(value: string | undefined): boolean {
  return value !== undefined && value !== '0' && value !== 'false'
}
