import { createHash } from 'node:crypto'
import { createReadStream } from 'node:fs'
import { pipeline } from 'node:stream/promises'

/** Digest of a file, in hex, read piece by piece. Throws what reading it throws, and AbortError when the signal says so. */
export async function hashFile(path: string, algorithm: 'md5' | 'sha256', signal?: AbortSignal): Promise<string> {
  const hash = createHash(algorithm)
  await pipeline(createReadStream(path), hash, { signal })
  return hash.digest('hex')
}
