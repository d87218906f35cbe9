import { randomBytes } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { mkdir, rename, rm, stat, utimes } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Transform, type Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { FoveaError } from '#base'

interface KeepOptions {
  /** Absolute path the file gets. */
  target: string
  /** The same as the sender calls it. */
  path: string
  /** Where the file lies while it is on its way. */
  imports: string
  /** When it was last changed, ms since 1970; null for now. */
  modifiedMs: number | null
  maxBytes: number
  /** Takes bytes before they are written, negative ones that did not stay. Throws where there is no room for them. */
  reserve: (bytes: number) => void
}

/**
 * Writes a body to a file that appears when it is whole. Answers its bytes, and those of the file it took the place of, null for none.
 * Throws TOO_LARGE, INPUT_INVALID for a path that cannot be a file, CANCELLED when the sender goes away; none leaves anything behind.
 */
export async function keepFile(
  body: Readable,
  { target, path, imports, modifiedMs, maxBytes, reserve }: KeepOptions,
): Promise<{ bytes: number; replacedBytes: number | null }> {
  let [bytes, reserved] = [0, 0]
  const count = new Transform({
    transform(chunk: Buffer, _encoding, done) {
      bytes += chunk.length
      try {
        if (bytes > maxBytes) throw tooLarge(path, maxBytes)
        reserve(chunk.length)
        reserved += chunk.length
        done(null, chunk)
      } catch (error) {
        done(error as Error)
      }
    },
  })
  // Outside of the folder, so that an import never meets half a file.
  const temporary = join(imports, `.${randomBytes(8).toString('hex')}.part`)
  try {
    await mkdir(imports, { recursive: true })
    await pipeline(body, count, createWriteStream(temporary, { flags: 'wx' }))
    if (modifiedMs !== null) await utimes(temporary, new Date(), new Date(modifiedMs))
    await mkdir(dirname(target), { recursive: true })
    const replaced = await stat(target).catch(() => null)
    await rename(temporary, target)
    return { bytes, replacedBytes: replaced?.size ?? null }
  } catch (error) {
    reserve(-reserved)
    await rm(temporary, { force: true })
    throw translateWriteError(error, path, imports)
  }
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

export function tooLarge(path: string, most: number): FoveaError {
  return new FoveaError('TOO_LARGE', `Expected at most ${most.toLocaleString('en')} bytes of ${path}, got more.`, {
    hint: 'Raise limits.maxUploadBytes in .fovea/config.toml, or import it from where it lies with: fovea import PATH',
  })
}
