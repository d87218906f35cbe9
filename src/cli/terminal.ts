/** Where a command speaks and listens. The process's own streams, or captured ones in tests. */
export interface Terminal {
  out(text: string): void
  err(text: string): void
  /** Columns of standard output; infinite when it is no terminal, so that nothing is cut. */
  columns: number
  /** Whether standard error is a terminal, and a line may be drawn over. */
  errIsTty: boolean
  /** Whether a question can be asked and answered. */
  canAsk: boolean
  color: boolean
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  ask(question: string): Promise<string>
  readInput(): Promise<string>
  /** Fires at Ctrl-C, or when the process is asked to end. */
  signal: AbortSignal
}

export function paint(terminal: Terminal, style: 'red' | 'bold' | 'dim' | 'yellow', text: string): string {
  if (!terminal.color) return text
  const code = { red: 31, bold: 1, dim: 2, yellow: 33 }[style]
  return `\u001b[${code}m${text}\u001b[0m`
}
