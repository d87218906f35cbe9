import { quoteText } from '../shell/view.ts'

export interface Folder {
  path: string
  depth: number
  count: number
}

/** Every ending of a folder's path that begins after a slash. Globs match there too, so a folder of such a path is not alone. */
export function endingsOf(folders: readonly Folder[]): ReadonlySet<string> {
  const found = new Set<string>()
  for (const { path } of folders) {
    for (let at = path.indexOf('/'); at >= 0; at = path.indexOf('/', at + 1)) found.add(path.slice(at + 1))
  }
  return found
}

/**
 * The condition for everything below a folder: a glob, or, where a glob would find more, as globs match behind any slash, the
 * span of its paths (`0` is what follows `/` in order).
 */
export function folderCondition(path: string, endings: ReadonlySet<string>): string {
  if (!/[*?]/.test(path) && !endings.has(path)) return `path ~ ${quoteText(`${path}/**`)}`
  return `(path >= ${quoteText(`${path}/`)} and path < ${quoteText(`${path}0`)})`
}

/** The folders that can be seen when some are open: those whose every parent is. The root is left out. */
export function visibleFolders(folders: readonly Folder[], open: ReadonlySet<string>): Folder[] {
  const out: Folder[] = []
  // Folders come in the order of the tree, so what is below a closed one follows it.
  let closedDepth = Infinity
  for (const folder of folders) {
    if (folder.depth === 0) continue
    if (folder.depth > closedDepth) continue
    out.push(folder)
    closedDepth = open.has(folder.path) ? Infinity : folder.depth
  }
  return out
}
