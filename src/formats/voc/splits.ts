import { partsOf, readLines, stemOf } from '../layout.ts'
import type { SourceTree } from '../types.ts'

/** Lists that gather others, or stand for "everything". */
const gathering = new Set(['trainval', 'trainvaltest', 'all', 'default'])

/**
 * Split of an image by the folder its devkit begins at and its name, from `ImageSets/Main/*.txt` and the other lists beside it.
 * Lists of single classes (`cat_train.txt`, with a second column) and `default` say nothing of splits; `trainval` counts only
 * for images that are in no narrower list.
 */
export async function readImageSets(tree: SourceTree): Promise<(top: string, id: string) => string | undefined> {
  const narrow = new Map<string, string>()
  const wide = new Map<string, string>()
  for (const { path, relative } of tree.files) {
    const { folders, name } = partsOf(relative)
    const at = folders.indexOf('ImageSets')
    if (at === -1 || !name.endsWith('.txt')) continue
    const lines = await readLines(path).catch(() => [])
    if (lines.every((line) => /\S\s+-?[01]\s*$/.test(line))) continue
    const split = stemOf(name)
    if (split === 'default') continue
    const into = gathering.has(split) ? wide : narrow
    const top = folders.slice(0, at).join('/')
    for (const line of lines) {
      const key = `${top}\n${line.trim()}`
      if (!into.has(key)) into.set(key, split)
    }
  }
  return (top, id) => narrow.get(`${top}\n${id}`) ?? wide.get(`${top}\n${id}`)
}
