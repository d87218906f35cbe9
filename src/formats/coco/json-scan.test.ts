import fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { JsonFault, parseSpan, positionOf, skipBlank, skipValue } from './json-scan.ts'

/** Whether the scanner takes all of a text for one value. */
function scans(text: string): boolean {
  const bytes = Buffer.from(text)
  try {
    return skipBlank(bytes, skipValue(bytes, skipBlank(bytes, 0))) === bytes.length
  } catch (fault) {
    if (fault instanceof JsonFault) return false
    throw fault
  }
}

function parses(text: string): boolean {
  try {
    JSON.parse(text)
    return true
  } catch {
    return false
  }
}

describe('skipValue', () => {
  it('takes what JSON.parse takes', () => {
    fc.assert(
      fc.property(fc.json(), fc.integer({ min: 0, max: 2 }), (text, indent) => {
        expect(scans(JSON.stringify(JSON.parse(text), null, indent))).toBe(true)
      }),
    )
  })

  it('refuses what JSON.parse refuses', () => {
    const piece = fc.constantFrom(
      ...Array.from('{}[],:"\\'),
      '1',
      '0',
      '-',
      '.',
      'e',
      '+',
      'true',
      'null',
      '"a"',
      '\\u12',
      ' ',
      '\n',
      '\u0001',
      'ü',
    )
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join('')
        expect([text, scans(text)]).toEqual([text, parses(text)])
      }),
      { numRuns: 5_000 },
    )
    fc.assert(
      fc.property(fc.json({ maxDepth: 3 }), fc.nat(), piece, (text, at, extra) => {
        const place = at % (text.length + 1)
        const broken = text.slice(0, place) + extra + text.slice(place + 1)
        expect([broken, scans(broken)]).toEqual([broken, parses(broken)])
      }),
      { numRuns: 2_000 },
    )
  })

  it('takes the words Python writes, and a byte-order mark', () => {
    const bytes = Buffer.from('\uFEFF[NaN, -Infinity, "NaN -Infinity \\"NaN", Infinity]')
    const start = skipBlank(bytes, 0)
    expect(parseSpan(bytes, start, skipValue(bytes, start))).toEqual([null, null, 'NaN -Infinity "NaN', null])
  })

  it('refuses endless nesting without running out of stack', () => {
    expect(scans('['.repeat(100_000))).toBe(false)
    expect(scans('{"a":'.repeat(100_000))).toBe(false)
  })
})

it('counts lines and characters', () => {
  const bytes = Buffer.from('{\n "ü": x}')
  expect(positionOf(bytes, bytes.indexOf('x'))).toEqual({ line: 2, column: 7 })
})
