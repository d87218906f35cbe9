import fc from 'fast-check'
import { expect, it } from 'vitest'
import type { Geometry } from '#contract'
import { decodeGeometry, encodeGeometry } from './geometry-codec.ts'

const coordinate = fc.double({ noNaN: true, noDefaultInfinity: true }).map((value) => (value === 0 ? 0 : value))
const ring = fc.array(coordinate, { maxLength: 40 })
const geometries: fc.Arbitrary<Geometry> = fc.oneof(
  fc.array(fc.array(ring, { maxLength: 4 }), { maxLength: 4 }).map((parts) => ({ type: 'polygon' as const, parts })),
  fc.array(ring, { maxLength: 4 }).map((paths) => ({ type: 'polyline' as const, paths })),
  fc
    .array(fc.tuple(coordinate, coordinate, fc.constantFrom(0, 1, 2)), { maxLength: 20 })
    .map((points) => ({ type: 'keypoints' as const, points: points as [number, number, number][] })),
  fc
    .record({ h: fc.nat(5_000), w: fc.nat(5_000), counts: fc.array(fc.nat(2 ** 40), { maxLength: 200 }) })
    .map(({ h, w, counts }) => ({ type: 'mask' as const, size: [h, w] as [number, number], counts })),
)

it('gives every geometry back exactly', () => {
  fc.assert(
    fc.property(geometries, (geometry) => {
      expect(decodeGeometry(encodeGeometry(geometry))).toEqual(geometry)
    }),
    { numRuns: 300 },
  )
})

it('refuses bytes it did not write', () => {
  expect(() => decodeGeometry(Uint8Array.from([99, 0, 1]))).toThrow(/unknown kind/)
  expect(() => decodeGeometry(Uint8Array.from([3, 0, 128]))).toThrow(/ends too early/)
})
