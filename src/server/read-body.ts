import type { Readable } from 'node:stream'
import { FoveaError } from '#base'

/** Tensors begin where the widest of their types may: no copy is needed to read them. */
const alignment = 8

/**
 * Reads a body into one buffer of its own, of which the byte at `mark` lies at a multiple of 8. Throws TOO_LARGE beyond `maxBytes`, and
 * INPUT_INVALID for a body that ends before it has the length that was announced.
 */
export async function readBody(
  payload: Readable,
  { length, maxBytes, mark = 0 }: { length: number | undefined; maxBytes: number; mark?: number },
): Promise<Buffer> {
  if (length !== undefined && length > maxBytes) throw tooLarge(maxBytes)
  const before = (alignment - (mark % alignment)) % alignment
  let whole = Buffer.allocUnsafeSlow(before + (length ?? 65_536))
  let end = before
  for await (const chunk of payload as AsyncIterable<Buffer>) {
    if (end - before + chunk.length > maxBytes) throw tooLarge(maxBytes)
    if (end + chunk.length > whole.length) {
      const larger = Buffer.allocUnsafeSlow(Math.max(2 * whole.length, end + chunk.length))
      whole.copy(larger, 0, 0, end)
      whole = larger
    }
    chunk.copy(whole, end)
    end += chunk.length
  }
  if (length !== undefined && end - before !== length)
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected ${length} bytes of body, as Content-Length says, got ${end - before}.`,
      {
        hint: 'Send the request again.',
      },
    )
  return whole.subarray(before, end)
}

const tooLarge = (maxBytes: number): FoveaError =>
  new FoveaError('TOO_LARGE', `Expected a body of at most ${maxBytes} bytes, got a larger one.`, {
    hint: 'Send less at once, or raise serving.maxBodyBytes in .fovea/config.toml.',
  })
