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

/** Keeps a name in this browser as the server would write it: one line, without brackets and what cannot be seen. Empty forgets it. */
export function keepName(given: string): void {
  const line = given
    .normalize('NFC')
    .replaceAll(/[\p{C}\p{Z}()]+/gu, ' ')
    .trim()
  const name = Array.from(line).slice(0, longestName).join('').trim()
  if (name === '') localStorage.removeItem(key)
  else localStorage.setItem(key, name)
}

/** What tells the server who asks: headers carry ASCII alone, so the name goes in percent escapes. */
export function nameHeaders(): Record<string, string> {
  const name = readName()
  return name === '' ? {} : { 'x-fovea-name': encodeURIComponent(name) }
}
