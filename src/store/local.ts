import { randomBytes } from 'node:crypto'
import { constants } from 'node:fs'
import { chmod, copyFile, mkdir, rename, rm } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { FoveaError, hashFile, pathExists } from '#base'

export interface MediaStore {
  /** Where the object lies, whether or not it exists. */
  pathOf(md5: string): string
  has(md5: string): Promise<boolean>
  /**
   * Copies a file in (a reflink where the file system can), read-only, and checks that the copy has the hash expected.
   * Throws SOURCE_UNREADABLE when the file changed since it was hashed. Answers whether the object was new.
   */
  put(file: string, md5: string, signal?: AbortSignal): Promise<boolean>
}

/** Content store in a local folder. Objects appear whole or not at all. */
export function createLocalStore({ folder }: { folder: string }): MediaStore {
  const pathOf = (md5: string): string => {
    if (!/^[0-9a-f]{32}$/.test(md5))
      throw new FoveaError('INPUT_INVALID', `An MD5 is 32 hex digits, got ${JSON.stringify(md5)}.`)
    return join(folder, 'files', 'md5', md5.slice(0, 2), md5.slice(2))
  }
  return {
    pathOf,
    has: (md5) => pathExists(pathOf(md5)),
    async put(file, md5, signal) {
      const target = pathOf(md5)
      if (await pathExists(target)) return false
      await mkdir(dirname(target), { recursive: true })
      const temporary = `${target}.${randomBytes(6).toString('hex')}.tmp`
      try {
        await copyFile(file, temporary, constants.COPYFILE_FICLONE)
        const copied = await hashFile(temporary, 'md5', signal)
        if (copied !== md5) {
          throw new FoveaError(
            'SOURCE_UNREADABLE',
            `${file} changed while it was being read: expected MD5 ${md5}, got ${copied}.`,
            {
              hint: 'Run the import again when nothing writes to the folder.',
            },
          )
        }
        await chmod(temporary, 0o444)
        await rename(temporary, target)
      } catch (error) {
        await rm(temporary, { force: true })
        throw error
      }
      return true
    },
  }
}
