import { readdirSync, readFileSync } from 'node:fs'
import { extname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { gzipSync } from 'node:zlib'
import type { FastifyInstance } from 'fastify'

const contentTypes: Readonly<Record<string, string>> = {
  '.js': 'text/javascript; charset=utf-8',
  '.css': 'text/css; charset=utf-8',
  '.svg': 'image/svg+xml',
  '.woff2': 'font/woff2',
  '.json': 'application/json; charset=utf-8',
}

export interface WebFiles {
  /** The page itself; undefined when the web part was not built. */
  readonly page: string | undefined
  addRoutes(server: FastifyInstance): void
}

interface WebFile {
  type: string
  plain: Buffer
  gzip: Buffer
}

/** Where the build puts the page, seen from here. */
export const builtWebFolder = fileURLToPath(
  new URL(import.meta.url.endsWith('.ts') ? '../../dist/web/' : '../web/', import.meta.url),
)

/** The built page, read once. Its files carry a hash in their names, so browsers may keep them. */
export function readWebFiles(folder: string): WebFiles {
  const files = new Map<string, WebFile>()
  let page: string | undefined
  try {
    page = readFileSync(join(folder, 'index.html'), 'utf8')
    for (const name of readdirSync(join(folder, 'assets'))) {
      const plain = readFileSync(join(folder, 'assets', name))
      const type = contentTypes[extname(name)] ?? 'application/octet-stream'
      files.set(name, { type, plain, gzip: gzipSync(plain) })
    }
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
  return {
    page,
    addRoutes(server) {
      server.get<{ Params: { name: string } }>('/assets/:name', async (request, reply) => {
        const file = files.get(request.params.name)
        if (file === undefined) return reply.callNotFound()
        const zipped = /\bgzip\b/.test(request.headers['accept-encoding'] ?? '')
        if (zipped) void reply.header('content-encoding', 'gzip')
        return reply
          .type(file.type)
          .header('vary', 'accept-encoding')
          .header('cache-control', 'public, max-age=31536000, immutable')
          .send(zipped ? file.gzip : file.plain)
      })
    },
  }
}
