import { randomBytes } from 'node:crypto'
import { constants, type Dirent } from 'node:fs'
import { access, mkdir, open, readdir, realpath, rename, rm, stat } from 'node:fs/promises'
import { dirname, isAbsolute, join, relative, resolve, sep } from 'node:path'
import { throwIfAborted } from './abort.ts'
import { FoveaError } from './errors.ts'

export async function pathExists(path: string): Promise<boolean> {
  return access(path, constants.F_OK).then(
    () => true,
    () => false,
  )
}

/** Orders text by Unicode code point, as POSIX tools and Python do (JavaScript's own sort is by UTF-16 unit). */
export function compareCodePoints(a: string, b: string): number {
  const length = Math.min(a.length, b.length)
  for (let i = 0; i < length; i++) {
    const x = a.charCodeAt(i)
    const y = b.charCodeAt(i)
    if (x === y) continue
    const xSurrogate = x >= 0xd800 && x <= 0xdfff
    const ySurrogate = y >= 0xd800 && y <= 0xdfff
    if (xSurrogate !== ySurrogate) return xSurrogate ? 1 : -1
    return x - y
  }
  return a.length - b.length
}

/**
 * Joins a relative path to a root, by its text alone: links on the way are not looked at.
 * Throws PATH_OUTSIDE when the result would leave the root.
 */
export function resolveInside(root: string, path: string): string {
  const full = resolve(root, path)
  const inside = relative(root, full)
  if (path.includes('\0') || inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) {
    throw new FoveaError('PATH_OUTSIDE', `Expected a path inside ${root}, got ${JSON.stringify(path)}.`, {
      hint: 'Use a path that stays below the folder it belongs to.',
    })
  }
  return full
}

/** Makes a rename in a folder last through power loss, where the system can (not every one opens folders). */
async function syncFolder(folder: string): Promise<void> {
  const handle = await open(folder, constants.O_RDONLY).catch(() => undefined)
  try {
    await handle?.sync().catch(() => undefined)
  } finally {
    await handle?.close()
  }
}

/** Writes a file so that readers see the old content or the new, never a part. Survives power loss. */
export async function writeFileAtomic(
  path: string,
  data: string | Uint8Array,
  { mode = 0o666 }: { mode?: number } = {},
): Promise<void> {
  await mkdir(dirname(path), { recursive: true })
  const temporary = `${path}.${randomBytes(6).toString('hex')}.tmp`
  try {
    const handle = await open(temporary, 'wx', mode)
    try {
      await handle.writeFile(data)
      await handle.sync()
    } finally {
      await handle.close()
    }
    await rename(temporary, path)
    await syncFolder(dirname(path))
  } catch (error) {
    await rm(temporary, { force: true })
    throw error
  }
}

export interface WalkedFile {
  /** Absolute path, through links as given. */
  path: string
  /** Path below the root, with forward slashes. */
  relative: string
}

export interface WalkProblem {
  path: string
  what: string
}

/**
 * All files below a folder, in code-point order of their relative paths, hidden entries (leading dot) left out.
 * Symbolic links are followed; a link back into a folder already being walked is reported and not followed.
 */
export async function walkFiles(
  root: string,
  options: { signal?: AbortSignal; onProblem?: (problem: WalkProblem) => void } = {},
): Promise<WalkedFile[]> {
  const files: WalkedFile[] = []
  const visit = async (folder: string, prefix: string, ancestors: ReadonlySet<string>): Promise<void> => {
    throwIfAborted(options.signal)
    let real: string
    let entries: Dirent[]
    try {
      real = await realpath(folder)
      entries = await readdir(folder, { withFileTypes: true })
    } catch (error) {
      options.onProblem?.({ path: folder, what: `The folder cannot be read (${(error as Error).message}).` })
      return
    }
    if (ancestors.has(real)) {
      options.onProblem?.({ path: folder, what: 'The link leads back to a folder that contains it.' })
      return
    }
    const inside = new Set(ancestors).add(real)
    entries.sort((a, b) => compareCodePoints(a.name, b.name))
    for (const entry of entries) {
      if (entry.name.startsWith('.')) continue
      const path = join(folder, entry.name)
      const below = prefix === '' ? entry.name : `${prefix}/${entry.name}`
      let isFolder = entry.isDirectory()
      let isFile = entry.isFile()
      if (entry.isSymbolicLink()) {
        try {
          const target = await stat(path)
          isFolder = target.isDirectory()
          isFile = target.isFile()
        } catch {
          options.onProblem?.({ path, what: 'The link leads nowhere, or round in a circle.' })
          continue
        }
      }
      if (isFolder) await visit(path, below, inside)
      else if (isFile) files.push({ path, relative: below })
    }
  }
  await visit(root, '', new Set())
  files.sort((a, b) => compareCodePoints(a.relative, b.relative))
  return files
}
