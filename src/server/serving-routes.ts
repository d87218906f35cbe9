import type { IncomingMessage } from 'node:http'
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify'
import { z } from 'zod'
import type { App } from '#app'
import type { Endpoint } from '#contract'
import { FoveaError, toFoveaError } from '#base'
import { addProtocolRoutes } from './serving-v2-routes.ts'
import { readBody } from './read-body.ts'
import { readPictures, type SentPicture } from './serving-body.ts'

/**
 * `/v1/endpoints`: pictures in, answers out. `/v2`: tensors, by the Open Inference Protocol. Bodies of any type are taken as bytes.
 */
export function addServingRoutes(server: FastifyInstance, app: App): void {
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (request: FastifyRequest, payload: IncomingMessage) => {
      const { 'content-length': length, 'inference-header-content-length': mark } = request.headers
      return readBody(payload, {
        length: length === undefined ? undefined : Number(length),
        maxBytes: request.routeOptions.bodyLimit,
        mark: typeof mark === 'string' && /^\d{1,12}$/.test(mark) ? Number(mark) : 0,
      })
    })
    addEndpointRoutes(scope, app)
    addProtocolRoutes(scope, app)
  })
}

type Named = { Params: { name: string } }

function addEndpointRoutes(scope: FastifyInstance, app: App): void {
  const { maxBodyBytes, maxFiles } = app.config.serving

  scope.get('/v1/endpoints', async (request) => {
    const all = await (await app.serving()).list()
    const open = all.filter(({ name }) => request.servingKey === undefined || name === request.servingKey.endpoint)
    return { endpoints: open.map(describeEndpoint) }
  })
  scope.get<Named>('/v1/endpoints/:name', async (request) =>
    describeEndpoint(await (await app.serving()).show(request.params.name)),
  )
  scope.get<Named>('/v1/endpoints/:name/stats', async (request) => {
    const { name } = request.params
    return { name, versions: await (await app.serving()).statistics(name) }
  })
  scope.post<Named>('/v1/endpoints/:name/predict', { bodyLimit: maxBodyBytes }, async (request, reply) => {
    const { name } = request.params
    const body = Buffer.isBuffer(request.body) ? request.body : Buffer.alloc(0)
    const { pictures, fields } = readPictures(body, request.headers['content-type'], maxFiles)
    const options = await readOptions(request.query, fields)
    const wantsPng = prefersPng(request.headers.accept)
    if (wantsPng && pictures.length > 1)
      throw new FoveaError('INPUT_INVALID', `Expected one picture for an answer in PNG, got ${pictures.length}.`, {
        hint: 'Send "Accept: application/json"; masks come in it with ?mask=png.',
      })
    const outcomes = await predictAll(app, name, pictures, options, request, reply)
    const [first] = outcomes
    // One that fails among others stands beside them; where all do, the request does.
    if (outcomes.every((outcome) => 'error' in outcome)) throw (first as { error: FoveaError }).error
    if (wantsPng) return sendPng(reply, first as Answered)
    const predictions = outcomes.map(async (outcome, i) => ({
      ...(pictures[i]!.name === null ? {} : { name: pictures[i]!.name }),
      ...('error' in outcome ? { error: outcome.error.toBody() } : await outcome.describe()),
    }))
    return { endpoint: name, requestId: request.requestId, predictions: await Promise.all(predictions) }
  })
}

const optionsSchema = z.strictObject({
  mask: z.enum(['rle', 'png', 'none']).optional(),
  map: z.enum(['png', 'raw', 'none']).default('none'),
  top: z.coerce.number().int().min(1).max(100_000).optional(),
  threshold: z.coerce.number().optional(),
})
type Options = z.output<typeof optionsSchema>

/** Of ranked classes the first five; of several that are present, all. */
const usualTop = (task: string): number => (task === 'classification' ? 5 : Number.POSITIVE_INFINITY)

