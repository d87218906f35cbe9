import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { FoveaError, hashFile } from '#base'
import type { DatasetRef, StoredDictionary, StoredVersion } from '#catalog'
import type { MediaStore } from '#store'
import { idOf, type CommitFile, type NamedCommit } from './record.ts'
import { damaged } from './store.ts'

/** Opens versions for reading; each file is held against its SHA-256 the first time, and trusted then as objects never change. */
export interface VersionOpener {
  /** Throws VERSION_DAMAGED. */
  open(base: DatasetRef, named: NamedCommit): Promise<StoredVersion>
  /** Whether an object is there and has its SHA-256. */
  isWhole(file: Pick<CommitFile, 'md5' | 'sha256'>): Promise<boolean>
}

/** Files that are hashed at the same time. */
const atOnce = 4

export function createVersionOpener({ store }: { store: MediaStore }): VersionOpener {
  const whole = new Set<string>()
  const opened = new Map<string, Promise<StoredVersion>>()

  const check = async ({ md5, sha256 }: Pick<CommitFile, 'md5' | 'sha256'>): Promise<void> => {
    const key = `${md5} ${sha256}`
    if (whole.has(key)) return
    const path = store.pathOf(md5)
    const found = await hashFile(path, 'sha256').catch((error: NodeJS.ErrnoException) => {
      throw damaged(path, error.code === 'ENOENT' ? 'is gone' : `cannot be read (${error.message})`)
    })
    if (found !== sha256) throw damaged(path, `was changed: expected SHA-256 ${sha256}, got ${found}`)
    whole.add(key)
  }

  const load = async (base: DatasetRef, { id, number, commit }: NamedCommit): Promise<StoredVersion> => {
    const waiting = [...commit.files]
    const work = async (): Promise<void> => {
      for (let file = waiting.shift(); file !== undefined; file = waiting.shift()) await check(file)
    }
    await Promise.all(Array.from({ length: atOnce }, work))
    const dictionary = commit.files.find(({ table }) => table === 'dictionary')
    if (dictionary === undefined)
      throw new FoveaError('INTERNAL', `Expected a dictionary among the files of version ${id}, found none.`)
    return {
      id,
      label: `v${number}`,
      base,
      at: commit.at,
      change: commit.change,
      samples: commit.samples,
      labels: commit.labels,
      dictionary: JSON.parse(await readFile(store.pathOf(dictionary.md5), 'utf8')) as StoredDictionary,
      chunks: commit.files.flatMap(({ table, chunk, md5, sha256 }) =>
        table === 'dictionary' ? [] : [{ table, chunk, sha256, file: store.pathOf(md5) }],
      ),
    }
  }
  return {
    open(base, named) {
      const known = opened.get(named.id)
      if (known !== undefined) return known
      const loading = load(base, named)
      opened.set(named.id, loading)
      loading.catch(() => opened.delete(named.id))
      return loading
    },
    isWhole: (file) =>
      check(file).then(
        () => true,
        () => false,
      ),
  }
}

/** Both digests of a file that is small enough to be held, and its size. */
export async function measureFile(path: string): Promise<{ md5: string; sha256: string; bytes: number }> {
  const data = await readFile(path)
  return { md5: createHash('md5').update(data).digest('hex'), sha256: idOf(data), bytes: data.length }
}
