import { expect, test } from 'vitest'
import { decodeBmp, readBmpHeader } from './bmp.ts'

interface Bmp {
  width: number
  rows: number
  bits: number
  compression?: number
  /** What stands between header and pixels: bit fields or palette. */
  between?: number[]
  pixels: number[]
  headerBytes?: number
}

function makeBmp({ width, rows, bits, compression = 0, between = [], pixels, headerBytes = 40 }: Bmp): Buffer {
  const header = Buffer.alloc(14 + headerBytes)
  header.write('BM')
  header.writeUInt32LE(header.length + between.length, 10)
  header.writeUInt32LE(headerBytes, 14)
  if (headerBytes === 12) {
    header.writeUInt16LE(width, 18)
    header.writeUInt16LE(rows, 20)
    header.writeUInt16LE(1, 22)
    header.writeUInt16LE(bits, 24)
  } else {
    header.writeInt32LE(width, 18)
    header.writeInt32LE(rows, 22)
    header.writeUInt16LE(1, 26)
    header.writeUInt16LE(bits, 28)
    header.writeUInt32LE(compression, 30)
  }
  return Buffer.concat([header, Buffer.from(between), Buffer.from(pixels)])
}

const decode = (bmp: Bmp): number[] => [...decodeBmp(makeBmp(bmp)).data]
const red = [255, 0, 0]
const blue = [0, 0, 255]
/** Blue, green, red, unused: black, red, blue. */
const palette = [0, 0, 0, 0, 0, 0, 255, 0, 255, 0, 0, 0]

test('24 bits: bottom row first, padded rows, blue first', () => {
  expect(decode({ width: 1, rows: 2, bits: 24, pixels: [255, 0, 0, 0, 0, 0, 255, 0] })).toEqual([...red, ...blue])
})

test('a negative height means top row first', () => {
  expect(decode({ width: 1, rows: -2, bits: 24, pixels: [255, 0, 0, 0, 0, 0, 255, 0] })).toEqual([...blue, ...red])
})

test('32 bits drop the unused byte; with an alpha mask it is kept', () => {
  expect(decode({ width: 1, rows: 1, bits: 32, pixels: [0, 0, 255, 77] })).toEqual(red)
  const fields = [0, 0, 255, 0, 0, 255, 0, 0, 255, 0, 0, 0, 0, 0, 0, 255]
  const withAlpha = { width: 1, rows: 1, bits: 32, compression: 6, between: fields, pixels: [0, 0, 255, 77] }
  expect(decode(withAlpha)).toEqual([...red, 77])
  expect(readBmpHeader(makeBmp(withAlpha))).toMatchObject({ channels: 4, hasAlpha: true })
})

test('16 bits are 5-5-5, or as the bit fields say', () => {
  expect(decode({ width: 2, rows: 1, bits: 16, pixels: [0x00, 0x7c, 0x1f, 0x00] })).toEqual([...red, ...blue])
  const rgb565 = [0, 0xf8, 0, 0, 0xe0, 0x07, 0, 0, 0x1f, 0, 0, 0]
  expect(
    decode({ width: 2, rows: 1, bits: 16, compression: 3, between: rgb565, pixels: [0x00, 0xf8, 0xe0, 0x07] }),
  ).toEqual([...red, 0, 255, 0])
})

test.each([
  [8, [1, 2, 1, 0]],
  [4, [0x12, 0x10, 0, 0]],
])('%i bits are indices, at odd widths too', (bits, pixels) => {
  expect(decode({ width: 3, rows: 1, bits, between: palette, pixels })).toEqual([...red, ...blue, ...red])
})

test('1 bit is the highest first', () => {
  expect(
    decode({ width: 3, rows: 1, bits: 1, between: [0, 0, 255, 0, 255, 0, 0, 0], pixels: [0b0100_0000, 0, 0, 0] }),
  ).toEqual([...red, ...blue, ...red])
})

test('an OS/2 header has a palette of three bytes a colour', () => {
  const between = [0, 0, 255, 255, 0, 0]
  expect(decode({ width: 3, rows: 1, bits: 1, headerBytes: 12, between, pixels: [0b0100_0000, 0, 0, 0] })).toEqual([
    ...red,
    ...blue,
    ...red,
  ])
})

test('run-length codes: runs, literals, jumps and ends', () => {
  // Bottom row: two red, then a literal of three (red, blue, red, padding); jump to the top row; one blue at column 2.
  const pixels = [2, 1, 0, 3, 1, 2, 1, 0, 0, 0, 0, 2, 2, 0, 1, 2, 0, 1]
  const black = [0, 0, 0]
  const bottom = [...red, ...red, ...red, ...blue, ...red]
  const top = [...black, ...black, ...blue, ...black, ...black]
  expect(decode({ width: 5, rows: 2, bits: 8, compression: 1, between: palette, pixels })).toEqual([...top, ...bottom])
  expect(decode({ width: 3, rows: 1, bits: 4, compression: 2, between: palette, pixels: [3, 0x12, 0, 1] })).toEqual([
    ...red,
    ...blue,
    ...red,
  ])
})

test('what ends early or is not known says so', () => {
  const whole = makeBmp({ width: 9, rows: 9, bits: 24, pixels: Array.from({ length: 252 }, () => 1) })
  expect(() => decodeBmp(whole.subarray(0, 200))).toThrow(/ends before/)
  expect(() =>
    decodeBmp(makeBmp({ width: 9, rows: 1, bits: 8, compression: 1, between: palette, pixels: [3, 1] })),
  ).toThrow(/ends before/)
  expect(() => readBmpHeader(makeBmp({ width: 9, rows: 1, bits: 24, compression: 4, pixels: [] }))).toThrow(/not read/)
  expect(() => readBmpHeader(makeBmp({ width: 9, rows: 1, bits: 2, pixels: [] }))).toThrow(/not read/)
})
