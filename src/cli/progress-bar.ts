import type { Job } from '#contract'
import { paint, type Terminal } from './terminal.ts'

type JobProgress = NonNullable<Job['progress']>

export interface ProgressBar {
  show(progress: JobProgress): void
  /** Clears the line, so that other text can be written. */
  clear(): void
}

const drawIntervalMs = 100
const lineIntervalMs = 3_000

/** Progress on standard error: one line redrawn on a terminal, else a line now and then. */
export function createProgressBar(terminal: Terminal): ProgressBar {
  let lastAt = -Infinity
  let drawn = false
  return {
    show(progress) {
      const at = performance.now()
      const finished = progress.total !== null && progress.done >= progress.total
      if (terminal.errIsTty) {
        if (at - lastAt < drawIntervalMs && !finished) return
        const columns = Number.isFinite(terminal.columns) ? terminal.columns : 80
        terminal.err(`\r\u001b[2K${formatProgress(progress, columns - 1, terminal)}`)
        drawn = true
      } else {
        // The first line comes after a while too: short work needs none.
        if (lastAt === -Infinity) {
          lastAt = at
          return
        }
        if (at - lastAt < lineIntervalMs) return
        terminal.err(`${formatProgress(progress, 200, terminal)}\n`)
      }
      lastAt = at
    },
    clear() {
      if (drawn) terminal.err('\r\u001b[2K')
      drawn = false
    },
  }
}

/** `import  ████░░░░  1,200 / 4,032 images  340/s  8 s left`, cut to the width. */
export function formatProgress(
  progress: JobProgress,
  columns: number,
  terminal: Pick<Terminal, 'errIsTty' | 'color'>,
): string {
  const { stage, done, total, unit, rate, secondsLeft } = progress
  const count = (n: number): string => Math.floor(n).toLocaleString('en')
  const facts = [
    total === null ? `${count(done)} ${unit}` : `${count(done)} / ${count(total)} ${unit}`,
    rate === null ? '' : `${rate < 10 ? rate.toFixed(1) : count(rate)}/s`,
    secondsLeft === null ? '' : `${formatDuration(secondsLeft)} left`,
  ].filter((fact) => fact !== '')
  const tail = facts.join('  ')
  const room = Math.min(30, columns - stage.length - tail.length - 4)
  if (!terminal.errIsTty || total === null || total <= 0 || room < 5) return `${stage}  ${tail}`.slice(0, columns)
  const filled = Math.round(Math.min(1, done / total) * room)
  return `${stage}  ${paint(terminal as Terminal, 'bold', '█'.repeat(filled))}${paint(terminal as Terminal, 'dim', '░'.repeat(room - filled))}  ${tail}`
}

/** `8 s`, `2 min 05 s`, `1 h 20 min`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds)
  if (whole < 60) return `${whole} s`
  if (whole < 3_600) return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
  return `${Math.floor(whole / 3_600)} h ${String(Math.floor((whole % 3_600) / 60)).padStart(2, '0')} min`
}
