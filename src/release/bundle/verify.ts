import { readdir, readFile } from 'node:fs/promises'
import { join, relative, resolve, sep } from 'node:path'
import { verifyBundle as spec } from '#contract'
import { FoveaError, implement, resolveInside, type Operation } from '#base'
import type { ReleaseDeps } from '../deps.ts'
import { manifestName, signatureName, type BundleManifest } from './manifest.ts'
import { checkSeal, type ReadBundleFile } from './seal.ts'
import { findSigningKey } from './signer.ts'
import { tryGolden } from './try-golden.ts'

/** Handler of bundle.verify: what a bundle of any target does by itself, done from outside. */
export function createVerifyBundle({
  openModel,
  signingKey,
}: Pick<ReleaseDeps, 'openModel' | 'signingKey'>): Operation {
  return implement(spec, async ({ folder: given, key }, { signal, progress }) => {
    const folder = resolve(given)
    const read = readFrom(folder)
    const { manifest, key: found } = await checkSeal(read, key)
    await refuseUnsigned(folder, manifest)
    progress.report({ stage: 'golden', done: 0, total: manifest.golden.pictures.length, unit: 'pictures' })
    const model = await openModel(folder)
    try {
      const golden = await tryGolden(model, manifest, read, signal)
      return {
        model: manifest.model,
        target: manifest.target,
        files: manifest.files.length,
        bytes: manifest.files.reduce((sum, { bytes }) => sum + bytes, 0),
        key: found,
        signedHere: (await findSigningKey(signingKey)) === found,
        golden,
      }
    } finally {
      await model.close()
    }
  })
}

const readFrom =
  (folder: string): ReadBundleFile =>
  async (name) => {
    try {
      return new Uint8Array(await readFile(resolveInside(folder, name)))
    } catch (error) {
      if (error instanceof FoveaError) throw error
      throw new FoveaError('SOURCE_NOT_FOUND', `${name} of the bundle cannot be read in ${folder}.`, {
        hint: name === manifestName ? 'Give a folder that fovea bundle made.' : 'Get the bundle again.',
        cause: error,
      })
    }
  }

/** A file that nobody signed for might be run or served all the same. What npm installed beside it is not the bundle's. */
async function refuseUnsigned(folder: string, { files }: BundleManifest): Promise<void> {
  const known = new Set([...files.map(({ name }) => name), manifestName, signatureName, 'package-lock.json'])
  const extra = (await listFiles(folder)).filter((name) => !known.has(name))
  if (extra.length > 0)
    throw new FoveaError(
      'MODEL_INVALID',
      `The bundle holds files that were not signed: ${extra.slice(0, 5).join(', ')}.`,
      {
        hint: 'Take them away, or get the bundle again.',
        details: { extra },
      },
    )
}

async function listFiles(folder: string): Promise<string[]> {
  const top = await readdir(folder, { withFileTypes: true })
  const deeper = await Promise.all(
    top
      .filter((entry) => entry.isDirectory() && entry.name !== 'node_modules')
      .map(({ name }) => readdir(join(folder, name), { withFileTypes: true, recursive: true })),
  )
  return [...top, ...deeper.flat()]
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
}
