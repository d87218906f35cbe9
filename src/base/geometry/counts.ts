/** COCO's compressed string: LEB128-like, 5 bits a character from '0', deltas to the run two before. */
export function compressCounts(counts: readonly number[]): string {
  let text = ''
  for (let i = 0; i < counts.length; i++) {
    let value = counts[i]! - (i > 2 ? counts[i - 2]! : 0)
    let more = true
    while (more) {
      let chunk = value & 0x1f
      value >>= 5
      more = chunk & 0x10 ? value !== -1 : value !== 0
      if (more) chunk |= 0x20
      text += String.fromCharCode(chunk + 48)
    }
  }
  return text
}

/** Inverse of {@link compressCounts}. Throws RangeError on text that ends inside a number. */
export function decompressCounts(text: string): number[] {
  const counts: number[] = []
  let at = 0
  while (at < text.length) {
    let value = 0
    let shift = 0
    let more = true
    while (more) {
      const chunk = text.charCodeAt(at++) - 48
      if (Number.isNaN(chunk) || chunk < 0 || chunk > 63) throw new RangeError(`Broken run-length text at ${at - 1}.`)
      value |= (chunk & 0x1f) << shift
      shift += 5
      more = (chunk & 0x20) !== 0
      if (!more && chunk & 0x10 && shift < 32) value |= -1 << shift
    }
    counts.push(counts.length > 2 ? value + counts[counts.length - 2]! : value)
  }
  return counts
}
