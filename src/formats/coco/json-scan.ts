/**
 * Walks JSON text as bytes without building values, so that files of hundreds of megabytes can be checked and taken apart
 * element by element. It accepts what RFC 8259 does, and beside it the words NaN, Infinity and -Infinity, which Python's
 * `json.dump` writes. Each function takes the place where something starts and answers the place behind it.
 */

/** A fault in JSON text: the byte where it stands and what was expected there. */
export class JsonFault extends Error {
  readonly offset: number

  constructor(offset: number, expected: string) {
    super(`expected ${expected}`)
    this.name = 'JsonFault'
    this.offset = offset
  }
}

const quote = 0x22
const backslash = 0x5c
const comma = 0x2c
const colon = 0x3a
const openList = 0x5b
const closeList = 0x5d
const openObject = 0x7b
const closeObject = 0x7d
const minus = 0x2d
const deepest = 500

export function isListAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === openList
}

export function isObjectAt(bytes: Uint8Array, at: number): boolean {
  return bytes[at] === openObject
}

/** First byte from `at` on that is no white space; a byte-order mark at the very start counts as white space. */
export function skipBlank(bytes: Uint8Array, at: number): number {
  if (at === 0 && bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf) at = 3
  for (;;) {
    const byte = bytes[at]
    if (byte !== 0x20 && byte !== 0x0a && byte !== 0x0d && byte !== 0x09) return at
    at++
  }
}

/** Throws {@link JsonFault}. Nesting deeper than 500 is a fault. */
export function skipValue(bytes: Uint8Array, at: number, depth = 0): number {
  const byte = bytes[at]
  if (byte === undefined) throw new JsonFault(at, 'a value, but the file ends')
  if (byte === openList) return skipList(bytes, at, depth)
  if (byte === openObject) return skipObject(bytes, at, depth)
  if (byte === quote) return skipString(bytes, at)
  if (byte === minus || isDigit(byte)) return skipNumber(bytes, at)
  for (const word of words) if (byte === word[0]) return skipWord(bytes, at, word)
  throw new JsonFault(at, 'a value')
}

function skipList(bytes: Uint8Array, at: number, depth: number): number {
  if (depth > deepest) throw new JsonFault(at, `lists nested at most ${deepest} deep`)
  at = skipBlank(bytes, at + 1)
  if (bytes[at] === closeList) return at + 1
  for (;;) {
    at = skipBlank(bytes, skipValue(bytes, at, depth + 1))
    if (bytes[at] === closeList) return at + 1
    at = skipComma(bytes, at, ']')
  }
}

/** Calls back with the place of each key's text and value; the value has been checked when it does. */
export function skipObject(
  bytes: Uint8Array,
  at: number,
  depth: number,
  onMember?: (keyStart: number, keyEnd: number, valueStart: number, valueEnd: number) => void,
): number {
  if (depth > deepest) throw new JsonFault(at, `objects nested at most ${deepest} deep`)
  at = skipBlank(bytes, at + 1)
  if (bytes[at] === closeObject) return at + 1
  for (;;) {
    const keyStart = at + 1
    const valueStart = skipKey(bytes, at)
    const keyEnd = keyEndBefore(bytes, valueStart)
    const valueEnd = skipValue(bytes, valueStart, depth + 1)
    onMember?.(keyStart, keyEnd, valueStart, valueEnd)
    at = skipBlank(bytes, valueEnd)
    if (bytes[at] === closeObject) return at + 1
    at = skipComma(bytes, at, '}')
  }
}

/** From the quote that opens a key to the first byte of its value. */
function skipKey(bytes: Uint8Array, at: number): number {
  if (bytes[at] !== quote) throw new JsonFault(at, 'a key in double quotes')
  at = skipBlank(bytes, skipString(bytes, at))
  if (bytes[at] !== colon) throw new JsonFault(at, '":" after the key')
  return skipBlank(bytes, at + 1)
}

function keyEndBefore(bytes: Uint8Array, valueStart: number): number {
  let at = valueStart - 1
  while (bytes[at] !== quote) at--
  return at
}

function skipComma(bytes: Uint8Array, at: number, close: string): number {
  if (bytes[at] !== comma)
    throw new JsonFault(at, at >= bytes.length ? `"," or "${close}", but the file ends` : `"," or "${close}"`)
  return skipBlank(bytes, at + 1)
}

