import { constants } from 'node:fs'
import { copyFile, mkdir, symlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { FoveaError, resolveInside, readStorageFault } from '#base'
import type { ExportContext, ExportSample } from '#formats'

export interface MediaPlacer {
  place: ExportContext['placeMedia']
  /** Files put in place so far. */
  count(): number
}

/** Puts media into an export by copy (a reflink where the file system can) or by link to the original, or not at all. */
export function createMediaPlacer(folder: string, media: ExportContext['media']): MediaPlacer {
  let files = 0
  const made = new Set<string>()
  const place = async (sample: ExportSample, relative: string): Promise<string> => {
    if (media === 'none') return sample.file
    const target = resolveInside(folder, relative)
    const parent = dirname(target)
    if (!made.has(parent)) {
      await mkdir(parent, { recursive: true })
      made.add(parent)
    }
    try {
      if (media === 'copy') await copyFile(sample.file, target, constants.COPYFILE_FICLONE | constants.COPYFILE_EXCL)
      else await symlink(sample.file, target)
    } catch (error) {
      const storage = readStorageFault(error, target)
      if (storage?.code === 'STORAGE_FULL') throw storage
      throw new FoveaError(
        'MEDIA_UNREADABLE',
        `The media of sample ${sample.id} cannot be put into the export: ${(error as Error).message}.`,
        {
          hint: `See whether ${sample.file} still exists, or export labels only with --media none.`,
          cause: error,
        },
      )
    }
    files++
    return relative
  }
  return { place, count: () => files }
}
