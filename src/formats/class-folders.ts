import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { folderNameFor } from './export-paths.ts'
import { readLines } from './layout.ts'
import type { SourceTree } from './types.ts'

/** List beside the folders of an export: one line a class, `folder<TAB>class` as JSON text when the two differ, else the name. */
const classFoldersFile = 'class-folders.txt'

export interface ClassFolders {
  /** The folder of a class; always the same, and no other class gets it. */
  folderOf(className: string): string
  /** Writes the list into the export. */
  save(folder: string): Promise<void>
}

/** Gives every class a folder. `reserved` says which names mean something else in the layout. */
export function createClassFolders(reserved: (name: string) => boolean): ClassFolders {
  const folders = new Map<string, string>()
  const taken = new Set<string>()
  return {
    folderOf(className) {
      const known = folders.get(className)
      if (known !== undefined) return known
      const base = folderNameFor(className)
      let free = base
      for (let n = 2; taken.has(free.toLowerCase()) || reserved(free); n++) free = `${base}-${n}`
      taken.add(free.toLowerCase())
      folders.set(className, free)
      return free
    },
    async save(folder) {
      const lines = [...folders].map(([name, where]) => (name === where ? name : `${where}\t${JSON.stringify(name)}`))
      await writeFile(join(folder, classFoldersFile), lines.map((line) => `${line}\n`).join(''))
    },
  }
}

/** The list of an earlier export: class by folder name; null when there is none at the root. */
export async function readClassFolders(tree: SourceTree): Promise<Map<string, string> | null> {
  const file = tree.byRelative.get(classFoldersFile)
  if (!file) return null
  const classes = new Map<string, string>()
  for (const line of await readLines(file.path).catch(() => [])) {
    const [folder, name] = line.split('\t')
    classes.set(folder!, name === undefined ? folder! : parseName(name))
  }
  return classes
}

function parseName(text: string): string {
  try {
    const name: unknown = JSON.parse(text)
    return typeof name === 'string' ? name : text
  } catch {
    return text
  }
}
