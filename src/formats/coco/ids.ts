/** An id as maps hold it. Some tools write numbers as text: "12" and 12 are one id. */
export type IdKey = number | string

/** Undefined for what cannot be an id. */
export function idKeyOf(value: unknown): IdKey | undefined {
  if (typeof value === 'number') return Number.isFinite(value) ? value : undefined
  if (typeof value !== 'string') return undefined
  return /^(0|[1-9]\d{0,14})$/.test(value) ? Number(value) : value
}

/** The id in a span of JSON text, without building text for plain digits. */
export function idKeyAt(bytes: Buffer, start: number, end: number): IdKey | undefined {
  if (end - start > 15) return idKeyOf(parseSmall(bytes, start, end))
  let value = 0
  for (let at = start; at < end; at++) {
    const digit = bytes[at]! - 0x30
    if (digit < 0 || digit > 9) return idKeyOf(parseSmall(bytes, start, end))
    value = value * 10 + digit
  }
  return value
}

function parseSmall(bytes: Buffer, start: number, end: number): unknown {
  if (end - start > 10_000) return null
  try {
    return JSON.parse(bytes.toString('utf8', start, end))
  } catch {
    return null
  }
}
