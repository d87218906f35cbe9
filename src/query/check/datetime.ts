const pattern =
  /^(\d{4})-(\d{2})-(\d{2})(?:[Tt ](\d{2}):(\d{2})(?::(\d{2})(?:\.(\d{1,9}))?)?\s?([Zz]|[+-]\d{2}:?\d{2})?)?$/

/**
 * ISO 8601 date or date-time as DuckDB reads a UTC TIMESTAMP, to the microsecond; null for anything else.
 * A date is its midnight; without an offset the time is UTC.
 */
export function readDatetime(text: string): string | null {
  const match = pattern.exec(text.trim())
  if (match === null) return null
  const [year, month, day, hour, minute, second] = [1, 2, 3, 4, 5, 6].map((group) => Number(match[group] ?? 0)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ]
  const midnight = new Date(0)
  midnight.setUTCFullYear(year, month - 1, day)
  const exists =
    midnight.getUTCFullYear() === year && midnight.getUTCMonth() === month - 1 && midnight.getUTCDate() === day
  const offset = readOffset(match[8])
  if (!exists || year === 0 || hour > 23 || minute > 59 || second > 59 || offset === null) return null
  const moment = new Date(midnight.getTime() + ((hour * 60 + minute - offset) * 60 + second) * 1000)
  if (moment.getUTCFullYear() < 1 || moment.getUTCFullYear() > 9999) return null
  const micros = (match[7] ?? '').padEnd(6, '0').slice(0, 6)
  return `${moment.toISOString().slice(0, 19).replace('T', ' ')}.${micros}`
}

/** Minutes east of UTC; null for one that does not exist. */
function readOffset(text: string | undefined): number | null {
  if (text === undefined || text.toUpperCase() === 'Z') return 0
  const hours = Number(text.slice(1, 3))
  const minutes = Number(text.slice(-2))
  if (hours > 15 || minutes > 59) return null
  return (text.startsWith('-') ? -1 : 1) * (hours * 60 + minutes)
}
