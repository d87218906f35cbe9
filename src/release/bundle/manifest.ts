import { FoveaError } from '#base'
import type { BundleTarget } from '#contract'
import type { DataSelection, TaskCard } from '#models'
import type { GoldenAnswer, GoldenTolerance } from '../golden/answer.ts'

export const manifestName = 'bundle.json'
export const signatureName = 'signature.json'
export const bundleFormat = 'fovea-bundle/1'

/** `bundle.json`: what a bundle is made of. It is what the signature stands for, and it names the digest of everything else. */
export interface BundleManifest {
  format: typeof bundleFormat
  /** NAME:VERSION */
  model: string
  target: BundleTarget
  /** Program and version that wrote it. */
  madeBy: string
  /** When the version was registered, so that the same version makes the same bundle. */
  createdAt: string
  metrics: Readonly<Record<string, number>>
  run: string | null
  data: DataSelection | null
  /** The card with all that it leaves unsaid. */
  card: TaskCard
  /** Without the background. */
  classes: readonly string[]
  golden: {
    tolerance: GoldenTolerance
    pictures: readonly { file: string; answer: GoldenAnswer }[]
  }
  /** Every file but the manifest and the signature, by name. */
  files: readonly { name: string; bytes: number; sha256: string }[]
}

/** `signature.json`: Ed25519 (RFC 8032) over the bytes of the manifest. */
export interface BundleSignature {
  algorithm: 'Ed25519'
  /** SubjectPublicKeyInfo, base64. */
  publicKey: string
  signature: string
}

/** Throws MODEL_INVALID for what is no manifest of this format. */
export function parseManifest(text: string): BundleManifest {
  const manifest = parseObject(text, manifestName) as unknown as BundleManifest
  if (manifest.format === bundleFormat && Array.isArray(manifest.files)) return manifest
  throw new FoveaError(
    'MODEL_INVALID',
    `Expected a bundle of the format ${bundleFormat} in ${manifestName}, got ${JSON.stringify(manifest.format)}.`,
    { hint: 'Make it again with the program that is to read it.' },
  )
}

/** Throws MODEL_INVALID. */
export function parseSignature(text: string): BundleSignature {
  const { algorithm, publicKey, signature } = parseObject(text, signatureName)
  if (algorithm === 'Ed25519' && typeof publicKey === 'string' && typeof signature === 'string')
    return { algorithm, publicKey, signature }
  throw new FoveaError('MODEL_INVALID', `Expected a signature by Ed25519 in ${signatureName}.`, {
    hint: 'Get the bundle again from where it was made.',
  })
}

function parseObject(text: string, name: string): Record<string, unknown> {
  try {
    const data: unknown = JSON.parse(text)
    if (typeof data === 'object' && data !== null && !Array.isArray(data)) return data as Record<string, unknown>
  } catch {
    // Told below, like any other text that is no object.
  }
  throw new FoveaError('MODEL_INVALID', `${name} of the bundle is damaged: it holds no JSON object.`, {
    hint: 'Get the bundle again from where it was made.',
  })
}
