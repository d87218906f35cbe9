import { randomUUID } from 'node:crypto'
import type { FastifyReply, FastifyRequest } from 'fastify'
import type { App } from '#app'
import { FoveaError, type Clock } from '#base'
import type { KeyMatch } from '#serving'
import { createRateLimit } from './rate.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** The key of an endpoint that the request came with. */
    servingKey?: KeyMatch
    /** What a request to an endpoint is called, in its answer and in what is written about it. */
    requestId?: string
  }
}

/** Whether an address is one of endpoints, which have rules of their own. */
export const isServingPath = (path: string): boolean => /^\/(?:v1\/endpoints|v2)(?:\/|$)/.test(path)

export const isProtocolPath = (path: string): boolean => /^\/v2(?:\/|$)/.test(path)

const isHealthPath = (path: string): boolean => /^\/v2\/health\/(?:live|ready)$/.test(path)

export interface ServingAccess {
  /**
   * Names the request, and lets it in by the key of an endpoint where it brings one. False leaves it to the rules of the server.
   * Throws TOKEN_WRONG, TOO_MANY_REQUESTS.
   */
  admitByKey(request: FastifyRequest, reply: FastifyReply, path: string): Promise<boolean>
  /** After the rules of the server let a request in without a key. Throws TOKEN_MISSING where an endpoint asks for one, TOKEN_WRONG. */
  checkKeyless(request: FastifyRequest, path: string): Promise<void>
  isOpen(path: string): boolean
}

export function createServingAccess(deps: { app: App; clock: Clock; isLoopback: boolean }): ServingAccess {
  const { app, clock } = deps
  const limits = new Map<string, ReturnType<typeof createRateLimit>>()

  const takeTurn = (key: KeyMatch, reply: FastifyReply): void => {
    if (key.ratePerMinute === null) return
    const id = `${key.id} ${key.ratePerMinute}`
    let limit = limits.get(id)
    if (limit === undefined) limits.set(id, (limit = createRateLimit({ clock, perMinute: key.ratePerMinute })))
    const waitSeconds = limit.take(key.id)
    if (waitSeconds === 0) return
    void reply.header('retry-after', String(waitSeconds))
    throw new FoveaError(
      'TOO_MANY_REQUESTS',
      `Expected at most ${key.ratePerMinute} requests a minute with this key.`,
      {
        hint: `Try again in ${waitSeconds} s.`,
      },
    )
  }

  return {
    isOpen: isHealthPath,
    async admitByKey(request, reply, path) {
      request.requestId = nameRequest(request.headers['x-request-id'])
      void reply.header('x-request-id', request.requestId)
      const given = keyOf(request)
      if (given === undefined) return false
      const key = await (await app.serving()).matchKey(given)
      if (key === undefined) return false
      const name = endpointOf(path)
      if (name !== undefined && name !== key.endpoint)
        throw new FoveaError('TOKEN_WRONG', `The key opens endpoint ${key.endpoint}, not ${JSON.stringify(name)}.`, {
          hint: `Make one for it with: fovea endpoints key ${name}`,
        })
      takeTurn(key, reply)
      request.caller = { actor: key.label === '' ? key.id : key.label, owner: false }
      request.servingKey = key
      return true
    },
    async checkKeyless(request, path) {
      if (request.headers['x-api-key'] !== undefined)
        throw new FoveaError('TOKEN_WRONG', 'The key in X-API-Key is not one of an endpoint.', {
          hint: 'Make one with: fovea endpoints key NAME',
        })
      const name = endpointOf(path)
      const brought = request.headers.authorization !== undefined || !deps.isLoopback
      if (name === undefined || brought || !(await (await app.serving()).hasKeys(name))) return
      throw new FoveaError('TOKEN_MISSING', `Expected a key of endpoint ${name} with the request, got none.`, {
        hint: 'Send the header "Authorization: Bearer KEY" or "X-API-Key: KEY".',
      })
    },
  }
}

/** The key as it is sent: `X-API-Key`, else a bearer token. */
function keyOf({ headers }: FastifyRequest): string | undefined {
  const own = headers['x-api-key']
  if (typeof own === 'string') return own
  return /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
}

/** The endpoint that an address names; the counts of all are at no endpoint's. */
function endpointOf(path: string): string | undefined {
  if (path === '/v2/models/stats') return undefined
  const found = /^\/(?:v1\/endpoints|v2\/models)\/([^/]+)/.exec(path)?.[1]
  if (found === undefined) return undefined
  try {
    return decodeURIComponent(found)
  } catch {
    return found
  }
}

/** The name a client gives its request, where it can stand in a header again; else a new one. */
function nameRequest(given: string | string[] | undefined): string {
  return typeof given === 'string' && /^[\w.:/+=@-]{1,200}$/.test(given) ? given : randomUUID()
}
