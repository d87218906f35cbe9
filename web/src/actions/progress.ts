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
