import { createHash } from 'node:crypto'
import { mkdir, mkdtemp, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises'
import { basename, dirname, join, resolve } from 'node:path'
import { makeBundle as spec } from '#contract'
import { compareCodePoints, FoveaError, implement, readStorageFault, throwIfAborted, type Operation } from '#base'
import type { ModelVersion, TaskModel } from '#models'
import type { ReleaseDeps } from '../deps.ts'
import { readGolden } from '../golden/store.ts'
import { bundleFormat, manifestName, signatureName, type BundleManifest } from './manifest.ts'
import { describeBundle } from './read-me.ts'
import { openSigner } from './signer.ts'
import { builtRuntime, readTargetFiles, type BundleFile } from './target-files.ts'
import { recordTensors } from './tensors.ts'

/** How far answers may differ elsewhere: another processor, another decoder of JPEG. */
const tolerance = { score: 0.02, iou: 0.9 }

/** Handler of bundle.make. The folder appears whole or not at all, and the same version makes the same bytes. */
export function createMakeBundle({
  registry,
  openModel,
  signingKey,
  madeBy,
  runtime = builtRuntime,
}: Pick<ReleaseDeps, 'registry' | 'openModel' | 'signingKey' | 'madeBy'> & { runtime?: string }): Operation {
  return implement(spec, async ({ model, target, to }, { signal, progress }) => {
    const models = await registry()
    const version = await models.load(model)
    const reference = `${version.model}:${version.version}`
    const golden = await readGolden(models, reference)
    if (golden.length === 0)
      throw new FoveaError('MODEL_INVALID', `${reference} has no golden pictures, by which a bundle is tried out.`, {
        hint: `Record some: fovea golden ${reference}`,
      })
    const folder = resolve(to)
    await refuseTaken(folder)
    const signer = await openSigner(signingKey)
    progress.report({ stage: 'gather', done: 0, total: 3, unit: 'steps' })
    const files: BundleFile[] = [
      ...(await readVersion(version)),
      ...(await readTargetFiles(target, reference, runtime)),
      ...golden.map(({ file, bytes }) => ({ name: `golden/${file}`, bytes })),
    ]
    throwIfAborted(signal)
    progress.report({ stage: 'record', done: 1, total: 3, unit: 'steps' })
    const opened = await openModel(version.folder)
    let manifest: BundleManifest
    try {
      if (target === 'onnx') files.push(...(await recordTensors(opened, golden)))
      const about = aboutVersion(version, opened, golden)
      files.push({ name: 'README.md', bytes: Buffer.from(describeBundle({ ...about, target, key: signer.key })) })
      manifest = { format: bundleFormat, target, madeBy, ...about, files: listFiles(files) }
    } finally {
      await opened.close()
    }
    throwIfAborted(signal)
    progress.report({ stage: 'write', done: 2, total: 3, unit: 'steps' })
    const bytes = Buffer.from(`${JSON.stringify(manifest, null, 2)}\n`)
    const signature = `${JSON.stringify(signer.sign(bytes), null, 2)}\n`
    await writeWhole(folder, [
      ...files,
      { name: manifestName, bytes },
      { name: signatureName, bytes: Buffer.from(signature) },
    ])
    progress.report({ stage: 'write', done: 3, total: 3, unit: 'steps' })
    return {
      folder,
      model: reference,
      target,
      files: files.length,
      bytes: files.reduce((sum, file) => sum + file.bytes.length, 0),
      key: signer.key,
    }
  })
}

async function readVersion({ folder, files }: ModelVersion): Promise<BundleFile[]> {
  return Promise.all(files.map(async ({ name }) => ({ name, bytes: await readFile(join(folder, name)) })))
}

const aboutVersion = (
  { model, version, createdAt, metrics, run, data }: ModelVersion,
  { card, classes }: TaskModel,
  golden: Awaited<ReturnType<typeof readGolden>>,
): Omit<BundleManifest, 'format' | 'target' | 'madeBy' | 'files'> => ({
  model: `${model}:${version}`,
  createdAt,
  metrics,
  run,
  data,
  card,
  classes,
  golden: { tolerance, pictures: golden.map(({ file, answer }) => ({ file: `golden/${file}`, answer })) },
})

const listFiles = (files: readonly BundleFile[]): BundleManifest['files'] =>
  files
    .map(({ name, bytes }) => ({
      name,
      bytes: bytes.length,
      sha256: createHash('sha256').update(bytes).digest('hex'),
    }))
    .toSorted((one, other) => compareCodePoints(one.name, other.name))

async function refuseTaken(folder: string): Promise<void> {
  const entries = await readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return []
    throw taken(`${folder} is there already and is no folder`)
  })
  if (entries.length > 0) throw taken(`${folder} holds ${entries.length} entries`)
}

const taken = (what: string): FoveaError =>
  new FoveaError('TARGET_EXISTS', `Expected a new or empty folder for the bundle; ${what}.`, {
    hint: 'Give another folder.',
  })

/** Writes beside the folder and gives it its name last. */
async function writeWhole(folder: string, files: readonly BundleFile[]): Promise<void> {
  await mkdir(dirname(folder), { recursive: true })
  const beside = await mkdtemp(join(dirname(folder), `.${basename(folder)}-`))
  try {
    for (const { name, bytes } of files) {
      await mkdir(dirname(join(beside, name)), { recursive: true })
      await writeFile(join(beside, name), bytes)
    }
    await rm(folder, { recursive: true, force: true })
    await rename(beside, folder)
  } catch (error) {
    await rm(beside, { recursive: true, force: true })
    throw readStorageFault(error, folder) ?? error
  }
}
