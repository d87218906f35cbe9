import { readLines } from './layout.ts'

export interface ValueNames {
  /** Class by pixel value. */
  names: Record<number, string>
  /** Class by colour, 0xRRGGBB, where the list has colours. */
  colours: Record<number, string>
  /** Colours of the background. */
  background: number[]
  /** Whether fovea wrote the list: then masks are indexes and every value but 0 is a class. */
  exact: boolean
}

const exactHeader = '# value,name'

/** Text of a list that {@link readValueNames} reads back exactly; the first class has value 1. */
export function writeValueNames(classes: readonly string[]): string {
  const lines = classes.map(
    (name, i) => `${i + 1},${/^["\s]|\s$|[\p{Cc}\u2028\u2029]/u.test(name) ? JSON.stringify(name) : name}`,
  )
  return [exactHeader, ...lines].map((line) => `${line}\n`).join('')
}

const backgroundNames = new Set(['background', '_background_', '__background__', 'bg'])
const voidNames = new Set(['__ignore__', 'void', 'ignore', 'unlabeled', 'unlabelled'])

/**
 * Names of pixel values from a text file, one a line, in the forms tools write them:
 * `value,name` (also with `:`, `=`, tab or blank between); CVAT's and Datumaro's `name:r,g,b:parts:actions`, where the
 * line's number counts from 0; plain names, counting from 0 when the first is a background and from 1 when it is not.
 * Lines that start with `#` are comments. Background and void names are left out of the answer.
 */
export async function readValueNames(file: string): Promise<ValueNames> {
  const all = await readLines(file)
  const lines = all.filter((line) => !line.startsWith('#'))
  if (all[0] === exactHeader) return { names: readExact(lines), colours: {}, background: [], exact: true }
  const numbered = lines.map((line) => /^\s*(\d+)\s*[,:=\t ]\s*(.+?)\s*$/.exec(line))
  const coloured = lines.map((line) => /^(.*):(\d+,\s*\d+,\s*\d+)?:([^:]*):([^:]*)$/.exec(line))
  let pairs: [number, string][]
  const colours: [number, string][] = []
  if (lines.length > 0 && coloured.every((match) => match !== null)) {
    pairs = coloured.map((match, i) => [i, match[1]!.trim()])
    for (const match of coloured) if (match[2] !== undefined) colours.push([colourOf(match[2]), match[1]!.trim()])
  } else if (lines.length > 0 && numbered.every((match) => match !== null)) {
    pairs = numbered.map((match) => [Number(match[1]), match[2]!])
  } else {
    const names = lines.map((line) => line.trim()).filter((name) => name !== '__ignore__')
    const first = backgroundNames.has((names[0] ?? '').toLowerCase()) ? 0 : 1
    pairs = names.map((name, i) => [i + first, name])
  }
  const isBackground = ([, name]: [number, string]): boolean => backgroundNames.has(name.toLowerCase())
  return {
    names: Object.fromEntries(pairs.filter(([value, name]) => !isNothing(value, name))),
    colours: Object.fromEntries(colours.filter((pair) => !isBackground(pair))),
    background: colours.filter(isBackground).map(([colour]) => colour),
    exact: false,
  }
}

/** `r,g,b` as 0xRRGGBB. */
function colourOf(text: string): number {
  return text.split(',').reduce((colour, part) => colour * 256 + Math.min(255, Number(part)), 0)
}

function readExact(lines: readonly string[]): Record<number, string> {
  const pairs = lines.flatMap((line) => {
    const match = /^(\d+),(.+)$/.exec(line)
    return match ? [[Number(match[1]), readName(match[2]!)] as const] : []
  })
  return Object.fromEntries(pairs)
}

function readName(text: string): string {
  if (!text.startsWith('"')) return text
  try {
    return String(JSON.parse(text))
  } catch {
    return text
  }
}

function isNothing(value: number, name: string): boolean {
  return (
    name === '' ||
    (value === 0 && backgroundNames.has(name.toLowerCase())) ||
    (value === 255 && voidNames.has(name.toLowerCase()))
  )
}
