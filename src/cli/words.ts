// Numbers and times in words, as all printers write them.

export const plural = (n: number, one: string, many = `${one}s`): string =>
  `${n.toLocaleString('en')} ${n === 1 ? one : many}`

/** To the minute. */
export const shortTime = (iso: string): string => iso.slice(0, 16).replace('T', ' ')

export const size = (bytes: number): string =>
  bytes < 1e5 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`
