/** `*` any run of characters, `?` one, `**` the same as `*` but across folders. Every other character is itself. */
interface GlobOptions {
  /** Whether `*` and `?` stop at slashes, as in paths. */
  folders: boolean
}

/**
 * A glob as a regular expression that RE2 and JavaScript (flag `s`) read alike. It matches the whole text, or what
 * follows any slash in it.
 */
export function globToRegex(pattern: string, { folders }: GlobOptions): string {
  const one = folders ? '[^/]' : '.'
  const body = pattern.replaceAll(/\*+\/?|\?|[^*?]+/g, (part) => {
    if (part === '?') return one
    if (!part.startsWith('*')) return escapeRegex(part)
    const slash = part.endsWith('/')
    const stars = part.length - (slash ? 1 : 0)
    if (stars === 1 || !folders) return `${one}*${slash ? '/' : ''}`
    return slash ? '(?:.*/)?' : '.*'
  })
  return `^(?:.*/)?${body}$`
}

/**
 * A LIKE pattern (escape character `\`) that every text the glob matches also matches, so that a cheap scan can rule out
 * most rows. `exact` says that the two mean the same, and no regular expression is needed.
 */
export function globToLike(pattern: string, { folders }: GlobOptions): { like: string; exact: boolean } {
  const body = pattern.replaceAll(/\*+\/?|\?|[^*?]+/g, (part) => {
    if (part === '?') return '_'
    if (!part.startsWith('*')) return part.replaceAll(/[\\%_]/g, String.raw`\$&`)
    // `**/` may stand for nothing at all.
    if (folders && /^\*\*+\/$/.test(part)) return '%'
    return part.endsWith('/') ? '%/' : '%'
  })
  const rest = pattern.replace(/^\*+/, '')
  const exact = pattern.startsWith('*') && !/[*?]/.test(folders ? rest : '') && (!folders || !rest.includes('/'))
  return { like: body.startsWith('%') ? body : `%${body}`, exact }
}

function escapeRegex(text: string): string {
  return text.replaceAll(/[\\^$.|?*+()[\]{}]/g, String.raw`\$&`)
}

/** Whether a name matches a glob, or what follows a slash in it does. Takes time in proportion to both lengths at most. */
export function matchesGlob(pattern: string, name: string): boolean {
  const letters = Array.from(name)
  const signs = Array.from(pattern)
  return (
    letters.some((letter, i) => letter === '/' && matchesFrom(signs, letters, i + 1)) || matchesFrom(signs, letters, 0)
  )
}

/** Greedy matching that goes back to the last star alone. */
function matchesFrom(signs: readonly string[], letters: readonly string[], start: number): boolean {
  let sign = 0
  let at = start
  let star = -1
  let resume = start
  while (at < letters.length) {
    if (signs[sign] === '*') {
      star = sign++
      resume = at
    } else if (signs[sign] === '?' || signs[sign] === letters[at]) {
      sign++
      at++
    } else if (star >= 0) {
      sign = star + 1
      at = ++resume
    } else return false
  }
  while (signs[sign] === '*') sign++
  return sign === signs.length
}
