import { stemOf } from './layout.ts'

export interface PathAllocator {
  /** A relative path no other call got, as near to the wished one as can be. */
  take(wished: string): string
}

/**
 * Hands out paths inside one export that differ in more than upper and lower case; with `stem`, in more than their
 * extension too, so that label files named after images keep apart.
 */
export function createPathAllocator(distinct: 'path' | 'stem'): PathAllocator {
  const taken = new Set<string>()
  return {
    take(wished) {
      const safe = safePath(wished)
      const stem = stemOf(safe)
      const extension = safe.slice(stem.length)
      const keyOf = (free: string): string =>
        (distinct === 'stem' ? free : free + extension).normalize('NFC').toLowerCase()
      let free = stem
      for (let n = 2; taken.has(keyOf(free)); n++) free = `${stem}-${n}`
      taken.add(keyOf(free))
      return free + extension
    },
  }
}

/** A relative path that stays inside its folder and fits on one line of a list. */
function safePath(path: string): string {
  const parts = path
    .replaceAll('\\', '/')
    .split('/')
    .filter((part) => part !== '' && part !== '.')
    .map((part) =>
      part === '..'
        ? '_'
        : part
            .replace(/[\p{Cc}\u2028\u2029]/gu, '_')
            .replace(/^\.+/, '_')
            .replace(/^\s+|\s+$/g, '_'),
    )
  return parts.length === 0 ? 'unnamed' : parts.join('/')
}

/** A folder name for a class or split: itself where a file system takes it, else with what it does not take replaced. */
export function folderNameFor(name: string): string {
  const safe = name
    .replace(/[\p{Cc}\u2028\u2029\\/:*?"<>|]/gu, '_')
    .replace(/^[\s.]+|[\s.]+$/g, '_')
    .slice(0, 100)
  return safe === '' ? '_' : safe
}
