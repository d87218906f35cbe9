import { runCli, type Terminal } from '#cli'

export interface CliRun {
  code: number
  out: string
  err: string
  json(): Record<string, unknown>
}

/** Runs the command line in this process with captured streams. */
export async function runCaptured(
  args: readonly string[],
  options: Partial<Terminal> & { cwd: string },
): Promise<CliRun> {
  let out = ''
  let err = ''
  const code = await runCli(args, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    columns: Infinity,
    errIsTty: false,
    canAsk: false,
    color: false,
    env: {},
    ask: async () => '',
    readInput: async () => '',
    signal: new AbortController().signal,
    ...options,
  })
  return { code, out, err, json: () => JSON.parse(out) as Record<string, unknown> }
}
