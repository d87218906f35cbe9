import type { Job } from '../api/client.ts'

/** Where long work stands, in one line: done, rate, time left. */
export function describeProgress({
  stage,
  done,
  total,
  unit,
  rate,
  secondsLeft,
}: NonNullable<Job['progress']>): string {
  const count =
    total === null ? done.toLocaleString('en') : `${done.toLocaleString('en')} / ${total.toLocaleString('en')}`
  const parts = [`${stage}: ${count} ${unit}`]
  if (rate !== null) parts.push(`${rate >= 10 ? Math.round(rate).toLocaleString('en') : rate.toFixed(1)}/s`)
  if (secondsLeft !== null) parts.push(`${describeSeconds(secondsLeft)} left`)
  return parts.join(', ')
}

function describeSeconds(seconds: number): string {
  if (seconds < 90) return `${Math.max(1, Math.round(seconds))} s`
  if (seconds < 5400) return `${Math.round(seconds / 60)} min`
  return `${(seconds / 3600).toFixed(1)} h`
}

/** A size in the unit that reads best. */
export function describeBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [size, unit] = [bytes, 0]
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1000
    unit++
  }
  return `${unit === 0 || size >= 100 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}

/** What a job answered in one line: the numbers that are not 0 and short texts of its result. Lists give how long they are. */
export function describeResult(result: unknown): string {
  if (typeof result !== 'object' || result === null) return ''
  return Object.entries(result)
    .flatMap(([key, value]: [string, unknown]) => {
      const name = key.replaceAll(/[A-Z]/g, (letter) => ` ${letter.toLowerCase()}`)
      // How long it took stands beside it.
      if (value === 0 || key === 'seconds') return []
      if (typeof value === 'number') return `${name} ${Number(value.toPrecision(6)).toLocaleString('en')}`
      if (typeof value === 'string' && key !== 'change' && value.length <= 60) return `${name} ${value}`
      return Array.isArray(value) ? `${name} ${value.length.toLocaleString('en')}` : []
    })
    .slice(0, 8)
    .join(' · ')
}

/** How long something took, from and to ISO 8601. */
export function describeSpan(from: string, to: string): string {
  const seconds = (Date.parse(to) - Date.parse(from)) / 1000
  return seconds < 10 ? `${Math.max(0, seconds).toFixed(1)} s` : describeSeconds(seconds)
}
