import { createReadStream } from 'node:fs'
import { basename } from 'node:path'
import type { FastifyInstance, FastifyReply } from 'fastify'
import type { App } from '#app'

/** Types of what fovea imports. Anything else is sent as plain bytes, so that no browser runs it. */
const contentTypes: Readonly<Record<string, string>> = {
  jpeg: 'image/jpeg',
  png: 'image/png',
  webp: 'image/webp',
  tiff: 'image/tiff',
  gif: 'image/gif',
  bmp: 'image/bmp',
  avif: 'image/avif',
}

/** `/media/<sample>`: the original bytes. `/thumb/<sample>`: a small JPEG. With `?dataset=tiles@v3`, as that version has it. */
export function addMediaRoutes(server: FastifyInstance, app: App): void {
  server.get<{ Params: { sample: string }; Querystring: { dataset?: string } }>(
    '/media/:sample',
    async (request, reply) => {
      const media = await app.media.locate(request.params.sample, versionOf(request.query.dataset))
      const etag = media.unchanged ? `"${media.md5}"` : `W/"${media.bytes}-${Math.trunc(media.modifiedMs)}"`
      void reply
        .header('content-type', contentTypes[media.format] ?? 'application/octet-stream')
        .header('content-security-policy', "default-src 'none'; sandbox; frame-ancestors 'none'")
        .header('content-disposition', `inline; filename*=UTF-8''${encodeName(basename(media.file))}`)
        .header('cache-control', 'private, no-cache')
        .header('etag', etag)
        .header('accept-ranges', 'bytes')
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      const ifRange = request.headers['if-range']
      const range = ifRange === undefined || ifRange === etag ? request.headers.range : undefined
      return sendFile(reply, media.file, media.bytes, range)
    },
  )

  server.get<{ Params: { sample: string }; Querystring: { dataset?: string } }>(
    '/thumb/:sample',
    async (request, reply) => {
      const { file, md5 } = await app.media.thumbnail(request.params.sample, versionOf(request.query.dataset))
      const etag = `"${md5}-thumb"`
      void reply
        .header('content-type', 'image/jpeg')
        .header('cache-control', 'private, max-age=300')
        .header('etag', etag)
      if (matches(request.headers['if-none-match'], etag)) return reply.code(304).send()
      return reply.send(createReadStream(file))
    },
  )
}

/** Given twice, a parameter comes as a list. */
const versionOf = (dataset: unknown): string | undefined => (typeof dataset === 'string' ? dataset : undefined)

function matches(ifNoneMatch: string | undefined, etag: string): boolean {
  return (
    ifNoneMatch !== undefined && ifNoneMatch.split(',').some((given) => given.trim() === etag || given.trim() === '*')
  )
}

/** RFC 8187 encoding of a file name. */
export function encodeName(name: string): string {
  return encodeURIComponent(name).replace(/['()*]/g, (c) => `%${c.charCodeAt(0).toString(16).toUpperCase()}`)
}

/** Sends a file, or the one range asked for (RFC 9110, 14); several ranges are answered with the whole. */
export function sendFile(reply: FastifyReply, file: string, bytes: number, range: string | undefined): FastifyReply {
  const match = /^bytes=(\d*)-(\d*)$/.exec(range?.replaceAll(' ', '') ?? '')
  if (match === null || (match[1] === '' && match[2] === '')) {
    return reply.header('content-length', bytes).send(createReadStream(file))
  }
  const suffix = match[1] === ''
  const start = suffix ? Math.max(0, bytes - Number(match[2])) : Number(match[1])
  const end = suffix || match[2] === '' ? bytes - 1 : Math.min(bytes - 1, Number(match[2]))
  if (start > end) return reply.code(416).header('content-range', `bytes */${bytes}`).send()
  return reply
    .code(206)
    .header('content-range', `bytes ${start}-${end}/${bytes}`)
    .header('content-length', end - start + 1)
    .send(createReadStream(file, { start, end }))
}
