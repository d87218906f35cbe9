import { createHash, randomBytes, timingSafeEqual } from 'node:crypto'
import type { StoredKey } from './types.ts'

/** A key begins so, and is easy to find in what should not hold one. */
const prefix = 'fovea_'

/** 32 random bytes; what is kept of them is their salted SHA-256. */
export function makeKey(about: { label: string; ratePerMinute: number | null; createdAt: string }): {
  key: string
  stored: StoredKey
} {
  const key = `${prefix}${randomBytes(32).toString('base64url')}`
  const salt = randomBytes(16).toString('hex')
  return {
    key,
    stored: { id: `key_${randomBytes(4).toString('hex')}`, ...about, salt, hash: hashKey(salt, key).toString('hex') },
  }
}

export const looksLikeKey = (text: string): boolean => text.startsWith(prefix)

/** Whether a key is the one that was stored, in a time that does not depend on where they differ. */
export function isKey(stored: StoredKey, key: string): boolean {
  const expected = Buffer.from(stored.hash, 'hex')
  const actual = hashKey(stored.salt, key)
  return expected.length === actual.length && timingSafeEqual(expected, actual)
}

function hashKey(salt: string, key: string): Buffer {
  return createHash('sha256').update(Buffer.from(salt, 'hex')).update(key).digest()
}
