import { copyFile, mkdir, open, readdir, stat } from 'node:fs/promises'
import { dirname, join, relative, sep } from 'node:path'
import { compareCodePoints, FoveaError, hashFile, walkFiles } from '#base'
import type { ModelFile, ModelVersion } from './types.ts'

/** The record beside a version's files, which is none of them. */
export const recordName = 'version.json'

/** What is written down of a version once and for all. */
export type VersionRecord = Omit<ModelVersion, 'folder' | 'stage' | 'aliases' | 'events'>

/** Copies the files of a folder but hidden ones and a record, and waits until they are on the disk. */
export async function copyModel(from: string, to: string): Promise<ModelFile[]> {
  const problems: string[] = []
  const found = await walkFiles(from, { onProblem: ({ path, what }) => problems.push(`${path}: ${what}`) })
  if (problems.length > 0)
    throw new FoveaError('MODEL_INVALID', `The folder ${from} cannot be read whole: ${problems.join('; ')}`)
  const files: ModelFile[] = []
  for (const { path, relative: name } of found) {
    if (name === recordName) continue
    const copy = join(to, name)
    await mkdir(dirname(copy), { recursive: true })
    await copyFile(path, copy)
    await sync(copy)
    files.push({ name, bytes: (await stat(copy)).size, sha256: await hashFile(copy, 'sha256') })
  }
  return files
}

/** Makes what is in a file or folder last through power loss; not every system opens folders. */
export async function sync(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined)
  try {
    await handle?.sync().catch(() => undefined)
  } finally {
    await handle?.close()
  }
}

/** Every fault of a version's files, in words; none when each is as it was registered. */
export async function findFaults({ folder, files }: Pick<ModelVersion, 'folder' | 'files'>): Promise<FileFault[]> {
  const faults: FileFault[] = []
  for (const { name, bytes, sha256 } of files) {
    const facts = await stat(join(folder, name)).catch(() => undefined)
    if (facts?.isFile() !== true) faults.push({ name, fault: 'is gone' })
    else if (facts.size !== bytes) faults.push({ name, fault: `has ${facts.size} bytes, not ${bytes}` })
    else if ((await hashFile(join(folder, name), 'sha256')) !== sha256)
      faults.push({ name, fault: 'has another SHA-256' })
  }
  const known = new Set([recordName, ...files.map((file) => file.name)])
  const entries = await readdir(folder, { recursive: true, withFileTypes: true }).catch(() => [])
  const extra = entries
    .filter((entry) => !entry.isDirectory())
    .map((entry) => relative(folder, join(entry.parentPath, entry.name)).split(sep).join('/'))
    .filter((name) => !known.has(name))
  for (const name of extra.toSorted(compareCodePoints)) faults.push({ name, fault: 'was not registered' })
  return faults
}

interface FileFault {
  name: string
  fault: string
}
