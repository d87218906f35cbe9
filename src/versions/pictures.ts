import { constants } from 'node:fs'
import { access } from 'node:fs/promises'
import { FoveaError, throwIfAborted, type CallContext } from '#base'
import type { VersionPort } from '#catalog'
import type { MediaStore } from '#store'

/** Pictures that are copied at the same time. */
const atOnce = 4
/** Files that an error names. */
const named = 10

/**
 * Keeps the pictures of some files of samples among the objects; those that are there already are passed over. Answers how many were
 * copied. Throws SOURCE_UNREADABLE naming pictures that are gone or no longer what was imported, PATH_OUTSIDE for those that the one who asks may not read.
 */
export async function storePictures(
  { catalog, store }: { catalog: { versions: Pick<VersionPort, 'picturesIn'> }; store: MediaStore },
  files: readonly { file: string; rows: number }[],
  { signal, progress, mayReach }: Pick<CallContext, 'signal' | 'progress' | 'mayReach'>,
): Promise<number> {
  const total = files.reduce((sum, { rows }) => sum + rows, 0)
  let [done, copied] = [0, 0]
  const lost: string[] = []
  const outside: string[] = []
  for (const { file } of files) {
    const waiting = await catalog.versions.picturesIn(file)
    const work = async (): Promise<void> => {
      for (let picture = waiting.pop(); picture !== undefined; picture = waiting.pop()) {
        throwIfAborted(signal)
        const kept = await keepPicture(store, picture, { signal, mayReach })
        if (kept === 'copied') copied++
        if (kept === 'lost') lost.push(picture.sources[0] ?? '')
        if (kept === 'outside') outside.push(picture.sources[0] ?? '')
        done += picture.sources.length
        progress.report({ stage: 'pictures', done, total, unit: 'samples' })
      }
    }
    const workers = Array.from({ length: atOnce }, work)
    const failed = (await Promise.allSettled(workers)).find((one) => one.status === 'rejected')
    if (failed !== undefined) throw failed.reason
  }
  if (outside.length > 0)
    throw new FoveaError(
      'PATH_OUTSIDE',
      `${outside.length} pictures lie outside the workspace folder and the import roots: ${nameSome(outside)}.`,
      { hint: 'Commit with the command line on the machine itself, or without pictures: media "reference".' },
    )
  if (lost.length === 0) return copied
  throw new FoveaError(
    'SOURCE_UNREADABLE',
    `${lost.length} pictures are gone or are no longer what was imported: ${nameSome(lost)}.`,
    {
      hint: 'Import the folder again, so that the dataset is what lies on disk, or remove these samples; or keep the version without pictures: --media reference.',
      details: { pictures: lost.length, files: lost.toSorted().slice(0, named) },
    },
  )
}

const nameSome = (files: readonly string[]): string =>
  `${files.toSorted().slice(0, named).join(', ')}${files.length > named ? ', …' : ''}`

async function keepPicture(
  store: MediaStore,
  { md5, sources }: { md5: string; sources: readonly string[] },
  { signal, mayReach }: Pick<CallContext, 'signal' | 'mayReach'>,
): Promise<'copied' | 'there' | 'lost' | 'outside'> {
  if (await store.has(md5)) return 'there'
  let found: 'lost' | 'outside' = 'lost'
  for (const source of sources) {
    if (mayReach !== undefined && !(await mayReach(source))) {
      found = 'outside'
      continue
    }
    try {
      return (await store.put(source, md5, signal)) ? 'copied' : 'there'
    } catch (error) {
      if (!(await isFaultOf(source, error))) throw error
    }
  }
  return found
}

/** Whether an error means that the file cannot be had, and not that the disk takes no more. */
async function isFaultOf(source: string, error: unknown): Promise<boolean> {
  if (error instanceof FoveaError) return error.code === 'SOURCE_UNREADABLE'
  if (['EISDIR', 'ENOTSUP'].includes((error as NodeJS.ErrnoException).code ?? '')) return true
  return access(source, constants.R_OK).then(
    () => false,
    () => true,
  )
}
