import fastify, { type FastifyError, type FastifyInstance, type FastifyReply, type FastifyRequest } from 'fastify'
import type { App } from '#app'
import { FoveaError, systemClock, toFoveaError, type Clock } from '#base'
import { createAccess, type Access, type Caller } from './access.ts'
import { addJobRoutes } from './job-routes.ts'
import { addMediaRoutes } from './media-routes.ts'
import { addMetricsRoutes } from './metrics-routes.ts'
import { addOperationRoutes } from './operation-routes.ts'
import { addPageRoutes } from './page-routes.ts'
import { createRateLimit } from './rate.ts'
import { createServingAccess, isProtocolPath, isServingPath } from './serving-access.ts'
import { addServingRoutes } from './serving-routes.ts'
import { addRunRoutes } from './run-routes.ts'
import { addUploadRoutes } from './upload-routes.ts'
import { addViewRoutes } from './view-routes.ts'
import { builtWebFolder, readWebFiles } from './web-files.ts'

declare module 'fastify' {
  interface FastifyRequest {
    caller: Caller
  }
}

export interface ServerDeps {
  app: App
  /** Address the server is bound to; decides whether a token is needed. */
  host: string
  ownerToken: string
  accessToken: string
  clock?: Clock
  /** Milliseconds between heartbeats of event streams. */
  heartbeatMs?: number
  /** Folder of the built page; that of the build when left out. Where there is none, a plain page is served. */
  webFolder?: string
}

/** Headers of every answer. Pages load nothing but what this server sends, and no other site may frame or embed it. */
const securityHeaders = {
  'content-security-policy':
    "default-src 'none'; style-src 'self'; script-src 'self'; img-src 'self' blob: data:; connect-src 'self'; font-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'x-frame-options': 'DENY',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
  'cross-origin-resource-policy': 'same-origin',
  'permissions-policy': 'camera=(), microphone=(), geolocation=()',
  'cache-control': 'no-store',
}

/** The HTTP face of an app, not yet listening. */
export function buildServer(deps: ServerDeps): FastifyInstance {
  const { app } = deps
  const access = createAccess({ ...deps, allowedHosts: app.config.server.allowedHosts })
  const server = fastify({
    logger: false,
    bodyLimit: app.config.limits.maxBodyBytes,
    forceCloseConnections: true,
    routerOptions: { maxParamLength: 200 },
    frameworkErrors: (error, _request, reply) => {
      void reply.headers(securityHeaders)
      void sendError(reply, translateFrameworkError(error))
    },
    clientErrorHandler: (_error, socket) => {
      if (!socket.writable) return
      const body = JSON.stringify(
        new FoveaError('INPUT_INVALID', 'Expected an HTTP request, got something else.').toBody(),
      )
      socket.end(
        `HTTP/1.1 400 Bad Request\r\nContent-Type: application/json\r\nContent-Length: ${Buffer.byteLength(body)}\r\nConnection: close\r\n\r\n${body}`,
      )
    },
  })
  server.decorateRequest('caller')
  guardRequests(server, access, deps)

  server.removeAllContentTypeParsers()
  const parseJson = server.getDefaultJsonParser('error', 'error')
  server.addContentTypeParser('application/json', { parseAs: 'string' }, (request, body, done) => {
    if (body === '') done(null, {})
    else void parseJson(request, body as string, done)
  })
  server.setErrorHandler((error, request, reply) => sendError(reply, translateFrameworkError(error), request))
  server.setNotFoundHandler((request, reply) =>
    sendError(
      reply,
      new FoveaError('OPERATION_NOT_FOUND', `There is nothing at ${request.method} ${request.url.split('?')[0]}.`, {
        hint: 'See /docs, or /api/openapi.json, for what there is.',
      }),
      request,
    ),
  )

  addOperationRoutes(server, app)
  addJobRoutes(server, app, { heartbeatMs: deps.heartbeatMs ?? 15_000 })
  addMediaRoutes(server, app)
  addMetricsRoutes(server, app)
  addRunRoutes(server, app)
  addServingRoutes(server, app)
  addUploadRoutes(server, app)
  addViewRoutes(server, app, { heartbeatMs: deps.heartbeatMs ?? 15_000 })
  const web = readWebFiles(deps.webFolder ?? builtWebFolder)
  web.addRoutes(server)
  addPageRoutes(server, app, access, web)
  return server
}

