import type { Size } from './camera.ts'

/** A name on the map, in px of the screen; x and y are its middle. */
export interface PlacedName {
  x: number
  y: number
  width: number
  height: number
}

/**
 * Which names to draw, in the order given, the most telling first: one is left out when it would touch one that is drawn, or when
 * its middle is off the screen. Answers their numbers.
 */
export function chooseNames(names: readonly PlacedName[], size: Size, gapPx = 3): number[] {
  const drawn: number[] = []
  names.forEach((name, i) => {
    if (!(name.x >= 0 && name.x <= size.width && name.y >= 0 && name.y <= size.height)) return
    const isFree = drawn.every((other) => {
      const there = names[other]!
      return (
        Math.abs(there.x - name.x) >= (there.width + name.width) / 2 + gapPx ||
        Math.abs(there.y - name.y) >= (there.height + name.height) / 2 + gapPx
      )
    })
    if (isFree) drawn.push(i)
  })
  return drawn
}

export interface Group {
  /** Number in the list of names. */
  code: number
  count: number
  /** Middle of its points. */
  x: number
  y: number
}

/** The middle of the points of each code below `codes`, largest group first; points with another code belong to none. */
export function middlesOf(places: Float32Array, pointCodes: Uint8Array, codes: number): Group[] {
  const sums = new Float64Array(codes * 3)
  for (let i = 0; i < pointCodes.length; i++) {
    const code = pointCodes[i]!
    const x = places[2 * i]!
    const y = places[2 * i + 1]!
    if (code >= codes || !Number.isFinite(x + y)) continue
    sums[3 * code]! += x
    sums[3 * code + 1]! += y
    sums[3 * code + 2]!++
  }
  const groups: Group[] = []
  for (let code = 0; code < codes; code++) {
    const count = sums[3 * code + 2]!
    if (count > 0) groups.push({ code, count, x: sums[3 * code]! / count, y: sums[3 * code + 1]! / count })
  }
  return groups.sort((a, b) => b.count - a.count)
}
