import fc from 'fast-check'
import { expect, test } from 'vitest'
import { displayWidth, formatTable, type Column } from './table.ts'

interface Row {
  name: string
  path: string
  count: number
}
const columns: Column<Row>[] = [
  { title: 'NAME', value: (r) => r.name },
  { title: 'PATH', value: (r) => r.path, keepEnd: true },
  { title: 'COUNT', value: (r) => r.count, right: true },
]

test('columns are aligned, numbers at the right', () => {
  const rows = [
    { name: 'a', path: 'x/y.jpg', count: 5 },
    { name: '猫', path: 'é.png', count: 12_345 },
  ]
  expect(formatTable(rows, columns, Infinity)).toBe(
    'NAME  PATH      COUNT\na     x/y.jpg       5\n猫    é.png    12,345\n',
  )
})

test('what has no room is cut: paths from their start, the rest from their end', () => {
  const rows = [{ name: 'a rather long name of a thing', path: 'very/long/folder/name/image-0001.jpg', count: 1 }]
  expect(formatTable(rows, columns, 40)).toBe(
    'NAME             PATH              COUNT\na rather long …  …/image-0001.jpg      1\n',
  )
})

test('no line is wider than the terminal, whatever the cells hold, and no cell moves the cursor', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.record({ name: fc.string({ unit: 'binary' }), path: fc.string({ unit: 'grapheme' }), count: fc.nat() }),
        { maxLength: 5 },
      ),
      fc.integer({ min: 40, max: 120 }),
      (rows, width) => {
        const lines = formatTable(rows, columns, width).split('\n')
        expect(lines).toHaveLength(rows.length + 2)
        for (const line of lines) expect(displayWidth(line)).toBeLessThanOrEqual(width)
        expect(lines.join('')).not.toMatch(/\p{Cc}/u)
      },
    ),
  )
})
