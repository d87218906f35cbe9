import { Readable } from 'node:stream'
import type { FastifyInstance } from 'fastify'
import { readUpload, removeUpload, uploadFolder, type App } from '#app'
import { FoveaError, pathExists, resolveInside } from '#base'
import { keepFile, tooLarge } from './upload-file.ts'

/** What of an upload is on the disk, and on its way there. */
interface Tally {
  files: number
  bytes: number
}

/**
 * `PUT /upload/<name>/<path>`: keeps the body as a file below `.fovea/imports/upload-<name>/`, for `dataset.import` of that folder.
 * The file appears when it is whole; one of the same path is replaced. `?modified=MS` says when the file was last changed where it
 * comes from, so that the import knows it again. Answers the folder, the path in it and the bytes.
 * `DELETE /upload/<name>` removes what will not be imported.
 */
export function addUploadRoutes(server: FastifyInstance, app: App): void {
  const { maxUploadBytes, maxUploadTotalBytes, maxUploadFiles } = app.config.limits
  const tallies = new Map<string, Promise<Tally>>()
  const tallyOf = async (folder: string): Promise<Tally> => {
    const known = await tallies.get(folder)
    // The folder goes when it was imported; another upload of its name begins at nothing.
    if (known !== undefined && (known.files === 0 || (await pathExists(folder)))) return known
    if (tallies.size >= mostTallies) tallies.clear()
    const read = readUpload(folder)
    tallies.set(folder, read)
    return read
  }
  // In a scope of its own, where bodies of any type are streams.
  void server.register(async (scope) => {
    scope.removeAllContentTypeParsers()
    scope.addContentTypeParser('*', (_request, payload, done) => done(null, payload))
    scope.put<{ Params: { name: string; '*': string }; Querystring: { modified?: string } }>(
      '/upload/:name/*',
      async (request, reply) => {
        const folder = uploadFolder(app.workspace, request.params.name)
        const path = checkPath(request.params['*'])
        const target = resolveInside(folder, path)
        const modifiedMs = readModified(request.query.modified)
        if (Number(request.headers['content-length'] ?? 0) > maxUploadBytes) throw tooLarge(path, maxUploadBytes)
        const tally = await tallyOf(folder)
        if (tally.files >= maxUploadFiles && !(await pathExists(target))) throw tooMany(maxUploadFiles)
        const kept = await keepFile(request.body instanceof Readable ? request.body : Readable.from([]), {
          target,
          path,
          imports: app.workspace.imports,
          modifiedMs,
          maxBytes: maxUploadBytes,
          reserve(bytes) {
            if (tally.bytes + bytes > maxUploadTotalBytes) throw tooMuch(maxUploadTotalBytes)
            tally.bytes += bytes
          },
        })
        tally.bytes -= kept.replacedBytes ?? 0
        if (kept.replacedBytes === null) tally.files++
        return reply.code(201).send({ folder, path, bytes: kept.bytes })
      },
    )
    scope.delete<{ Params: { name: string } }>('/upload/:name', async (request, reply) => {
      const { name } = request.params
      await removeUpload(app.workspace, name)
      tallies.delete(uploadFolder(app.workspace, name))
      return reply.code(204).send()
    })
  })
}

/** Uploads that are remembered; others are counted anew on the disk. */
const mostTallies = 1_000

const mostDeep = 64

/** Names that Windows takes for devices, whatever their ending. */
const device = /^(con|prn|aux|nul|com\d|lpt\d)(\.|$)/i

/** The path of a file inside of an upload, with forward slashes. Throws INPUT_INVALID. */
function checkPath(path: string): string {
  const parts = path.split('/')
  const isFit =
    parts.length <= mostDeep &&
    Buffer.byteLength(path) <= 2_048 &&
    parts.every(
      (part) =>
        part !== '' &&
        part !== '.' &&
        part !== '..' &&
        part.toLowerCase() !== '.fovea' &&
        !/[\\\p{Cc}]/u.test(part) &&
        !(process.platform === 'win32' && device.test(part)) &&
        Buffer.byteLength(part) <= 255,
    )
  if (isFit) return path
  throw new FoveaError(
    'INPUT_INVALID',
    `Expected the path of a file inside of the upload, with forward slashes, got ${JSON.stringify(path.slice(0, 200))}.`,
    { hint: 'Leave out "..", ".fovea", empty parts, backslashes and control characters.' },
  )
}

/** Latest moment that dates hold (ECMA-262). */
const latestMs = 8.64e15

function readModified(text: string | undefined): number | null {
  if (text === undefined) return null
  const ms = Number(text)
  if (/^\d+(\.\d+)?$/.test(text) && ms <= latestMs) return ms
  throw new FoveaError('INPUT_INVALID', `Expected modified in ms since 1970, got ${JSON.stringify(text.slice(0, 50))}.`)
}

const tooMany = (most: number): FoveaError =>
  new FoveaError('TOO_LARGE', `Expected at most ${most.toLocaleString('en')} files of one upload, got more.`, {
    hint: 'Raise limits.maxUploadFiles in .fovea/config.toml, send a zip, or import from where the files lie with: fovea import PATH',
  })

const tooMuch = (most: number): FoveaError =>
  new FoveaError('TOO_LARGE', `Expected at most ${most.toLocaleString('en')} bytes of one upload, got more.`, {
    hint: 'Raise limits.maxUploadTotalBytes in .fovea/config.toml, or import from where the files lie with: fovea import PATH',
  })
