import { readFile } from 'node:fs/promises'
import { LineCounter, parseDocument, type Node } from 'yaml'
import type { z } from 'zod'
import { gateFileSchema, type Gate, type GateFile } from '#contract'
import { FoveaError } from '#base'

const maxCharacters = 1_000_000

interface Fault {
  line: number
  column: number
  message: string
}

/**
 * Reads the text of a gate file. Throws GATE_INVALID with every fault, each with line and column counted from 1.
 */
export function parseGateFile(file: string, text: string): GateFile {
  if (text.length > maxCharacters)
    throw gateError(file, [
      { line: 1, column: 1, message: `Expected at most ${maxCharacters} characters, got ${text.length}.` },
    ])
  const counter = new LineCounter()
  const place = (offset: number): { line: number; column: number } => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  const doc = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  if (doc.errors.length > 0)
    throw gateError(
      file,
      doc.errors.map((error) => ({ ...place(error.pos[0]), message: `The YAML cannot be read: ${error.message}` })),
    )
  const result = gateFileSchema.safeParse(doc.toJS({ maxAliasCount: 100 }))
  if (result.success) return result.data
  throw gateError(
    file,
    result.error.issues.flatMap((issue) =>
      describeIssue(issue).map(({ path, message }) => ({ ...place(startOf(doc, path)), message })),
    ),
  )
}

/** Throws GATE_INVALID when the file is missing, unreadable or faulty. */
export async function loadGateFile(file: string): Promise<GateFile> {
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new FoveaError('GATE_INVALID', `Expected a gate file at ${file}, but it cannot be read (${error.code}).`, {
      hint: 'Write one from what a model reaches with: fovea gate MODEL --init',
      cause: error,
    })
  })
  return parseGateFile(file, text)
}

/** The gate named, or the only one. Throws GATE_INVALID. */
export function chooseGate(file: string, { gates }: GateFile, name: string | undefined): { name: string; gate: Gate } {
  const names = Object.keys(gates)
  const chosen = name ?? (names.length === 1 ? names[0] : undefined)
  const gate = chosen === undefined ? undefined : gates[chosen]
  if (chosen !== undefined && gate !== undefined) return { name: chosen, gate }
  throw new FoveaError(
    'GATE_INVALID',
    name === undefined
      ? `${file} holds ${names.length} gates: ${names.join(', ')}; expected the name of one.`
      : `${file} has no gate ${JSON.stringify(name)}; it has ${names.join(', ') || 'none'}.`,
    { hint: 'Name it: fovea gate MODEL --gate NAME' },
  )
}

interface Described {
  path: readonly PropertyKey[]
  message: string
}

function describeIssue(issue: z.core.$ZodIssue): Described[] {
  const where = issue.path.join('.') || 'the file'
  if (issue.code === 'unrecognized_keys')
    return issue.keys.map((key) => ({
      path: [...issue.path, key],
      message: `${where === 'the file' ? 'A gate file' : where} takes no ${JSON.stringify(key)}.`,
    }))
  return [{ path: issue.path, message: `${where}: ${issue.message}.` }]
}

/** Offset of the deepest node on the way to a value; of its key where the value is missing. */
function startOf(doc: ReturnType<typeof parseDocument>, path: readonly PropertyKey[]): number {
  for (let length = path.length; length > 0; length--) {
    const node = doc.getIn(path.slice(0, length), true) as Node | undefined
    if (node?.range) return node.range[0]
  }
  return doc.contents?.range?.[0] ?? 0
}

function gateError(file: string, faults: readonly Fault[]): FoveaError {
  const sorted = faults.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const lines = sorted.map(({ line, column, message }) => `${file}:${line}:${column}: ${message}`)
  return new FoveaError(
    'GATE_INVALID',
    lines.length === 1 ? lines[0]! : `The gate file has ${lines.length} faults:\n${lines.join('\n')}`,
    { hint: 'Nothing was run. docs/gates.md lists what a gate takes.', details: { file, problems: sorted } },
  )
}