/** Puts the checks of host, rate, token, origin and content type before every route. */
function guardRequests(server: FastifyInstance, access: Access, deps: ServerDeps): void {
  const clock = deps.clock ?? systemClock
  const limit = createRateLimit({ clock, perMinute: deps.app.config.limits.ratePerMinute })
  const serving = createServingAccess({ app: deps.app, clock, isLoopback: access.open })
  server.addHook('onRequest', async (request: FastifyRequest, reply) => {
    void reply.headers(securityHeaders)
    const path = request.url.split('?')[0] ?? ''
    const isServing = isServingPath(path)
    if (isServing && (await serving.admitByKey(request, reply, path))) return
    access.checkHost(request.headers)
    // The home page checks the caller itself, because it also takes a token in its address.
    const isOpenRoute = path === '/api/health' || path === '/' || serving.isOpen(path)
    let refused: FoveaError | undefined
    try {
      request.caller = access.identify(request.headers)
    } catch (error) {
      refused = toFoveaError(error)
    }
    // The owner's own commands, the many small pictures of a page, the files of a folder and endpoints, which have limits of their
    // own, are not slowed down; wrong tokens are.
    const isFree =
      request.caller?.owner || (refused === undefined && (isServing || /^\/(thumb|assets|upload)\//.test(path)))
    const waitSeconds = isFree ? 0 : limit.take(request.ip)
    if (waitSeconds > 0) {
      void reply.header('retry-after', String(waitSeconds))
      throw new FoveaError(
        'TOO_MANY_REQUESTS',
        `Expected at most ${deps.app.config.limits.ratePerMinute} requests a minute from one address.`,
        {
          hint: `Try again in ${waitSeconds} s, or raise limits.ratePerMinute.`,
        },
      )
    }
    if (refused !== undefined && !isOpenRoute) throw refused
    if (isServing) await serving.checkKeyless(request, path)
    if (request.method === 'GET' || request.method === 'HEAD') return
    access.checkOrigin(request.headers)
    if (isServing) return
    // Forms of other sites cannot send this type without asking first.
    if (request.method === 'POST' && !/^application\/json\s*(;|$)/i.test(request.headers['content-type'] ?? '')) {
      throw new FoveaError(
        'INPUT_INVALID',
        `Expected the content type application/json, got ${JSON.stringify(request.headers['content-type'] ?? 'none')}.`,
        {
          hint: 'Send the input as JSON with the header "Content-Type: application/json".',
        },
      )
    }
  })
}

function sendError(reply: FastifyReply, error: FoveaError, request?: FastifyRequest): FastifyReply {
  if (error.code === 'TOKEN_MISSING') void reply.header('www-authenticate', 'Bearer')
  const { retryAfterSeconds } = (error.details ?? {}) as { retryAfterSeconds?: number }
  if (retryAfterSeconds !== undefined) void reply.header('retry-after', String(retryAfterSeconds))
  const body = {
    ...error.toBody(),
    ...(request?.requestId === undefined ? {} : { requestId: request.requestId }),
    // What clients of the Open Inference Protocol read.
    ...(request !== undefined && isProtocolPath(request.url.split('?')[0]!) ? { error: error.message } : {}),
  }
  return reply.code(error.status).type('application/json; charset=utf-8').send(JSON.stringify(body))
}

/** Errors of the HTTP framework in our own words. */
function translateFrameworkError(caught: unknown): FoveaError {
  if (caught instanceof FoveaError) return caught
  const { code, statusCode, message } = caught as Partial<FastifyError>
  if (code === 'FST_ERR_CTP_BODY_TOO_LARGE') {
    return new FoveaError('TOO_LARGE', 'The body of the request is larger than this server takes.', {
      hint: 'Raise limits.maxBodyBytes in .fovea/config.toml.',
    })
  }
  if (caught instanceof SyntaxError || code === 'FST_ERR_CTP_INVALID_JSON_BODY') {
    return new FoveaError('INPUT_INVALID', `Expected a body of JSON: ${message}.`, { hint: 'Send one JSON object.' })
  }
  if (statusCode !== undefined && statusCode >= 400 && statusCode < 500)
    return new FoveaError('INPUT_INVALID', `The request cannot be read: ${message}`)
  return toFoveaError(caught)
}
