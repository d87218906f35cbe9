import { compareCodePoints } from '#base'
import type { Selection } from '../types.ts'
import { readFolders, readSelected, type Source } from './columns.ts'
import { countNames } from './joined-counts.ts'

export interface Folder {
  path: string
  depth: number
  count: number
}

/** Folders of a selection with counts of everything below, in path order. The root is the empty path. */
export async function readTree(source: Source, selection: Selection, depth: number): Promise<Folder[]> {
  const [{ places }, folders] = await Promise.all([readSelected(source, selection), readFolders(source)])
  const counts = new Map<string, number>([['', 0]])
  for (const { value: folder, count: n } of countNames(folders, places).values) {
    const parts = folder === '' ? [] : folder.split('/')
    for (let i = 0; i <= Math.min(parts.length, depth); i++) {
      const path = parts.slice(0, i).join('/')
      counts.set(path, (counts.get(path) ?? 0) + n)
    }
  }
  return [...counts]
    .map(([path, count]) => ({ path, depth: path === '' ? 0 : path.split('/').length, count }))
    .toSorted((a, b) => compareCodePoints(a.path.replaceAll('/', '\u0001'), b.path.replaceAll('/', '\u0001')))
}
