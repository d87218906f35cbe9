import { writeFile, mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { folderNameFor } from './export-paths.ts'
import { readLines, stemOf } from './layout.ts'
import type { SourceTree } from './types.ts'

/** Folder of the lists: `splits/<split>.txt`, one image path a line. */
const folder = 'splits'

/** Split by image path, from the lists of an earlier export. */
export async function readSplitLists(tree: SourceTree): Promise<Map<string, string>> {
  const splits = new Map<string, string>()
  for (const { path, relative } of tree.files) {
    if (!relative.startsWith(`${folder}/`) || !relative.endsWith('.txt')) continue
    const name = stemOf(relative.slice(folder.length + 1))
    for (const line of await readLines(path).catch(() => [])) splits.set(line, name)
  }
  return splits
}

export interface SplitLists {
  add(split: string | null, path: string): void
  /** Writes a list for each split; answers how many files that made. */
  save(root: string): Promise<number>
}

export function createSplitLists(): SplitLists {
  const lists = new Map<string, string[]>()
  return {
    add(split, path) {
      if (split === null) return
      const list = lists.get(split) ?? []
      list.push(path)
      lists.set(split, list)
    },
    async save(root) {
      if (lists.size > 0) await mkdir(join(root, folder), { recursive: true })
      for (const [split, paths] of lists) {
        await writeFile(join(root, folder, `${folderNameFor(split)}.txt`), paths.map((path) => `${path}\n`).join(''))
      }
      return lists.size
    },
  }
}