function skipString(bytes: Uint8Array, at: number): number {
  const start = at++
  for (;;) {
    const byte = bytes[at]
    if (byte === quote) return at + 1
    if (byte === undefined) throw new JsonFault(start, 'a closing quote for this text')
    if (byte === backslash) at = skipEscape(bytes, at)
    else if (byte < 0x20) throw new JsonFault(at, 'no control character inside text')
    else at++
  }
}

const escapes = new Set(Buffer.from('"\\/bfnrt'))

function skipEscape(bytes: Uint8Array, at: number): number {
  const letter = bytes[at + 1]
  if (letter !== undefined && escapes.has(letter)) return at + 2
  if (letter === 0x75) {
    for (let i = 2; i < 6; i++) if (!isHexDigit(bytes[at + i])) throw new JsonFault(at, '\\u with four hex digits')
    return at + 6
  }
  throw new JsonFault(at, 'a known escape after "\\"')
}

function skipNumber(bytes: Uint8Array, at: number): number {
  if (bytes[at] === minus) {
    at++
    if (bytes[at] === 0x49) return skipWord(bytes, at, words[4]!)
  }
  if (bytes[at] === 0x30 && isDigit(bytes[at + 1])) throw new JsonFault(at, 'no zero before other digits')
  at = skipDigits(bytes, at)
  if (bytes[at] === 0x2e) at = skipDigits(bytes, at + 1)
  if (bytes[at] === 0x65 || bytes[at] === 0x45) {
    at++
    if (bytes[at] === 0x2b || bytes[at] === minus) at++
    at = skipDigits(bytes, at)
  }
  return at
}

function skipDigits(bytes: Uint8Array, at: number): number {
  if (!isDigit(bytes[at])) throw new JsonFault(at, 'a digit')
  do at++
  while (isDigit(bytes[at]))
  return at
}

function isDigit(byte: number | undefined): boolean {
  return byte !== undefined && byte >= 0x30 && byte <= 0x39
}

function isHexDigit(byte: number | undefined): boolean {
  return isDigit(byte) || (byte !== undefined && (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x66)
}

const words = ['true', 'false', 'null', 'NaN', 'Infinity'].map((word) => Buffer.from(word))

function skipWord(bytes: Uint8Array, at: number, word: Uint8Array): number {
  for (let i = 0; i < word.length; i++) if (bytes[at + i] !== word[i]) throw new JsonFault(at, 'a value')
  return at + word.length
}

/** Places of the members of the object that starts at `at`; the caller skips each value and hands back the place behind it. */
export function* walkMembers(
  bytes: Buffer,
  at: number,
): Generator<{ key: string; valueStart: number }, number, number> {
  at = skipBlank(bytes, at + 1)
  if (bytes[at] === closeObject) return at + 1
  for (;;) {
    const keyStart = at
    const valueStart = skipKey(bytes, at)
    const key = JSON.parse(bytes.toString('utf8', keyStart, keyEndBefore(bytes, valueStart) + 1)) as string
    at = skipBlank(bytes, yield { key, valueStart })
    if (bytes[at] === closeObject) return at + 1
    at = skipComma(bytes, at, '}')
  }
}

/** Places of the elements of the list that starts at `at`; the caller skips each one and hands back the place behind it. */
export function* walkElements(bytes: Uint8Array, at: number): Generator<number, number, number> {
  at = skipBlank(bytes, at + 1)
  if (bytes[at] === closeList) return at + 1
  for (;;) {
    at = skipBlank(bytes, yield at)
    if (bytes[at] === closeList) return at + 1
    at = skipComma(bytes, at, ']')
  }
}

/** The value between two places that were scanned. NaN and infinities become null, which no check takes for a number. */
export function parseSpan(bytes: Buffer, start: number, end: number): unknown {
  const text = bytes.toString('utf8', start, end)
  try {
    return JSON.parse(text)
  } catch {
    return JSON.parse(
      text.replace(/"(?:[^"\\]|\\.)*"|-?(?:NaN|Infinity)/g, (found) => (found.startsWith('"') ? found : 'null')),
    )
  }
}

/** Line and column, both from 1; the column counts characters. */
export function positionOf(bytes: Buffer, offset: number): { line: number; column: number } {
  const end = Math.min(offset, bytes.length)
  let line = 1
  let lineStart = 0
  for (let at = bytes.indexOf(0x0a); at !== -1 && at < end; at = bytes.indexOf(0x0a, at + 1)) {
    line++
    lineStart = at + 1
  }
  // A single line of hundreds of megabytes makes no text: its bytes are counted.
  const column = end - lineStart > 1e8 ? end - lineStart : bytes.toString('utf8', lineStart, end).length
  return { line, column: column + 1 }
}
