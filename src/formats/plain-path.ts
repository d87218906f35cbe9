import { isImageFolderName, isSplitName, joinPath, partsOf } from './layout.ts'

/**
 * A sample's path without the leading folders that only say "images" or name a split, so that an export that puts its
 * own in front does not grow with every round: `images/train/line-3/a.jpg` → `line-3/a.jpg`.
 */
export function plainPathOf(path: string, split: string | null): string {
  const { folders, name } = partsOf(path)
  let first = 0
  while (
    first < folders.length &&
    (folders[first] === split || isSplitName(folders[first]!) || isImageFolderName(folders[first]!))
  )
    first++
  return joinPath(...folders.slice(first), name)
}
