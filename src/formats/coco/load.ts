import { constants } from 'node:buffer'
import { open } from 'node:fs/promises'
import { FoveaError, throwIfAborted } from '#base'
import { JsonFault, positionOf } from './json-scan.ts'

const chunkBytes = 64 * 1024 * 1024

/**
 * All bytes of a file, outside the JavaScript heap (`readFile` ends at 2 GiB).
 * Throws SOURCE_UNREADABLE, FORMAT_INVALID for a file larger than a buffer can be (4 GiB in Node 20), CANCELLED.
 */
export async function loadBytes(file: string, signal: AbortSignal): Promise<Buffer> {
  const handle = await open(file).catch((error: Error) => {
    throw new FoveaError('SOURCE_UNREADABLE', `Expected a readable annotation file at ${file}, but ${error.message}.`, {
      hint: 'Check that it still exists and may be read.',
      cause: error,
    })
  })
  try {
    const { size } = await handle.stat()
    if (size > constants.MAX_LENGTH) {
      throw new FoveaError(
        'FORMAT_INVALID',
        `Expected an annotation file of at most ${constants.MAX_LENGTH} bytes, ${file} has ${size}.`,
        {
          hint: 'Split it, one file for each part of the images.',
        },
      )
    }
    const bytes = Buffer.allocUnsafeSlow(size)
    let at = 0
    while (at < size) {
      throwIfAborted(signal)
      const { bytesRead } = await handle.read(bytes, at, Math.min(chunkBytes, size - at), at)
      if (bytesRead === 0) return bytes.subarray(0, at)
      at += bytesRead
    }
    return bytes
  } finally {
    await handle.close()
  }
}

/** First bytes of a file; none when it cannot be read. */
export async function loadStart(file: string, bytes: number): Promise<Buffer> {
  const handle = await open(file).catch(() => null)
  if (!handle) return Buffer.alloc(0)
  try {
    const start = Buffer.alloc(bytes)
    const { bytesRead } = await handle.read(start, 0, bytes, 0)
    return start.subarray(0, bytesRead)
  } catch {
    return Buffer.alloc(0)
  } finally {
    await handle.close()
  }
}

/** The error for a fault in JSON text: FORMAT_INVALID with line and column. Anything else comes back as it is. */
export function describeFault(fault: unknown, file: string, bytes: Buffer): unknown {
  if (!(fault instanceof JsonFault)) return fault
  const { line, column } = positionOf(bytes, fault.offset)
  return new FoveaError(
    'FORMAT_INVALID',
    `${file} is broken JSON at line ${line}, column ${column}: ${fault.message}.`,
    {
      hint:
        fault.offset >= bytes.length
          ? 'The file seems cut short: copy or export it again.'
          : 'Correct the file there, or export it again.',
      details: { file, line, column, offset: fault.offset },
    },
  )
}
