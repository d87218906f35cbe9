import { createHash, timingSafeEqual } from 'node:crypto'
import { hostname, networkInterfaces } from 'node:os'
import type { IncomingHttpHeaders } from 'node:http'
import { FoveaError } from '#base'

/** Who is behind a request, and whether they may name any path of this machine. */
export interface Caller {
  actor: string
  owner: boolean
}

export interface Access {
  /** Throws ORIGIN_REFUSED for a Host header that is none of ours (DNS rebinding). */
  checkHost(headers: IncomingHttpHeaders): void
  /** Throws ORIGIN_REFUSED when a browser sends the request from another site. */
  checkOrigin(headers: IncomingHttpHeaders): void
  /** Throws TOKEN_MISSING, TOKEN_WRONG. A name that the caller gives is added to what the token says, as in `Ada (remote)`. */
  identify(headers: IncomingHttpHeaders): Caller
  /** Whether a token, as given in the address of the page, opens this server. */
  accepts(token: string): boolean
  /** Whether requests without a token are let in. */
  readonly open: boolean
}

export const cookieName = 'fovea_token'

/** Header in which a page says who sits before it, in percent escapes. */
const nameHeader = 'x-fovea-name'
const mostLetters = 60

export function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || host === '[::1]' || /^127(\.\d{1,3}){3}$/.test(host)
}

const isWildcard = (host: string): boolean => host === '0.0.0.0' || host === '::' || host === '[::]'

const bracket = (host: string): string =>
  (host.includes(':') && !host.startsWith('[') ? `[${host}]` : host).toLowerCase()

/**
 * The rules of who gets in. On a loopback address nobody needs a token, but paths stay confined without one;
 * on any other address every request needs one. `ownerToken` makes the caller the owner of the workspace.
 */
export function createAccess(deps: {
  host: string
  allowedHosts: readonly string[]
  ownerToken: string
  accessToken: string
}): Access {
  const open = isLoopback(deps.host)
  const hosts = new Set(['localhost', '127.0.0.1', '[::1]', ...[deps.host, ...deps.allowedHosts].map(bracket)])
  if (isWildcard(deps.host)) {
    hosts.add(hostname().toLowerCase())
    for (const addresses of Object.values(networkInterfaces()))
      for (const { address } of addresses ?? []) hosts.add(bracket(address))
  }
  const accepts = (token: string): boolean => sameText(token, deps.accessToken)
  const check = (headers: IncomingHttpHeaders): Caller => {
    const bearer = /^Bearer\s+(\S+)$/i.exec(headers.authorization ?? '')?.[1]
    const token = bearer ?? readCookie(headers.cookie)
    const actor = open ? 'local' : 'remote'
    if (token === undefined) {
      if (headers.authorization === undefined && open) return { actor, owner: false }
      throw new FoveaError('TOKEN_MISSING', 'Expected a token with the request, got none.', {
        hint: 'Send the header "Authorization: Bearer TOKEN", or open /?token=TOKEN in the browser. `fovea up` prints the token.',
      })
    }
    if (sameText(token, deps.ownerToken)) return { actor: 'local', owner: true }
    if (accepts(token)) return { actor, owner: false }
    // A cookie of an earlier start of an open server is harmless.
    if (bearer === undefined && open) return { actor, owner: false }
    throw new FoveaError('TOKEN_WRONG', 'The token is not the one of this server.', {
      hint: '`fovea up` prints the right one at its start.',
    })
  }

  return {
    open,
    accepts,
    checkHost({ host }) {
      const name = hostOf(`http://${host ?? ''}`)?.hostname
      if (name !== undefined && hosts.has(name)) return
      throw new FoveaError(
        'ORIGIN_REFUSED',
        `Expected this server's own name in the Host header, got ${JSON.stringify(host ?? '')}.`,
        {
          hint: 'Open it by the address it printed at start, or add the name to server.allowedHosts in .fovea/config.toml.',
        },
      )
    },
    checkOrigin(headers) {
      const { origin, host } = headers
      const site = headers['sec-fetch-site']
      const foreign =
        origin === undefined
          ? site === 'cross-site' || site === 'same-site'
          : hostOf(origin)?.host !== hostOf(`http://${host}`)?.host
      if (!foreign) return
      throw new FoveaError(
        'ORIGIN_REFUSED',
        `Expected a request from this server's own pages, got one from ${JSON.stringify(origin ?? site)}.`,
        {
          hint: 'Other web sites may not change anything here. Scripts send no Origin header.',
        },
      )
    },
    identify(headers) {
      const { actor, owner } = check(headers)
      const name = readName(headers[nameHeader])
      return { actor: name === undefined ? actor : `${name} (${actor})`, owner }
    },
  }
}

function hostOf(url: string): URL | undefined {
  return URL.canParse(url) ? new URL(url) : undefined
}

function readCookie(header: string | undefined): string | undefined {
  for (const part of header?.split(';') ?? []) {
    const [name, value] = part.trim().split('=', 2)
    if (name === cookieName && value !== undefined && value !== '') return value
  }
  return undefined
}

/**
 * The name that a caller gives: one line of at most 60 letters, without brackets and what cannot be seen. Nobody checks it, so it
 * never stands alone. Undefined where none is given, or nothing of it is left.
 */
function readName(given: string | string[] | undefined): string | undefined {
  if (typeof given !== 'string') return undefined
  let text = given
  try {
    text = decodeURIComponent(given)
  } catch {
    // Not in escapes, so it is taken as it came.
  }
  const line = text
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Z}()]+/gu, ' ')
    .trim()
  const name = Array.from(line).slice(0, mostLetters).join('').trim()
  return name === '' ? undefined : name
}

/** Compares in a time that does not depend on where the texts differ. */
function sameText(a: string, b: string): boolean {
  const digest = (text: string): Buffer => createHash('sha256').update(text).digest()
  return timingSafeEqual(digest(a), digest(b))
}
