import { promisify } from 'node:util'
import { gunzip, inflate } from 'node:zlib'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { readVersion, type App } from '#app'
import { FoveaError } from '#base'

type Model = { Params: { name: string; version?: string } }

/** The Open Inference Protocol v2 with its binary extension, and what Triton's clients ask for beside it. A model is an endpoint. */
export function addProtocolRoutes(scope: FastifyInstance, app: App): void {
  const protocol = () => import('#serving')
  scope.get('/v2', async () => (await protocol()).describeServer(readVersion()))
  scope.get('/v2/health/live', async (_request, reply) => reply.code(200).send({ live: true }))
  scope.get('/v2/health/ready', async (_request, reply) => {
    const ready = (await app.serving()).isReady()
    return reply.code(ready ? 200 : 503).send({ ready })
  })
  for (const method of ['GET', 'POST'] as const)
    scope.route({ method, url: '/v2/repository/index', handler: (request) => listRepository(app, request) })

  for (const base of ['/v2/models/:name', '/v2/models/:name/versions/:version']) {
    scope.get<Model>(base, async ({ params }) => {
      const models = await (await app.serving()).models(params.name, params.version)
      if (models.length === 0) throw notReady(params.name)
      return (await protocol()).describeModel(params.name, models)
    })
    scope.get<Model>(`${base}/ready`, async ({ params }, reply) => {
      const models = await (await app.serving()).models(params.name, params.version)
      return reply.code(models.length > 0 ? 200 : 503).send({ name: params.name, ready: models.length > 0 })
    })
    scope.get<Model>(`${base}/config`, async ({ params }) => {
      const models = await (await app.serving()).models(params.name, params.version)
      if (models.length === 0) throw notReady(params.name)
      return (await protocol()).describeConfig(params.name, models)
    })
    scope.get<Model>(`${base}/stats`, async ({ params: { name, version } }) => {
      const serving = await app.serving()
      await serving.models(name, version)
      const counters = (await serving.counters()).filter(
        ({ endpoint, statistics }) =>
          endpoint === name && (version === undefined || String(statistics.version) === version),
      )
      return (await protocol()).describeStatistics(counters)
    })
    scope.post<Model>(`${base}/infer`, { bodyLimit: app.config.serving.maxBodyBytes }, (request, reply) =>
      infer(app, request, reply),
    )
  }
  scope.get('/v2/models/stats', async (request) => {
    const counters = await (await app.serving()).counters()
    const own = request.servingKey?.endpoint
    return (await protocol()).describeStatistics(
      counters.filter(({ endpoint }) => own === undefined || endpoint === own),
    )
  })
}

const notReady = (name: string): FoveaError =>
  new FoveaError('MODEL_INVALID', `Endpoint ${name} serves nothing yet.`, {
    hint: `See why with: fovea endpoints show ${name}`,
  })

async function infer(app: App, request: FastifyRequest<Model>, reply: FastifyReply): Promise<FastifyReply> {
  const [serving, { readInfer, writeInfer }] = await Promise.all([app.serving(), import('#serving')])
  const { name, version } = request.params
  const body = await unpack(request, app.config.serving.maxBodyBytes)
  const asked = readInfer(body, readHeaderLength(request.headers['inference-header-content-length']))
  const gone = new AbortController()
  reply.raw.on('close', () => reply.raw.writableFinished || gone.abort())
  const served = await serving.infer(
    name,
    { version, inputs: asked.inputs, outputs: asked.outputs },
    { requestId: request.requestId!, signal: gone.signal },
  )
  const about = { model: name, version: String(served.version.version), id: asked.id }
  const { body: answer, headerBytes } = writeInfer(about, served.outputs, asked)
  if (headerBytes === null) return reply.type('application/json').send(answer)
  return reply
    .header('inference-header-content-length', String(headerBytes))
    .type('application/octet-stream')
    .send(answer)
}

const unpackers = { gzip: promisify(gunzip), deflate: promisify(inflate) } as const

/** The body as it was before it was packed; never more than `maxBytes` of it. */
async function unpack({ body, headers }: FastifyRequest, maxBytes: number): Promise<Buffer> {
  const packed = Buffer.isBuffer(body) ? body : Buffer.alloc(0)
  const encoding = headers['content-encoding']?.trim().toLowerCase() ?? 'identity'
  if (encoding === 'identity') return packed
  if (encoding !== 'gzip' && encoding !== 'deflate')
    throw new FoveaError('INPUT_INVALID', `Expected a body packed by gzip or deflate, got ${JSON.stringify(encoding)}.`)
  try {
    return await unpackers[encoding](packed, { maxOutputLength: maxBytes })
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ERR_BUFFER_TOO_LARGE')
      throw new FoveaError('TOO_LARGE', `Expected at most ${maxBytes} bytes of the body when unpacked, got more.`)
    throw new FoveaError('INPUT_INVALID', `The body cannot be unpacked by ${encoding}: ${(error as Error).message}.`)
  }
}

function readHeaderLength(given: string | string[] | undefined): number | undefined {
  if (given === undefined) return undefined
  if (typeof given === 'string' && /^\d{1,12}$/.test(given)) return Number(given)
  throw new FoveaError(
    'INPUT_INVALID',
    `Expected the bytes of the JSON in Inference-Header-Content-Length, got ${JSON.stringify(given)}.`,
  )
}

/** The index of Triton's model repository extension. */
async function listRepository(app: App, request: FastifyRequest): Promise<object[]> {
  const endpoints = await (await app.serving()).list()
  const own = request.servingKey?.endpoint
  return endpoints
    .filter(({ name }) => own === undefined || name === own)
    .flatMap(({ name, state, serving, problem }): object[] => {
      const answering = serving.filter(({ role }) => role !== 'shadow')
      if (answering.length === 0)
        return [
          { name, version: '', state: state === 'loading' ? 'LOADING' : 'UNAVAILABLE', reason: problem?.message ?? '' },
        ]
      return answering.map(({ version }) => ({ name, version: String(version), state: 'READY', reason: '' }))
    })
}
