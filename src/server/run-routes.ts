import { stat } from 'node:fs/promises'
import { basename, extname } from 'node:path'
import type { FastifyInstance } from 'fastify'
import type { App } from '#app'
import { encodeName, sendFile } from './media-routes.ts'

/** Types that a browser shows without running anything; all else is sent as plain bytes. */
const contentTypes: Readonly<Record<string, string>> = {
  '.csv': 'text/plain; charset=utf-8',
  '.gif': 'image/gif',
  '.jpeg': 'image/jpeg',
  '.jpg': 'image/jpeg',
  '.json': 'application/json; charset=utf-8',
  '.jsonl': 'text/plain; charset=utf-8',
  '.log': 'text/plain; charset=utf-8',
  '.md': 'text/plain; charset=utf-8',
  '.png': 'image/png',
  '.toml': 'text/plain; charset=utf-8',
  '.txt': 'text/plain; charset=utf-8',
  '.webp': 'image/webp',
  '.yaml': 'text/plain; charset=utf-8',
}

/** `/runs/<run>/artefacts/<name>`: the bytes of a file that a run left; names may have slashes. */
export function addRunRoutes(server: FastifyInstance, app: App): void {
  server.get<{ Params: { run: string; '*': string } }>('/runs/:run/artefacts/*', async ({ params, headers }, reply) => {
    const file = await app.artefactFile(params.run, params['*'])
    const { size, mtimeMs } = await stat(file)
    const etag = `W/"${size}-${Math.trunc(mtimeMs)}"`
    void reply
      .header('content-type', contentTypes[extname(file).toLowerCase()] ?? 'application/octet-stream')
      .header('content-security-policy', "default-src 'none'; sandbox; frame-ancestors 'none'")
      .header('content-disposition', `inline; filename*=UTF-8''${encodeName(basename(file))}`)
      .header('cache-control', 'private, no-cache')
      .header('etag', etag)
      .header('accept-ranges', 'bytes')
    if (headers['if-none-match'] === etag) return reply.code(304).send()
    // A weak tag never matches If-Range (RFC 9110, 13.1.5).
    return sendFile(reply, file, size, headers['if-range'] === undefined ? headers.range : undefined)
  })
}
