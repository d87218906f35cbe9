const key = 'fovea-name'
/** As much as the server keeps of a name, letters. */
export const longestName = 60

/** What the person before this browser is called, as they said; empty when they did not. */
export function readName(): string {
  try {
    return localStorage.getItem(key) ?? ''
  } catch {
    return ''
  }
}

/** Keeps a name in this browser; an empty one forgets it. */
export function keepName(name: string): void {
  const kept = name.trim()
  if (kept === '') localStorage.removeItem(key)
  else localStorage.setItem(key, kept)
}

/** What tells the server who asks: headers carry ASCII alone, so the name goes in percent escapes. */
export function nameHeaders(): Record<string, string> {
  const name = readName()
  // Half a letter cannot be escaped.
  const whole = Array.from(name.replaceAll(/\p{Cs}/gu, ''))
    .slice(0, longestName)
    .join('')
  return whole === '' ? {} : { 'x-fovea-name': encodeURIComponent(whole) }
}
