import { createHash, createPrivateKey, createPublicKey, generateKeyPairSync, sign, type KeyObject } from 'node:crypto'
import { mkdir, readFile } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FoveaError, pathExists, writeFileAtomic } from '#base'
import type { BundleSignature } from './manifest.ts'

export interface Signer {
  /** SHA-256 of the public key, in hex. */
  key: string
  sign(bytes: Uint8Array): BundleSignature
}

/** The key of a workspace for bundles: made when it is first asked for, readable by its owner only. Throws MODEL_INVALID. */
export async function openSigner(file: string): Promise<Signer> {
  const privateKey = await readKey(file)
  const publicKey = createPublicKey(privateKey).export({ type: 'spki', format: 'der' })
  return {
    key: createHash('sha256').update(publicKey).digest('hex'),
    sign: (bytes) => ({
      algorithm: 'Ed25519',
      publicKey: publicKey.toString('base64'),
      signature: sign(null, bytes, privateKey).toString('base64'),
    }),
  }
}

/** The public key of a workspace as bundles name it; undefined where nothing was signed yet. */
export async function findSigningKey(file: string): Promise<string | undefined> {
  return (await pathExists(file)) ? (await openSigner(file)).key : undefined
}

async function readKey(file: string): Promise<KeyObject> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw damaged(file, error)
  })
  if (text === undefined) return makeKey(file)
  try {
    const key = createPrivateKey(text)
    if (key.asymmetricKeyType === 'ed25519') return key
  } catch (error) {
    throw damaged(file, error)
  }
  throw damaged(file, undefined)
}

async function makeKey(file: string): Promise<KeyObject> {
  const { privateKey } = generateKeyPairSync('ed25519')
  await mkdir(dirname(file), { recursive: true, mode: 0o700 })
  await writeFileAtomic(file, privateKey.export({ type: 'pkcs8', format: 'pem' }), { mode: 0o600 })
  return privateKey
}

const damaged = (file: string, cause: unknown): FoveaError =>
  new FoveaError('MODEL_INVALID', `The key that bundles are signed with cannot be read in ${file}.`, {
    hint: 'Put it back from a copy, or move it away: the next bundle is then signed with a new key.',
    cause,
  })
