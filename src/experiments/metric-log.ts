import { createReadStream } from 'node:fs'
import { appendFile, open } from 'node:fs/promises'
import { FoveaError } from '#base'
import type { MetricCurve, MetricPoint } from './types.ts'

const longestKey = 250
const partBytes = 1024 * 1024

/** Throws METRIC_INVALID for what is no number or has no name. */
export function checkPoints(points: readonly MetricPoint[]): void {
  for (const { key, step, value } of points) {
    if (key === '' || key.length > longestKey || /\p{Cc}/u.test(key))
      throw new FoveaError(
        'METRIC_INVALID',
        `Expected a metric with a name of 1 to ${longestKey} characters, got ${JSON.stringify(key)}.`,
      )
    if (!Number.isFinite(value))
      throw new FoveaError('METRIC_INVALID', `Expected a finite number for the metric ${key}, got ${value}.`, {
        hint: 'A loss that is not finite tells of a learning rate that is too high, or of broken data.',
      })
    if (!Number.isSafeInteger(step))
      throw new FoveaError('METRIC_INVALID', `Expected a whole number as step of the metric ${key}, got ${step}.`)
  }
}

/** Appends points to a file, whole lines at a time and in the order of the calls. */
export interface MetricLog {
  append(points: readonly MetricPoint[]): Promise<void>
}

/** What is called while a write is on its way goes into one write after it. */
export function createMetricLog(file: string): MetricLog {
  let waiting = ''
  let flushed: Promise<void> | undefined
  let writing: Promise<void> = Promise.resolve()
  return {
    append(points) {
      for (const { key, step, value, time } of points) waiting += `${JSON.stringify([key, step, value, time])}\n`
      flushed ??= writing
        .catch(() => {})
        .then(() => {
          const text = waiting
          waiting = ''
          flushed = undefined
          return (writing = appendFile(file, text))
        })
      return flushed
    },
  }
}

/** Cuts off half a line that a killed process left, so that the next one begins at the start of a line. */
export async function mendMetricLog(file: string): Promise<void> {
  const handle = await open(file, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  try {
    if (handle === undefined) return
    const { size } = await handle.stat()
    const block = Buffer.alloc(64 * 1024)
    for (let end = size; end > 0;) {
      const start = Math.max(0, end - block.length)
      const { bytesRead } = await handle.read(block, 0, end - start, start)
      const newline = block.subarray(0, bytesRead).lastIndexOf(0x0a)
      if (newline >= 0) {
        if (start + newline + 1 < size) await handle.truncate(start + newline + 1)
        return
      }
      end = start
    }
    await handle.truncate(0)
  } finally {
    await handle?.close()
  }
}

interface Column {
  steps: number[]
  values: number[]
  times: number[]
  sorted: boolean
}

/** Points of a file by metric, steps rising; a line that is not whole yet does not count. Other work goes on between parts of the file. */
export async function readMetricLog(file: string, keys?: readonly string[]): Promise<MetricCurve[]> {
  const wanted = keys === undefined ? undefined : new Set(keys)
  const columns = new Map<string, Column>()
  const take = (line: string): void => {
    const point = parseLine(line)
    if (point === undefined || wanted?.has(point.key) === false) return
    let column = columns.get(point.key)
    if (column === undefined) columns.set(point.key, (column = { steps: [], values: [], times: [], sorted: true }))
    if (point.step < (column.steps.at(-1) ?? point.step)) column.sorted = false
    column.steps.push(point.step)
    column.values.push(point.value)
    column.times.push(point.time)
  }
  let rest: Buffer = Buffer.alloc(0)
  for await (const part of readParts(file)) {
    const bytes = rest.length === 0 ? part : Buffer.concat([rest, part])
    let start = 0
    for (let end = bytes.indexOf(0x0a); end >= 0; end = bytes.indexOf(0x0a, start)) {
      take(bytes.toString('utf8', start, end))
      start = end + 1
    }
    rest = bytes.subarray(start)
  }
  return [...columns].toSorted(([a], [b]) => (a < b ? -1 : 1)).map(([key, column]) => toCurve(key, column))
}

/** A file in parts; none where there is no file. */
async function* readParts(file: string): AsyncGenerator<Buffer> {
  try {
    yield* createReadStream(file, { highWaterMark: partBytes }) as AsyncIterable<Buffer>
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'ENOENT') throw error
  }
}

function toCurve(key: string, { steps, values, times, sorted }: Column): MetricCurve {
  const order = sorted ? undefined : steps.map((_, i) => i).sort((a, b) => steps[a]! - steps[b]! || a - b)
  const pick = (column: readonly number[]): Float64Array =>
    order === undefined ? Float64Array.from(column) : Float64Array.from(order, (i) => column[i]!)
  return { key, steps: pick(steps), values: pick(values), times: pick(times) }
}

function parseLine(line: string): MetricPoint | undefined {
  try {
    const [key, step, value, time] = JSON.parse(line) as [string, number, number, number]
    return typeof key === 'string' && [step, value, time].every((one) => Number.isFinite(one))
      ? { key, step, value, time }
      : undefined
  } catch {
    return undefined
  }
}
