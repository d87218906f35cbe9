import { stat } from 'node:fs/promises'
import { FoveaError, hashFile } from '#base'
import type { MediaStore } from './local.ts'

/** A picture as it was when a version was made of it. */
export interface RecordedPicture {
  /** Absolute path it was imported from. */
  source: string
  md5: string
  recorded: { bytes: number; modifiedMs: number }
}

/**
 * A file with exactly these bytes: the object, else the source as long as it is still what it was; that is told by its size and time, and by
 * its hash where only the time is another. Throws MEDIA_MISSING.
 */
export async function findRecorded(store: MediaStore, { source, md5, recorded }: RecordedPicture): Promise<string> {
  if (await store.has(md5)) return store.pathOf(md5)
  const facts = await stat(source).catch(() => undefined)
  if (facts?.isFile() === true && facts.size === recorded.bytes) {
    if (facts.mtimeMs === recorded.modifiedMs || (await hashFile(source, 'md5')) === md5) return source
  }
  throw new FoveaError(
    'MEDIA_MISSING',
    `The picture ${source} ${facts === undefined ? 'is gone' : 'is no longer the one'} that the version is of, and the workspace has no copy of it.`,
    { hint: 'Put the file back as it was. Versions that are committed without --media reference keep their pictures.' },
  )
}
