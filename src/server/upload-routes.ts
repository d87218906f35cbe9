import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { FastifyInstance } from 'fastify'
import { uploadFolder, type App } from '#app'
import { FoveaError, resolveInside } from '#base'

/**
 * `PUT /upload/<name>/<path>`: keeps the body as a file below `.fovea/imports/upload-<name>/`, for `dataset.import` of that folder.
 * The file appears when it is whole; one of the same path is replaced. Answers the folder, the path in it and the bytes.
 */
export function addUploadRoutes(server: FastifyInstance, app: App): void {
  const { maxUploadBytes } = app.config.limits
  // In a scope of its own, where bodies of any type are streams.
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.put<{ Params: { name: string; '*': string } }>('/upload/:name/*', async (request, reply) => {
      const folder = uploadFolder(app.workspace, request.params.name)
      const path = checkPath(request.params['*'])
      const target = resolveInside(folder, path)
      if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes) throw tooLarge(path, maxUploadBytes)
      const body = request.body instanceof Readable ? request.body : Readable.from([])
      const bytes = await keep(body, target, path, { folder, maxUploadBytes, imports: app.workspace.imports })
      return reply.code(201).send({ folder, path, bytes })
    })
  })
}

const mostDeep = 64

/** The path of a file inside of an upload, with forward slashes. Throws INPUT_INVALID. */
function checkPath(path: string): string {
  const parts = path.split('/')
  const isFit =
    parts.length <= mostDeep &&
    Buffer.byteLength(path) <= 2_048 &&
    parts.every(
      (part) =>
        part !== '' && part !== '.' && part !== '..' && !/[\\\p{Cc}]/u.test(part) && Buffer.byteLength(part) <= 255,
    )
  if (isFit) return path
  throw new FoveaError(
    'INPUT_INVALID',
    `Expected the path of a file inside of the upload, with forward slashes, got ${JSON.stringify(path.slice(0, 200))}.`,
    { hint: 'Leave out "..", empty parts, backslashes and control characters.' },
  )
}

async function keep(
  body: Readable,
  target: string,
  path: string,
  { folder, maxUploadBytes, imports }: { folder: string; maxUploadBytes: number; imports: string },
): Promise<number> {
  let bytes = 0
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      done(bytes > maxUploadBytes ? tooLarge(path, maxUploadBytes) : null, chunk)
    },
  })
  // Outside of the folder, so that an import never meets half a file.
  const temporary = join(imports, `.${randomBytes(8).toString('hex')}.part`)
  try {
    await mkdir(imports, { recursive: true })
    await pipeline(body, count, createWriteStream(temporary, { flags: 'wx' }))
    await mkdir(dirname(target), { recursive: true })
    await rename(temporary, target)
  } catch (error) {
    await rm(temporary, { force: true })
    throw translateWriteError(error, path, folder)
  }
  return bytes
}

function translateWriteError(error: unknown, path: string, folder: string): unknown {
  if (error instanceof FoveaError) return error
  const { code } = error as NodeJS.ErrnoException
  if (code === 'ERR_STREAM_PREMATURE_CLOSE' || code === 'ECONNRESET')
    return new FoveaError('CANCELLED', `The upload of ${path} ended before the file was whole.`, {
      hint: 'Send it again.',
    })
  if (code === 'ENOSPC' || code === 'EDQUOT')
    return new FoveaError('TOO_LARGE', `There is no room left on the disk of ${folder} for ${path}.`, {
      hint: 'Free some, or import from where the files lie with: fovea import PATH',
      cause: error,
    })
  if (code === 'ENOTDIR' || code === 'EEXIST' || code === 'EISDIR' || code === 'ENOTEMPTY' || code === 'ENAMETOOLONG')
    return new FoveaError('INPUT_INVALID', `${path} cannot be a file of this upload (${code}).`, {
      hint: 'A path cannot be a file and a folder at once.',
      cause: error,
    })
  return error
}

function tooLarge(path: string, most: number): FoveaError {
  return new FoveaError('TOO_LARGE', `Expected at most ${most.toLocaleString('en')} bytes of ${path}, got more.`, {
    hint: 'Raise limits.maxUploadBytes in .fovea/config.toml, or import it from where it lies with: fovea import PATH',
  })
}
