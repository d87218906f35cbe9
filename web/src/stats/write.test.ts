import { expect, test } from 'vitest'
import { formatCsv, formatSvg } from './write.ts'

test('a table is written so that spreadsheets read it and run nothing', () => {
  expect(
    formatCsv([
      ['class', 'count'],
      ['a "b", c', 3],
      ['=1+1', null],
      ['-x', -2.5],
    ]),
  ).toBe(`class,count\r\n"a ""b"", c",3\r\n'=1+1,\r\n'-x,-2.5\r\n`)
})

test('hostile names stay text in a drawing', () => {
  const { svg } = formatSvg(
    {
      title: '</title><script>',
      height: 20,
      marks: [{ x: 0, y: 0, width: 1.23456, height: 2, colour: null, opacity: 0.5, title: '"<&\u0001', pick: null }],
      texts: [{ x: 1, y: 2, text: '<b>', anchor: 'start', tone: 'quiet' }],
      table: [],
    },
    { back: '#fff', text: '#000', quiet: '#555', accent: '#00f' },
  )
  expect(svg).not.toMatch(/<script|<b>|style=/)
  expect(svg).toContain('<title>&quot;&lt;&amp;</title>')
  expect(svg).toContain('<rect x="0" y="0" width="1.23" height="2" fill="#00f" fill-opacity="0.5">')
})
