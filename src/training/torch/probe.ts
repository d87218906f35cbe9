import { FoveaError } from '#base'
import { limitEnvironment } from '../exported/environment.ts'
import { runProcess } from '../exported/run-process.ts'

const packages = { torch: 'torch', numpy: 'numpy', PIL: 'pillow', onnx: 'onnx' } as const
const probeTimeoutMs = 120_000

/** Looks for packages without importing them: torch alone takes seconds. */
const script = `
import importlib.util, json, sys
names = ${JSON.stringify(Object.keys(packages))}
print(json.dumps({"version": list(sys.version_info[:3]), "missing": [n for n in names if importlib.util.find_spec(n) is None]}))
`

export interface PythonDeps {
  /** A program that is Python 3.9 or newer. */
  python: string
  cwd: string
  env: Readonly<Record<string, string | undefined>>
  graceMs: number
}

/** Throws TRAINER_FAILED that says what to install where an interpreter is missing, too old or lacks packages. */
export async function probePython({ python, cwd, env, graceMs }: PythonDeps, signal: AbortSignal): Promise<void> {
  let said = ''
  await runProcess({
    argv: [python, '-c', script],
    cwd,
    env: limitEnvironment(env),
    title: `The Python interpreter ${python}`,
    graceMs,
    timeoutMs: probeTimeoutMs,
    signal,
    onLine(line, from) {
      if (from === 'stdout') said = line
    },
  })
  const { version, missing } = readAnswer(said, python)
  const [major = 0, minor = 0] = version
  if (major < 3 || (major === 3 && minor < 9))
    throw unfit(`Expected Python 3.9 or newer, but ${python} is ${version.join('.')}.`, 'Name another one')
  if (missing.length > 0) {
    const names = missing.map((name) => packages[name as keyof typeof packages] ?? name)
    throw unfit(
      `The Python interpreter ${python} lacks ${names.join(', ')}, which the trainer torch needs.`,
      `Install with: ${python} -m pip install ${names.join(' ')}; or name another interpreter`,
      { missing: names },
    )
  }
}

function readAnswer(text: string, python: string): { version: number[]; missing: string[] } {
  try {
    const { version, missing } = JSON.parse(text) as { version: number[]; missing: string[] }
    if (Array.isArray(version) && Array.isArray(missing)) return { version, missing }
  } catch {
    // told below
  }
  throw unfit(
    `Expected ${python} to be a Python interpreter, but it answered ${JSON.stringify(text.slice(0, 200))}.`,
    'Name one',
  )
}

function unfit(message: string, what: string, details?: unknown): FoveaError {
  return new FoveaError('TRAINER_FAILED', message, {
    hint: `${what} in .fovea/config.toml: [training] python = "/path/to/python3".`,
    ...(details === undefined ? {} : { details }),
  })
}
