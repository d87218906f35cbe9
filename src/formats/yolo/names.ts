import type { OntologyClass } from '#contract'

export type DeclaredClass = Pick<OntologyClass, 'name'> & Partial<OntologyClass>

/** Class by number from a text with one name a line; `classes.txt`, `obj.names`, `_darknet.labels`. */
export function parseNames(text: string): Map<number, DeclaredClass> {
  const lines = text.replace(/^\uFEFF/, '').split(/\r?\n/)
  while (lines.length > 0 && lines.at(-1)!.trim() === '') lines.pop()
  return new Map(lines.map((line, i) => [i, { name: line.trim() === '' ? String(i) : line.trim() }]))
}

export function isNamesFile(name: string): boolean {
  return /^(classes\.txt|obj\.names|_darknet\.labels)$/i.test(name) || /\.names$/i.test(name)
}

/** `key = value` lines of darknet's `obj.data`. */
export function parseData(text: string): Map<string, string> {
  const values = new Map<string, string>()
  for (const line of text.split(/\r?\n/)) {
    const match = /^\s*([\w-]+)\s*=\s*(.*?)\s*$/.exec(line)
    if (match && match[2] !== '') values.set(match[1]!, match[2]!)
  }
  return values
}

export function looksLikeData(text: string): boolean {
  const values = parseData(text)
  return (values.has('train') || values.has('valid')) && (values.has('names') || values.has('classes'))
}
