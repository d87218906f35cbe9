import { open, rm, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { VersionChanges } from '#contract'
import { FoveaError, throwIfAborted, type CallContext } from '#base'
import type { DatasetDifference, DatasetRef, StoredVersion } from '#catalog'
import type { CommitInput, CommitOutput, VersionDeps } from './deps.ts'
import { measureFile } from './open.ts'
import { storePictures } from './pictures.ts'
import { canonicalJson, summariseCommit, type Commit, type CommitFile, type NamedCommit } from './record.ts'
import { giveTag, refuseTakenTag } from './tags.ts'

/** A file of the version in the making, where it lies now. */
type FreshFile = CommitFile & { file: string }

/**
 * Makes a version of a dataset as it is at this moment. Nothing of it is seen before all of it is kept: a call that is cancelled or killed
 * leaves objects at most, which the next one takes. One call at a time.
 */
export async function commitDataset(
  deps: VersionDeps,
  dataset: DatasetRef,
  input: CommitInput,
  context: CallContext,
): Promise<CommitOutput> {
  const { catalog, commits, clock } = deps
  const refs = await commits.refs(dataset)
  const last = refs.versions.length === 0 ? undefined : await commits.read(dataset, refs.versions.at(-1)!)
  if (input.tag !== undefined) refuseTakenTag(dataset, refs, input.tag, undefined)
  const folder = await commits.makeRoom()
  try {
    const written = await catalog.versions.write(dataset, folder, context)
    const dictionary = join(folder, 'dictionary.json')
    await writeFile(dictionary, canonicalJson(written.dictionary))
    const files = await measureAll([...written.chunks, { table: 'dictionary', chunk: 0, rows: 1, file: dictionary }])
    const changes =
      last === undefined ? null : await compareWithLast(deps, dataset, last, { written, files }, input, context)
    if (last !== undefined && changes === 'none') {
      if (input.tag !== undefined) await giveTag(deps, dataset, last.id, input.tag, context.actor)
      const version = summariseCommit(await commits.read(dataset, last.id))
      return { created: false, version, stored: { pictures: 0, files: 0, bytes: 0 } }
    }

    const pictures =
      input.media === 'reference' ? 0 : await storePictures(deps, filesOfNewPictures(files, last), context)
    const stored = await storeFiles(deps, files, context)
    throwIfAborted(context.signal)
    const commit: Commit = {
      format: 1,
      dataset: dataset.name,
      parents: last === undefined ? [] : [last.id],
      at: new Date(clock.now()).toISOString(),
      actor: context.actor,
      message: input.message,
      change: written.change,
      media: input.media,
      samples: written.samples,
      labels: written.labels,
      changes: changes === 'none' ? noChanges : changes,
      files: files.map(({ file: _, ...kept }) => kept),
    }
    const id = await commits.write(commit)
    // From here on there is the version.
    await commits.saveRefs(dataset, { ...refs, versions: [...refs.versions, id] })
    if (input.tag !== undefined) await giveTag(deps, dataset, id, input.tag, context.actor)
    return {
      created: true,
      version: summariseCommit(await commits.read(dataset, id)),
      stored: { pictures, ...stored },
    }
  } finally {
    await rm(folder, { recursive: true, force: true })
  }
}

const noChanges: VersionChanges = {
  samples: { added: 0, removed: 0, changed: 0 },
  fields: [],
  labels: [],
  tags: [],
  dictionary: [],
}

async function measureAll(chunks: readonly Omit<FreshFile, 'bytes' | 'md5' | 'sha256'>[]): Promise<FreshFile[]> {
  const files: FreshFile[] = []
  for (const { table, chunk, rows, file } of chunks)
    files.push({ table, chunk, rows, file, ...(await measureFile(file)) })
  return files
}

/** What changed since the last version; `none` where another version would say the same. */
async function compareWithLast(
  { catalog, opener }: VersionDeps,
  dataset: DatasetRef,
  last: NamedCommit,
  {
    written,
    files,
  }: { written: Omit<StoredVersion, 'id' | 'label' | 'base' | 'at' | 'chunks'>; files: readonly FreshFile[] },
  { media }: CommitInput,
  context: CallContext,
): Promise<VersionChanges | 'none' | null> {
  // Pictures that are to be kept from now on make a version of their own.
  const isEnough = media === 'reference' || last.commit.media === 'store'
  const digests = (list: readonly CommitFile[]): string =>
    list.map(({ table, chunk, sha256 }) => `${table} ${chunk} ${sha256}`).join()
  if (digests(files) === digests(last.commit.files)) return isEnough ? 'none' : noChanges
  const fresh: StoredVersion = {
    id: '',
    label: '',
    base: dataset,
    at: '',
    change: written.change,
    samples: written.samples,
    labels: written.labels,
    dictionary: written.dictionary,
    chunks: files.flatMap(({ table, ...kept }) => (table === 'dictionary' ? [] : [{ table, ...kept }])),
  }
  try {
    const difference = await catalog.versions.compare(await opener.open(dataset, last), fresh, 0, context)
    return isSame(difference) && isEnough ? 'none' : tellChanges(difference)
  } catch (error) {
    if (!(error instanceof FoveaError) || error.code !== 'VERSION_DAMAGED') throw error
    // What is there now can be kept all the same.
    context.log.warn(`What changed since v${last.number} cannot be told: ${error.message}`)
    return null
  }
}

export function isSame({ samples, dictionary }: Pick<DatasetDifference, 'samples' | 'dictionary'>): boolean {
  return samples.added + samples.removed + samples.changed + dictionary.length === 0
}

export function tellChanges({ samples, fields, labels, tags, dictionary }: DatasetDifference): VersionChanges {
  return { samples, fields, labels, tags, dictionary }
}

/** Files of samples, but for those that the last version has too, with its pictures. */
function filesOfNewPictures(files: readonly FreshFile[], last: NamedCommit | undefined): FreshFile[] {
  const kept = new Set(last?.commit.media === 'store' ? last.commit.files.map(({ sha256 }) => sha256) : [])
  return files.filter(({ table, sha256 }) => table === 'samples' && !kept.has(sha256))
}

/** Puts the files among the objects, so that they outlast a loss of power; one that is there but damaged is replaced. */
async function storeFiles(
  { store, opener }: VersionDeps,
  files: readonly FreshFile[],
  { signal, progress }: CallContext,
): Promise<{ files: number; bytes: number }> {
  const stored = { files: 0, bytes: 0 }
  for (const [i, { file, md5, sha256, bytes }] of files.entries()) {
    throwIfAborted(signal)
    progress.report({ stage: 'keep', done: i, total: files.length, unit: 'files' })
    if ((await store.has(md5)) && !(await opener.isWhole({ md5, sha256 }))) await rm(store.pathOf(md5), { force: true })
    if (!(await store.put(file, md5, signal))) continue
    await syncFile(store.pathOf(md5))
    stored.files++
    stored.bytes += bytes
  }
  return stored
}

async function syncFile(path: string): Promise<void> {
  const handle = await open(path, 'r')
  try {
    await handle.sync()
  } finally {
    await handle.close()
  }
}