async function readOptions(query: unknown, fields: Record<string, string>): Promise<Options> {
  const result = optionsSchema.safeParse({ ...(query as object), ...fields })
  if (result.success) return result.data
  const faults = result.error.issues.map((issue) => `${issue.path.join('.') || 'options'}: ${issue.message}`)
  throw new FoveaError('INPUT_INVALID', `The options of the prediction are not valid: ${faults.join('; ')}.`, {
    hint: 'There is mask (rle, png or none), map (png, raw or none), top (classes at most) and threshold.',
  })
}

interface Answered {
  describe: () => Promise<Record<string, unknown>>
  model: string
  png: () => Promise<Uint8Array>
  headers: Record<string, string>
}

/** Every picture by itself: one that cannot be read costs no other its answer. */
async function predictAll(
  app: App,
  name: string,
  pictures: readonly SentPicture[],
  options: Options,
  request: FastifyRequest,
  reply: FastifyReply,
): Promise<(Answered | { error: FoveaError })[]> {
  const [serving, { applyThreshold, checkThreshold, describeHeat }] = await Promise.all([
    app.serving(),
    import('#serving'),
  ])
  const gone = new AbortController()
  reply.raw.on('close', () => reply.raw.writableFinished || gone.abort())
  const about = { requestId: request.requestId!, signal: gone.signal }
  return Promise.all(
    pictures.map(async ({ bytes }) => {
      try {
        const served = await serving.predict(name, { bytes }, about)
        const { version, role, timing } = served
        if (options.threshold !== undefined) checkThreshold(version.task, options.threshold)
        const prediction = applyThreshold(served.prediction, options.threshold ?? served.threshold)
        return {
          model: `${version.model}:${version.version}`,
          png: () => serving.answers.png(prediction, { asMask: options.mask !== undefined }),
          headers: options.mask === undefined ? describeHeat(prediction) : {},
          describe: async () => ({
            model: version.model,
            version: version.version,
            role,
            task: version.task,
            ...(await serving.answers.json(prediction, {
              mask: options.mask ?? 'rle',
              map: options.map,
              top: options.top ?? usualTop(version.task),
            })),
            timing: Object.fromEntries(
              Object.entries(timing).map(([key, value]) => [key, Math.round(value * 100) / 100]),
            ),
          }),
        }
      } catch (error) {
        return { error: toFoveaError(error) }
      }
    }),
  )
}

async function sendPng(reply: FastifyReply, { png, model, headers }: Answered): Promise<FastifyReply> {
  const { buffer, byteOffset, byteLength } = await png()
  return reply
    .headers({ ...headers, 'x-model': model })
    .type('image/png')
    .send(Buffer.from(buffer, byteOffset, byteLength))
}

/** Whether a client would rather have a PNG than JSON (RFC 9110, 12.5.1). */
function prefersPng(accept: string | undefined): boolean {
  const weights = { json: 0, png: 0 }
  for (const part of (accept ?? '*/*').split(',')) {
    const [type = '', ...parameters] = part
      .trim()
      .toLowerCase()
      .split(/\s*;\s*/)
    const quality = Number(parameters.find((one) => one.startsWith('q='))?.slice(2) ?? 1)
    if (type === 'application/json' || type === 'application/*' || type === '*/*')
      weights.json = Math.max(weights.json, quality)
    if (type === 'image/png' || type === 'image/*') weights.png = Math.max(weights.png, quality)
    if (type === 'image/png') weights.png += 1e-6
  }
  if (weights.json === 0 && weights.png === 0)
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected to answer with application/json or image/png, got ${JSON.stringify(accept)}.`,
      {
        hint: 'Send one of them in the header Accept.',
      },
    )
  return weights.png > weights.json
}

/** What those may know who use an endpoint: not its other keys, nor its past. */
const describeEndpoint = ({ name, state, serving, settings, problem }: Endpoint): object => ({
  name,
  state,
  serving,
  threshold: settings.threshold,
  batching: settings.batching,
  queueLimit: settings.queueLimit,
  timeoutMs: settings.timeoutMs,
  problem: problem === null ? null : { code: problem.code, at: problem.at },
})
