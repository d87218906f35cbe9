import type { Chosen } from './upload.ts'

/** Files that no import wants: hidden ones and what systems leave in folders. */
export const isWanted = (path: string): boolean =>
  path.split('/').every((part) => !part.startsWith('.') && part !== '__MACOSX') &&
  !/(^|\/)(Thumbs\.db|desktop\.ini|Icon\r)$/i.test(path)

/** The folder that all files lie in; null when there is none, or no file. */
function sharedFolder(paths: readonly string[]): string | null {
  const [top, ...rest] = paths[0]?.split('/') ?? []
  return top !== undefined && rest.length > 0 && paths.every((path) => path.startsWith(`${top}/`)) ? top : null
}

/** A name for the dataset: the folder they share, else the only file without its ending. */
export function nameOf(paths: readonly string[]): string {
  const [only] = paths
  const name = sharedFolder(paths) ?? (paths.length === 1 ? only!.replace(/\.[^.]+$/, '') : 'dataset')
  const clean = name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '')
  return clean.slice(0, 100) || 'dataset'
}

/** What of an upload is imported, by its path in it: the folder its files share, an archive or a manifest that came alone, else all of it (''). */
export function targetOf(paths: readonly string[]): string {
  const [only] = paths
  if (paths.length === 1 && /\.(zip|json|jsonl|ndjson|csv|tsv|parquet|ya?ml)$/i.test(only!)) return only!
  return sharedFolder(paths) ?? ''
}

/** What an input of files or folders holds. */
export function listFiles(files: FileList): Chosen[] {
  return [...files]
    .map((file) => ({ file, path: file.webkitRelativePath === '' ? file.name : file.webkitRelativePath }))
    .filter(({ path }) => isWanted(path))
}

/** Every file that was dropped, those in folders too. The transfer must be read at once, while the event lasts. */
export function listDropped(transfer: DataTransfer): Promise<Chosen[]> {
  const entries = [...transfer.items].flatMap((item) => item.webkitGetAsEntry() ?? [])
  return Promise.all(entries.map(walk)).then((found) => found.flat())
}

async function walk(entry: FileSystemEntry): Promise<Chosen[]> {
  const path = entry.fullPath.replace(/^\//, '')
  if (!isWanted(path)) return []
  if (entry.isFile) {
    const file = await new Promise<File>((resolve, reject) => (entry as FileSystemFileEntry).file(resolve, reject))
    return [{ file, path }]
  }
  const reader = (entry as FileSystemDirectoryEntry).createReader()
  const found: Chosen[] = []
  // A reader hands out its entries in parts, and none at the end.
  for (;;) {
    const part = await new Promise<FileSystemEntry[]>((resolve, reject) => reader.readEntries(resolve, reject))
    if (part.length === 0) return found
    for (const one of part) found.push(...(await walk(one)))
  }
}
