import { FoveaError } from '#base'
import {
  manifestName,
  parseManifest,
  parseSignature,
  signatureName,
  type BundleManifest,
  type BundleSignature,
} from './manifest.ts'

/** Bytes of a file of a bundle. Throws SOURCE_NOT_FOUND where there is none. */
export type ReadBundleFile = (name: string) => Promise<Uint8Array<ArrayBuffer>>

export interface SealedBundle {
  manifest: BundleManifest
  /** SHA-256 of the public key, in hex. */
  key: string
}

/**
 * Holds a bundle against its signature and every file against its digest. A signature says who made the bundle only where `key`, the
 * SHA-256 of a public key, is known beforehand; without it, it says that nothing was changed since. Runs wherever WebCrypto does.
 * Throws MODEL_INVALID that names the file, SOURCE_NOT_FOUND.
 */
export async function checkSeal(read: ReadBundleFile, key?: string): Promise<SealedBundle> {
  const bytes = await read(manifestName)
  const signature = parseSignature(decode(await read(signatureName)))
  const publicKey = fromBase64(signature.publicKey)
  const found = await digest(publicKey)
  if (key !== undefined && key !== found)
    throw new FoveaError('MODEL_INVALID', `Expected a bundle signed with the key ${key}, got one of ${found}.`, {
      hint: 'Get the bundle from who holds that key, or give the key of who made it.',
    })
  if (!(await isSignedBy(publicKey, signature, bytes)))
    throw new FoveaError(
      'MODEL_INVALID',
      `The signature does not belong to ${manifestName}: one of the two was changed.`,
      {
        hint: 'Get the bundle again from where it was made.',
      },
    )
  const manifest = parseManifest(decode(bytes))
  for (const { name, sha256 } of manifest.files)
    if ((await digest(await read(name))) !== sha256)
      throw new FoveaError('MODEL_INVALID', `${name} of the bundle is not what was signed (SHA-256 differs).`, {
        hint: 'Get the bundle again from where it was made.',
      })
  return { manifest, key: found }
}

async function isSignedBy(
  publicKey: Uint8Array<ArrayBuffer>,
  { signature }: BundleSignature,
  bytes: Uint8Array<ArrayBuffer>,
): Promise<boolean> {
  try {
    const key = await crypto.subtle.importKey('spki', publicKey, 'Ed25519', false, ['verify'])
    return await crypto.subtle.verify('Ed25519', key, fromBase64(signature), bytes)
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `The signature cannot be read (${(error as Error).message}).`, {
      hint: 'It takes a key for Ed25519, and a browser of 2025 or later.',
      cause: error,
    })
  }
}

/** SHA-256 in hex. */
async function digest(bytes: Uint8Array<ArrayBuffer>): Promise<string> {
  const hash = new Uint8Array(await crypto.subtle.digest('SHA-256', bytes))
  return Array.from(hash, (byte) => byte.toString(16).padStart(2, '0')).join('')
}

const decode = (bytes: Uint8Array): string => new TextDecoder().decode(bytes)

function fromBase64(text: string): Uint8Array<ArrayBuffer> {
  try {
    return Uint8Array.from(atob(text), (letter) => letter.codePointAt(0)!)
  } catch {
    throw new FoveaError('MODEL_INVALID', `Expected base64 in ${signatureName}.`, {
      hint: 'Get the bundle again from where it was made.',
    })
  }
}
