import { isAlias, isMap, isPair, isScalar, isSeq, LineCounter, parseDocument, type Document, type Node } from 'yaml'
import { FoveaError } from '#base'

/** Counted from 1. */
export interface Place {
  line: number
  column: number
}

export interface SuiteProblem extends Place {
  message: string
  hint: string | null
}

export interface Entry {
  key: string
  keyNode: Node
  node: Node | null
}

/** A YAML text with the places of everything in it, collecting what is wrong. */
export interface Source {
  file: string
  root: Node | null
  problems: SuiteProblem[]
  /** Where a node begins; with an offset into its text, that character when the node is written plainly on one line. */
  placeOf(node: Node | null, offset?: number): Place
  /** Notes a problem. Answers nothing, so that readers can end with it. */
  fault(place: Node | Place | null, message: string, hint?: string | null): undefined
  /** The node itself, aliases followed. */
  follow(node: unknown): Node | null
  /** Pairs of a map in their order; undefined (and a problem) when it is none. */
  entries(node: Node | null, what: string): Entry[] | undefined
  items(node: Node | null, what: string): (Node | null)[] | undefined
}

const limits = { characters: 1_000_000, aliases: 100 } as const

/** Reads the text; faults of YAML itself are among the problems. */
export function readSource(file: string, text: string): Source {
  const counter = new LineCounter()
  const problems: SuiteProblem[] = []
  const placeAt = (offset: number): Place => {
    const { line, col } = counter.linePos(offset)
    return { line: Math.max(1, line), column: Math.max(1, col) }
  }
  if (text.length > limits.characters) {
    throw new FoveaError('SUITE_INVALID', `Expected a suite file of at most 1 MB, got ${text.length} characters.`, {
      hint: 'Split the suites over several files.',
      details: { file, problems },
    })
  }
  const doc: Document = parseDocument(text, { lineCounter: counter, prettyErrors: false })
  for (const error of doc.errors) {
    const curly = /\$\{/.test(text.slice(Math.max(0, error.pos[0] - 40), error.pos[1] + 40))
    problems.push({
      ...placeAt(error.pos[0]),
      message: `The YAML cannot be read: ${error.message.replace(/\.$/, '')}.`,
      hint: curly ? 'Inside { … } and [ … ], put "${name}" in quotes.' : null,
    })
  }
  let followed = 0

  const source: Source = {
    file,
    root: doc.contents,
    problems,
    placeOf(node, offset = 0) {
      const start = node?.range?.[0]
      if (start === undefined) return { line: 1, column: 1 }
      if (offset === 0 || !isScalar(node)) return placeAt(start)
      const value = String(node.value)
      const quoted = text[start] === '"' || text[start] === "'" ? 1 : 0
      return text.startsWith(value, start + quoted) ? placeAt(start + quoted + offset) : placeAt(start)
    },
    fault(place, message, hint = null) {
      const at = place !== null && 'line' in place ? place : source.placeOf(place)
      problems.push({ line: at.line, column: at.column, message, hint })
      return undefined
    },
    follow(node) {
      if (!isAlias(node)) return (node ?? null) as Node | null
      if (++followed > limits.aliases)
        return source.fault(node, `Expected at most ${limits.aliases} aliases (*name) in the file.`) ?? null
      return node.resolve(doc) ?? null
    },
    entries(node, what) {
      if (!isMap(node)) return source.fault(node, `Expected ${what}, got ${describeNode(node)}.`)
      return node.items.flatMap((pair) => {
        if (!isPair(pair) || !isScalar(pair.key)) {
          source.fault(pair.key as Node | null, 'Expected a name before the colon.')
          return []
        }
        return [{ key: String(pair.key.value), keyNode: pair.key, node: source.follow(pair.value) }]
      })
    },
    items(node, what) {
      if (!isSeq(node)) return source.fault(node, `Expected ${what}, got ${describeNode(node)}.`)
      return node.items.map((item) => source.follow(item))
    },
  }
  source.root = source.follow(doc.contents)
  return source
}

export function describeNode(node: Node | null): string {
  if (node === null || (isScalar(node) && node.value === null)) return 'nothing'
  if (isMap(node)) return 'a map'
  if (isSeq(node)) return 'a list'
  const text = isScalar(node) ? JSON.stringify(node.value) : String(node)
  return text.length > 60 ? `${text.slice(0, 57)}…` : text
}

/** One error for all problems of a file, in the order of its lines. */
export function suiteError(file: string, problems: readonly SuiteProblem[]): FoveaError {
  const sorted = problems.toSorted((a, b) => a.line - b.line || a.column - b.column)
  const [first] = sorted
  const lines = sorted.map(
    ({ line, column, message, hint }) => `${file}:${line}:${column}: ${message}${hint === null ? '' : ` ${hint}`}`,
  )
  const message =
    sorted.length === 1
      ? `${file}:${first!.line}:${first!.column}: ${first!.message}`
      : `The suite file has ${sorted.length} faults:\n${lines.join('\n')}`
  return new FoveaError('SUITE_INVALID', message, {
    hint:
      (sorted.length === 1 ? first!.hint : null) ??
      'Nothing was run. fovea checks lists the checks and their parameters.',
    details: { file, problems: sorted },
  })
}
