import type { Output } from '../api/client.ts'

export type Run = Output<'run.list'>['runs'][number]
export type Value = string | number | boolean | null

/** A figure as people read it: four digits that matter, plain or with an exponent. */
export function showFigure(value: number | null | undefined): string {
  if (value === null || value === undefined) return '–'
  if (Number.isInteger(value) && Math.abs(value) < 1e7) return value.toLocaleString('en')
  const size = Math.abs(value)
  return size >= 1e-3 && size < 1e6 ? String(Number(value.toPrecision(4))) : value.toExponential(2)
}

export const showValue = (value: Value | undefined): string =>
  value === null || value === undefined ? '–' : typeof value === 'number' ? showFigure(value) : String(value)

/** Such as "1 h 5 min", "12 s" or "480 ms". */
export function showDuration(ms: number): string {
  if (ms < 1_000) return `${Math.round(ms)} ms`
  const seconds = Math.round(ms / 1_000)
  if (seconds < 60) return `${(ms / 1_000).toFixed(seconds < 10 ? 1 : 0)} s`
  const minutes = Math.floor(seconds / 60)
  return minutes < 60 ? `${minutes} min ${seconds % 60} s` : `${Math.floor(minutes / 60)} h ${minutes % 60} min`
}

/** In units of 1000. */
export function showBytes(bytes: number): string {
  const units = ['B', 'kB', 'MB', 'GB', 'TB']
  let [size, unit] = [bytes, 0]
  while (size >= 1_000 && unit < units.length - 1) [size, unit] = [size / 1_000, unit + 1]
  return `${size >= 100 || unit === 0 ? Math.round(size) : size.toFixed(1)} ${units[unit]}`
}

export const showTime = (at: string): string =>
  new Date(at).toLocaleString('en', { dateStyle: 'medium', timeStyle: 'short' })

/** What says most about a run or a model, the most telling first. */
const telling = [
  'accuracy',
  'dice',
  'ap',
  'ap50',
  'meanIou',
  'map50_95',
  'map',
  'map50',
  'auroc',
  'macroF1',
  'mae',
  'rmse',
  'loss',
]

/** What counts the work rather than judging it. */
const counting = new Set(['epoch', 'epochs', 'step', 'steps', 'seconds'])

/** The names of the metrics that say most, at most `most`. */
export function pickMetrics(metrics: Readonly<Record<string, number>>, most: number): string[] {
  const names = Object.keys(metrics).filter((name) => !counting.has(name))
  const rank = (name: string): number => {
    const at = telling.indexOf(name)
    return at === -1 ? telling.length + names.indexOf(name) : at
  }
  return names.toSorted((a, b) => rank(a) - rank(b)).slice(0, most)
}
