import { stat } from 'node:fs/promises'
import { join } from 'node:path'
import { FoveaError, parseSampleId } from '#base'
import type { MediaPool } from '#media'
import type { Config } from './config.ts'
import type { Workspace } from './workspace.ts'

/** What the catalogue knows of the bytes of a sample. */
export interface RecordedFile {
  /** Absolute path the sample was imported from. */
  source: string
  md5: string
  format: string
  bytes: number
  /** Of a version, which has exactly these bytes or none. */
  modifiedMs?: number
}

/** The bytes behind a sample, where they lie now. */
export interface MediaFile {
  file: string
  /** As recorded at import. */
  md5: string
  format: string
  bytes: number
  modifiedMs: number
  /** Whether the size is still the one recorded; the hash is not computed again. */
  unchanged: boolean
}

export interface SampleMedia {
  /** As it is now, or as the version named (tiles@v3) has it. Throws SAMPLE_NOT_FOUND, MEDIA_MISSING. */
  locate(sample: string, dataset?: string): Promise<MediaFile>
  /** Path of the JPEG thumbnail, made when the cache has none. Throws as `locate` does, and MEDIA_UNREADABLE. */
  thumbnail(sample: string, dataset?: string): Promise<{ file: string; md5: string }>
}

/** Finds the file of a sample: where it was imported from, else the copy in the workspace. */
export function createSampleMedia(deps: {
  workspace: Workspace
  config: Config
  pool: () => Promise<MediaPool>
  /** Throws SAMPLE_NOT_FOUND. */
  recorded: (sample: number, dataset?: string) => Promise<RecordedFile>
}): SampleMedia {
  const recorded = async (sample: string, dataset?: string): Promise<RecordedFile> =>
    deps.recorded(parseSampleId(sample), dataset)
  const findFile = async (
    sample: string,
    { source, md5, format, bytes, modifiedMs }: RecordedFile,
  ): Promise<MediaFile> => {
    if (modifiedMs !== undefined) {
      const { createLocalStore, findRecorded } = await import('#store')
      const store = createLocalStore({ folder: deps.workspace.objects })
      const file = await findRecorded(store, { source, md5, recorded: { bytes, modifiedMs } })
      return { file, md5, format, bytes, modifiedMs: (await stat(file)).mtimeMs, unchanged: true }
    }
    const copy = join(deps.workspace.objects, 'files', 'md5', md5.slice(0, 2), md5.slice(2))
    for (const file of [source, copy]) {
      const facts = await stat(file).catch(() => undefined)
      if (facts?.isFile())
        return { file, md5, format, bytes: facts.size, modifiedMs: facts.mtimeMs, unchanged: facts.size === bytes }
    }
    throw new FoveaError('MEDIA_MISSING', `The file of sample ${sample} is gone: expected it at ${source}.`, {
      hint: 'Put it back, or import the folder again from where it lies now.',
    })
  }

  return {
    locate: async (sample, dataset) => findFile(sample, await recorded(sample, dataset)),
    async thumbnail(sample, dataset) {
      const facts = await recorded(sample, dataset)
      const { thumbnailPath } = await import('#media')
      const file = thumbnailPath(deps.workspace.thumbnails, facts.md5)
      if (await exists(file)) return { file, md5: facts.md5 }
      const media = await findFile(sample, facts)
      const result = await (
        await deps.pool()
      ).examine({
        file: media.file,
        thumbnails: deps.workspace.thumbnails,
        limits: { maxPixels: deps.config.limits.maxPixels },
        masks: [],
      })
      if (!result.ok)
        throw new FoveaError('MEDIA_UNREADABLE', `${media.file}: ${result.problem.what}`, { hint: result.problem.fix })
      // A file that changed since the import has another hash, and its thumbnail another name.
      return { file: thumbnailPath(deps.workspace.thumbnails, result.facts.md5), md5: result.facts.md5 }
    },
  }
}

function exists(file: string): Promise<boolean> {
  return stat(file).then(
    (facts) => facts.isFile(),
    () => false,
  )
}
