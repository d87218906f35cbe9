import { createHash } from 'node:crypto'

/** A number in [0, 1) that a request id always gets: the first 48 bits of its SHA-256. */
export function shareOf(requestId: string): number {
  return createHash('sha256').update(requestId).digest().readUIntBE(0, 6) / 2 ** 48
}
