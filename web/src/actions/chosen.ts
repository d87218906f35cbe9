import type { Chosen } from './upload.ts'

/** Files that no import wants: hidden ones and what systems leave in folders. */
export const isWanted = (path: string): boolean =>
  path.split('/').every((part) => !part.startsWith('.') && part !== '__MACOSX') &&
  !/(^|\/)(Thumbs\.db|desktop\.ini)$/i.test(path)

/** A name for the dataset: the folder they share, else the only file without its ending. */
export function nameOf(paths: readonly string[]): string {
  const [first] = paths
  if (first === undefined) return 'dataset'
  const top = first.split('/')[0]!
  const isShared = first.includes('/') && paths.every((path) => path.startsWith(`${top}/`))
  const name = isShared ? top : paths.length === 1 ? top.replace(/\.[^.]+$/, '') : 'dataset'
  const clean = name.replaceAll(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '')
  return clean.slice(0, 100) || 'dataset'
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
