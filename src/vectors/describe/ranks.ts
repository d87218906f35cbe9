/**
 * Rows by rising value, rows of NaN left out; equal values in order of row. Radix sort over the bits of the numbers, six digits of
 * 11 bits, a digit that all share skipped.
 */
export function rankRows(values: Float64Array): Int32Array {
  const high = new Uint32Array(values.length)
  const low = new Uint32Array(values.length)
  const number = new Float64Array(1)
  const words = new Uint32Array(number.buffer)
  const rows = new Int32Array(values.length)
  let count = 0
  for (let row = 0; row < values.length; row++) {
    const value = values[row]!
    if (Number.isNaN(value)) continue
    // −0 becomes 0, so that equal values have equal bits.
    number[0] = value + 0
    const negative = words[1]! >>> 31 === 1
    high[row] = negative ? ~words[1]! : words[1]! | 0x80000000
    low[row] = negative ? ~words[0]! : words[0]!
    rows[count++] = row
  }
  let order = rows.subarray(0, count)
  let spare = new Int32Array(count)
  for (const keys of [low, high])
    for (const shift of [0, 11, 22]) {
      const start = new Int32Array(2049)
      for (let i = 0; i < count; i++) start[((keys[order[i]!]! >>> shift) & 2047) + 1]!++
      if (start.includes(count, 1)) continue
      for (let digit = 1; digit < start.length; digit++) start[digit]! += start[digit - 1]!
      for (let i = 0; i < count; i++) {
        const row = order[i]!
        spare[start[(keys[row]! >>> shift) & 2047]!++] = row
      }
      ;[order, spare] = [spare, order]
    }
  return order
}
