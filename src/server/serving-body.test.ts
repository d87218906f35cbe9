import fc from 'fast-check'
import { expect, it } from 'vitest'
import { FoveaError } from '#base'
import { readPictures } from './serving-body.ts'

const type = 'multipart/form-data; boundary="a b"'
const form = (...parts: [headers: string, bytes: Uint8Array][]): Buffer =>
  Buffer.concat([
    ...parts.flatMap(([headers, bytes]) => [Buffer.from(`--a b\r\n${headers}\r\n\r\n`), bytes, Buffer.from('\r\n')]),
    Buffer.from('--a b--\r\n'),
  ])
const file = 'Content-Disposition: form-data; name="image"; filename="x.png"\r\nContent-Type: image/png'

it('files come out of a form byte for byte, whatever they hold', () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ maxLength: 100 }), { minLength: 1, maxLength: 4 }), (files) => {
      const { pictures } = readPictures(form(...files.map((bytes): [string, Uint8Array] => [file, bytes])), type, 4)
      expect(pictures.map(({ name, bytes }) => [name, [...bytes]])).toEqual(files.map((bytes) => ['x.png', [...bytes]]))
    }),
    { numRuns: 100 },
  )
})

it('line breaks and dashes in a file do not end it', () => {
  const bytes = Buffer.from('\r\n--a \r\n\r\n--\r\n-a b\r\n')
  const { pictures, fields } = readPictures(
    form(['Content-Disposition: form-data; name="top"', Buffer.from('3')], [file, bytes]),
    type,
    1,
  )
  expect(pictures[0]!.bytes.equals(bytes)).toBe(true)
  expect(fields).toEqual({ top: '3' })
})

it('text before the first part is passed over', () => {
  const body = Buffer.concat([Buffer.from('hello\r\n'), form([file, Buffer.from('x')])])
  expect(readPictures(body, type, 1).pictures).toHaveLength(1)
})

it('no bytes bring it down', () => {
  fc.assert(
    fc.property(fc.array(fc.constantFrom('--a b', '\r\n', '--', 'A: b', 'x', file)), (parts) => {
      try {
        readPictures(Buffer.from(parts.join('')), type, 2)
      } catch (error) {
        expect(error).toBeInstanceOf(FoveaError)
      }
    }),
    { numRuns: 300 },
  )
})
