import { access, constants, stat } from 'node:fs/promises'
import { basename, dirname, extname, resolve } from 'node:path'
import { FoveaError, walkFiles, type WalkedFile, type WalkProblem } from '#base'
import type { SourceTree } from './types.ts'

/** Single files that describe images lying around them; the folder of any other file is not walked. */
const annotationExtensions = new Set([
  '.json',
  '.jsonl',
  '.ndjson',
  '.csv',
  '.tsv',
  '.parquet',
  '.xml',
  '.yaml',
  '.yml',
  '.txt',
  '.data',
])

interface TreeOptions {
  signal: AbortSignal
  /** Entries of the folder that had to be left out: unreadable folders, dead and circular links. */
  onProblem: (problem: WalkProblem) => void
}

/**
 * Walks what an import points at, once, for all readers. A folder gives every file below it; an annotation file gives the
 * folder it lies in; any other single file gives itself alone.
 * Throws SOURCE_NOT_FOUND when nothing is there, SOURCE_UNREADABLE when it may not be read or is no file or folder, CANCELLED.
 */
export async function createSourceTree(path: string, { signal, onProblem }: TreeOptions): Promise<SourceTree> {
  const full = resolve(path)
  const facts = await stat(full).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') {
      throw new FoveaError(
        'SOURCE_NOT_FOUND',
        `Expected a folder, annotation file, manifest or zip at ${full}, found nothing there.`,
        {
          hint: 'Check the path; a relative one counts from the folder the command is run in.',
          cause: error,
        },
      )
    }
    throw unreadable(full, error.message, error)
  })
  if (!facts.isDirectory() && !facts.isFile()) throw unreadable(full, 'it is neither a file nor a folder')
  await access(full, facts.isDirectory() ? constants.R_OK | constants.X_OK : constants.R_OK).catch((error: Error) => {
    throw unreadable(full, error.message, error)
  })
  if (facts.isDirectory()) return treeOf(full, null, await walkFiles(full, { signal, onProblem }))
  const root = dirname(full)
  if (!annotationExtensions.has(extname(full).toLowerCase())) {
    return treeOf(root, full, [{ path: full, relative: basename(full) }])
  }
  // What else lies in the folder of a single file is not the user's concern, so its problems are not theirs either.
  return treeOf(root, full, await walkFiles(root, { signal }))
}

function treeOf(root: string, file: string | null, files: readonly WalkedFile[]): SourceTree {
  return { root, file, files, byRelative: new Map(files.map((found) => [found.relative, found])) }
}

function unreadable(path: string, why: string, cause?: unknown): FoveaError {
  return new FoveaError('SOURCE_UNREADABLE', `Expected a readable file or folder at ${path}, but ${why}.`, {
    hint: 'Check the permissions of the path for the user fovea runs as.',
    cause,
  })
}
