import { access } from 'node:fs/promises'
import { isAbsolute, resolve, sep } from 'node:path'
import { imagesOf, partsOf, resolveStated, samplePathOf } from './layout.ts'
import type { SourceTree } from './types.ts'

export type FoundImage = { file: string; path: string } | { file: null; why: string }

export interface ImageFinder {
  /**
   * The file an annotation names. `stated` may be bare, relative, absolute, written on Windows or on another machine.
   * Tried in turn: the path itself when absolute; below each of `folders` (absolute); then the one image of the tree whose
   * path ends most like it, where a folder named like `hint` (a split) decides between equals.
   */
  find(stated: string, folders: readonly string[], hint?: string): Promise<FoundImage>
}

/** Cost: one pass over the tree at the first image that lies nowhere it is stated, then O(folders + namesakes) an image. */
export function createImageFinder(tree: SourceTree): ImageFinder {
  const below = tree.root.endsWith(sep) ? tree.root : tree.root + sep
  let byName: Map<string, string[]> | null = null

  const exists = async (file: string): Promise<boolean> => {
    if (file.startsWith(below)) {
      const relative = file.slice(below.length)
      if (tree.byRelative.has(sep === '/' ? relative : relative.split(sep).join('/'))) return true
    }
    return access(file).then(
      () => true,
      () => false,
    )
  }
  const inTree = (file: string): boolean => file.startsWith(below) && tree.byRelative.has(samplePathOf(tree.root, file))

  const namesakes = (name: string): readonly string[] => {
    if (!byName) {
      byName = new Map()
      for (const { relative } of imagesOf(tree)) {
        const key = keyOf(partsOf(relative).name)
        const paths = byName.get(key)
        if (paths) paths.push(relative)
        else byName.set(key, [relative])
      }
    }
    return byName.get(keyOf(name)) ?? []
  }

  const found = (file: string): FoundImage => ({ file, path: samplePathOf(tree.root, file) })

  return {
    async find(stated, folders, hint) {
      if (isAbsolute(stated)) {
        if (await exists(resolve(stated))) return found(resolve(stated))
      } else {
        const candidates = folders.map((folder) => resolveStated(folder, stated))
        const known = candidates.find(inTree)
        if (known !== undefined) return found(known)
        // Outside the walked folder only what leads there by its own words is looked for.
        if (stated.replaceAll('\\', '/').split('/').includes('..')) {
          for (const candidate of candidates) if (await exists(candidate)) return found(candidate)
        }
      }
      const wanted = stated
        .replaceAll('\\', '/')
        .split('/')
        .filter((part) => part !== '' && part !== '.' && part !== '..')
      const best = bestOf(namesakes(wanted.at(-1) ?? ''), wanted, hint)
      if (best.length === 1) return found(tree.byRelative.get(best[0]!)!.path)
      if (best.length === 0) return { file: null, why: 'no file of this name lies below the folder' }
      return {
        file: null,
        why: `${best.length} files of this name lie below the folder (${best.slice(0, 3).join(', ')}${best.length > 3 ? ' …' : ''})`,
      }
    },
  }
}

function keyOf(name: string): string {
  return name.normalize('NFC').toLowerCase()
}

/** The paths that share the most folders with the wanted one, counted from the end; several when that does not decide. */
function bestOf(paths: readonly string[], wanted: readonly string[], hint: string | undefined): readonly string[] {
  if (paths.length < 2) return paths
  const scored = paths.map((path) => ({ path, score: scoreOf(path.split('/'), wanted, hint) }))
  const top = scored.reduce((best, one) => Math.max(best, one.score), 0)
  return scored.filter((one) => one.score === top).map((one) => one.path)
}

function scoreOf(parts: readonly string[], wanted: readonly string[], hint: string | undefined): number {
  let shared = 0
  while (
    shared < wanted.length &&
    shared < parts.length &&
    keyOf(parts.at(-1 - shared)!) === keyOf(wanted.at(-1 - shared)!)
  )
    shared++
  const exact = parts.at(-1) === wanted.at(-1) ? 0.25 : 0
  return shared + (hint !== undefined && parts.slice(0, -1).includes(hint) ? 0.5 : 0) + exact
}
