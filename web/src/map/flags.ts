/** Bits of a point. */
export const isFound = 1
export const isSelected = 2
/** Not drawn and not to be picked: hidden in the legend, or of a sample that is gone. */
export const isHidden = 4

/** A set of ids as one byte each, for loops over many points. */
export function markIds(ids: Iterable<number> | Int32Array, largest: number): Uint8Array {
  const marks = new Uint8Array(largest + 1)
  for (const id of ids) if (id >= 0 && id <= largest) marks[id] = 1
  return marks
}

export function largestOf(ids: Int32Array): number {
  let largest = 0
  for (let i = 0; i < ids.length; i++) if (ids[i]! > largest) largest = ids[i]!
  return largest
}

/**
 * The bits of every point but `isSelected`. `found` and `there` are the ids that the query matches and that the dataset holds (null:
 * all of them), `hidden` the codes that the legend hides.
 */
export function flagPoints(
  ids: Int32Array,
  given: {
    codes: Uint8Array | null
    found: Uint8Array | null
    there: Uint8Array | null
    hidden: ReadonlySet<number>
  },
): Uint8Array {
  const { codes, found, there } = given
  const hides = new Uint8Array(256)
  for (const code of given.hidden) hides[code] = isHidden
  const flags = new Uint8Array(ids.length)
  for (let i = 0; i < ids.length; i++) {
    const id = ids[i]!
    let bits = found === null || found[id] === 1 ? isFound : 0
    if (codes !== null) bits |= hides[codes[i]!]!
    if (there !== null && there[id] !== 1) bits |= isHidden
    flags[i] = bits
  }
  return flags
}

/** The same flags with those of selected samples added; the very same array when none is selected. */
export function flagSelected(flags: Uint8Array, ids: Int32Array, selected: ReadonlySet<number>): Uint8Array {
  if (selected.size === 0) return flags
  const marks = markIds(selected, largestOf(ids))
  return flags.map((bits, i) => (marks[ids[i]!] === 1 ? bits | isSelected : bits))
}

/** Points in the order in which they are drawn: those outside of the query, then those in it, then the selected ones. */
export interface DrawOrder {
  points: Uint32Array
  outside: number
  inside: number
  selected: number
}

/**
 * Sorts points into what is drawn one over the other; hidden ones are left out. Within each part the points are shuffled by steps of
 * the golden section, so that no class lies over another because it came later, and the first few stand for all.
 */
export function orderPoints(flags: Uint8Array): DrawOrder {
  const count = flags.length
  const partOf = Uint8Array.from({ length: 8 }, (_, bits) =>
    (bits & isHidden) !== 0 ? 3 : (bits & isSelected) !== 0 ? 2 : (bits & isFound) !== 0 ? 1 : 0,
  )
  const sizes = [0, 0, 0, 0]
  for (let i = 0; i < count; i++) sizes[partOf[flags[i]!]!]!++
  const at = [0, sizes[0]!, sizes[0]! + sizes[1]!, sizes[0]! + sizes[1]! + sizes[2]!]
  const points = new Uint32Array(count)
  const step = coprimeStep(count)
  let i = 0
  for (let k = 0; k < count; k++) {
    points[at[partOf[flags[i]!]!]!++] = i
    i += step
    if (i >= count) i -= count
  }
  return { points: points.subarray(0, count - sizes[3]!), outside: sizes[0]!, inside: sizes[1]!, selected: sizes[2]! }
}

function coprimeStep(count: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b))
  let step = Math.max(1, Math.round(count * 0.618_034))
  while (step > 1 && divisor(count, step) !== 1) step--
  return step
}
