import { Readable } from 'node:stream'
import fc from 'fast-check'
import { expect, test } from 'vitest'
import { readBody } from './read-body.ts'

const chunksOf = (bytes: Uint8Array, size: number): Buffer[] =>
  Array.from({ length: Math.ceil(bytes.length / size) }, (_, i) =>
    Buffer.from(bytes.subarray(i * size, (i + 1) * size)),
  )

test('a body is what was sent, in a buffer of its own, its mark where a double may begin', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.uint8Array({ maxLength: 200_000, size: 'max' }),
      fc.integer({ min: 1, max: 70_000 }),
      fc.boolean(),
      fc.nat(1_000),
      async (bytes, size, isAnnounced, mark) => {
        const body = await readBody(Readable.from(chunksOf(bytes, size)), {
          length: isAnnounced ? bytes.length : undefined,
          maxBytes: 200_000,
          mark,
        })
        expect(body.equals(bytes)).toBe(true)
        expect((body.byteOffset + mark) % 8).toBe(0)
      },
    ),
    { numRuns: 60 },
  )
})

test('a body that is too large is refused before it is read, or as soon as it is', async () => {
  const three = (): Readable => Readable.from([Buffer.alloc(3), Buffer.alloc(3)])
  for (const length of [6, undefined])
    await expect(readBody(three(), { length, maxBytes: 5 })).rejects.toMatchObject({ code: 'TOO_LARGE' })
})

test('a body that ends early is no body', async () => {
  await expect(readBody(Readable.from([Buffer.alloc(3)]), { length: 4, maxBytes: 5 })).rejects.toThrow(
    'Expected 4 bytes of body, as Content-Length says, got 3',
  )
})
