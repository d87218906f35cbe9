import { deflateRawSync, inflateRawSync } from 'node:zlib'
import type { Geometry, LabelKind } from '#contract'
import { labelKinds } from '#contract'
import { FoveaError } from '#base'

/**
 * Geometry as bytes: one byte of kind, one that says whether deflate helped, then lengths as unsigned varints and
 * coordinates as little-endian doubles; masks are varints throughout. Lossless.
 */
const deflateFrom = 64

export function encodeGeometry(geometry: Geometry): Buffer {
  const writer = createWriter()
  switch (geometry.type) {
    case 'polygon':
      writer.varint(geometry.parts.length)
      for (const part of geometry.parts) {
        writer.varint(part.length)
        for (const ring of part) writer.doubles(ring)
      }
      break
    case 'polyline':
      writer.varint(geometry.paths.length)
      for (const path of geometry.paths) writer.doubles(path)
      break
    case 'keypoints':
      writer.doubles(geometry.points.flat())
      break
    case 'mask':
      writer.varint(geometry.size[0])
      writer.varint(geometry.size[1])
      writer.varint(geometry.counts.length)
      for (const run of geometry.counts) writer.varint(run)
  }
  const body = writer.bytes()
  const packed = body.length >= deflateFrom ? deflateRawSync(body, { level: 3 }) : body
  const deflated = packed.length < body.length
  return Buffer.concat([Buffer.from([labelKinds.indexOf(geometry.type), deflated ? 1 : 0]), deflated ? packed : body])
}

/** Inverse of {@link encodeGeometry}. Throws INTERNAL for bytes it did not write. */
export function decodeGeometry(bytes: Uint8Array): Geometry {
  const kind: LabelKind | undefined = labelKinds[bytes[0] ?? 255]
  const body =
    bytes[1] === 1
      ? inflateRawSync(bytes.subarray(2))
      : Buffer.from(bytes.buffer, bytes.byteOffset + 2, bytes.byteLength - 2)
  const reader = createReader(body)
  switch (kind) {
    case 'polygon':
      return { type: 'polygon', parts: reader.list(() => reader.list(() => reader.doubles())) }
    case 'polyline':
      return { type: 'polyline', paths: reader.list(() => reader.doubles()) }
    case 'keypoints': {
      const flat = reader.doubles()
      return {
        type: 'keypoints',
        points: Array.from({ length: flat.length / 3 }, (_, i) => [flat[3 * i]!, flat[3 * i + 1]!, flat[3 * i + 2]!]),
      }
    }
    case 'mask':
      return { type: 'mask', size: [reader.varint(), reader.varint()], counts: reader.list(() => reader.varint()) }
    default:
      throw new FoveaError('INTERNAL', `A stored geometry has the unknown kind ${bytes[0]}.`)
  }
}

interface Writer {
  varint(value: number): void
  doubles(values: readonly number[]): void
  bytes(): Buffer
}

function createWriter(): Writer {
  let buffer = Buffer.allocUnsafe(256)
  let at = 0
  const reserve = (more: number): void => {
    if (at + more <= buffer.length) return
    const larger = Buffer.allocUnsafe(Math.max(buffer.length * 2, at + more))
    buffer.copy(larger, 0, 0, at)
    buffer = larger
  }
  const varint = (value: number): void => {
    reserve(8)
    let rest = value
    while (rest >= 0x80) {
      buffer[at++] = (rest % 0x80) | 0x80
      rest = Math.floor(rest / 0x80)
    }
    buffer[at++] = rest
  }
  return {
    varint,
    doubles(values) {
      varint(values.length)
      reserve(values.length * 8)
      for (const value of values) at = buffer.writeDoubleLE(value, at)
    },
    bytes: () => buffer.subarray(0, at),
  }
}

interface Reader {
  varint(): number
  doubles(): number[]
  list<T>(read: () => T): T[]
}

function createReader(buffer: Buffer): Reader {
  let at = 0
  const varint = (): number => {
    let value = 0
    let scale = 1
    for (;;) {
      const byte = buffer[at++]
      if (byte === undefined) throw new FoveaError('INTERNAL', 'A stored geometry ends too early.')
      value += (byte & 0x7f) * scale
      if (byte < 0x80) return value
      scale *= 0x80
    }
  }
  return {
    varint,
    doubles: () =>
      Array.from({ length: varint() }, () => {
        at += 8
        return buffer.readDoubleLE(at - 8)
      }),
    list: (read) => Array.from({ length: varint() }, read),
  }
}
