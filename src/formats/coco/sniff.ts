import { throwIfAborted, type WalkedFile } from '#base'
import { partsOf } from '../layout.ts'
import type { SourceTree } from '../types.ts'
import { isListAt, isObjectAt, JsonFault, skipBlank, skipValue, walkMembers } from './json-scan.ts'
import { loadStart } from './load.ts'

const sniffBytes = 64 * 1024
/** Trees with a JSON file beside every image are not this format: after so many that are not, the search ends. */
const triesMax = 500

const usualNames =
  /^(labels|result|_?annotations(\.coco)?|.*\.coco|(instances|person_keypoints|keypoints|captions|image_info|stuff|annotations)_.+|(train|val|valid|test).*)\.json$/i

/** The COCO files of a tree by what stands in them; for a single file, that one or none. Code-point order. */
export async function findCocoFiles(tree: SourceTree, signal?: AbortSignal): Promise<WalkedFile[]> {
  const jsons = tree.files.filter(
    ({ path, relative }) => relative.toLowerCase().endsWith('.json') && (tree.file === null || path === tree.file),
  )
  const usual = (file: WalkedFile): number => (usualNames.test(partsOf(file.relative).name) ? 0 : 1)
  const depth = (file: WalkedFile): number => partsOf(file.relative).folders.length
  const ordered = jsons.toSorted((a, b) => usual(a) - usual(b) || depth(a) - depth(b))
  const found = new Set<WalkedFile>()
  let others = 0
  for (const file of ordered) {
    throwIfAborted(signal)
    if (looksLikeCoco(await loadStart(file.path, sniffBytes), partsOf(file.relative).name)) found.add(file)
    else if (++others >= triesMax) break
  }
  return jsons.filter((file) => found.has(file))
}

/** Judges the start of a file by its keys: images with file names, annotations of images, or the three lists by name. */
function looksLikeCoco(start: Buffer, name: string): boolean {
  const lists = new Map<string, Set<string>>()
  let broken = false
  try {
    collectKeys(start, lists)
  } catch (fault) {
    if (!(fault instanceof JsonFault)) throw fault
    // A fault at the end only says that the sniffed start ends there.
    broken = fault.offset < start.length - 1
  }
  if (lists.get('images')?.has('file_name') || lists.get('annotations')?.has('image_id')) return true
  const known = ['images', 'annotations', 'categories'].filter((key) => lists.has(key)).length
  return known >= 2 || (broken && known >= 1 && usualNames.test(name))
}

/** Keys of the first element of each list at the top, noted before their values are looked at. */
function collectKeys(bytes: Buffer, lists: Map<string, Set<string>>): void {
  const start = skipBlank(bytes, 0)
  if (!isObjectAt(bytes, start)) return
  const members = walkMembers(bytes, start)
  for (let member = members.next(start); !member.done;) {
    const { key, valueStart } = member.value
    if (isListAt(bytes, valueStart)) {
      const keys = new Set<string>()
      lists.set(key, keys)
      const first = skipBlank(bytes, valueStart + 1)
      if (isObjectAt(bytes, first)) {
        const inner = walkMembers(bytes, first)
        for (let next = inner.next(first); !next.done;) {
          keys.add(next.value.key)
          next = inner.next(skipValue(bytes, next.value.valueStart, 2))
        }
      }
    }
    member = members.next(skipValue(bytes, valueStart, 1))
  }
}
