import { FoveaError } from '#base'

/** One field of a protobuf message: a number (wire types 0, 1 and 5) or bytes (wire type 2, a view on the message). */
export interface WireField {
  number: number
  /** Of wire type 0; larger ones than 2⁵³ lose their last digits. */
  value: number
  /** Of wire type 2; empty otherwise. */
  bytes: Uint8Array
  /** The field as it stands, tag and length with it. */
  raw: Uint8Array
}

const wire = { varint: 0, eight: 1, bytes: 2, four: 5 } as const

/** The fields of a message one by one, without copies. Throws MODEL_INVALID where the bytes are no such message. */
export function* readFields(message: Uint8Array): Generator<WireField> {
  let at = 0
  const readVarint = (): number => {
    let said = 0
    for (let shift = 0; shift < 70; shift += 7) {
      const byte = message[at++]
      if (byte === undefined) throw invalid('it ends inside a number')
      said += (byte & 127) * 2 ** shift
      if (byte < 128) return said
    }
    throw invalid('a number has more than ten bytes')
  }
  while (at < message.length) {
    const start = at
    const tag = readVarint()
    const kind = tag % 8
    const number = Math.floor(tag / 8)
    if (number === 0 || number > 0x1fffffff) throw invalid(`there is no field ${number}`)
    let value = 0
    let bytes: Uint8Array = nothing
    if (kind === wire.varint) value = readVarint()
    else if (kind === wire.bytes || kind === wire.eight || kind === wire.four) {
      const length = kind === wire.bytes ? readVarint() : kind === wire.eight ? 8 : 4
      if (length > message.length - at)
        throw invalid(`field ${number} says ${length} bytes, ${message.length - at} are left`)
      bytes = message.subarray(at, at + length)
      at += length
    } else throw invalid(`field ${number} is of wire type ${kind}`)
    yield { number, value, bytes, raw: message.subarray(start, at) }
  }
}

/** UTF-8, as names are written. */
export const readText = (bytes: Uint8Array): string =>
  Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString()

/** A field that holds a message, text or raw data, given in parts. */
export function bytesField(number: number, ...parts: readonly Uint8Array[]): Uint8Array {
  const length = parts.reduce((sum, part) => sum + part.length, 0)
  return join([Uint8Array.from([...varint(number * 8 + wire.bytes), ...varint(length)]), ...parts])
}

export const textField = (number: number, said: string): Uint8Array => bytesField(number, Buffer.from(said))

/** Whole numbers; negative ones as protobuf writes int64. */
export const numberField = (number: number, said: number): Uint8Array =>
  Uint8Array.from([...varint(number * 8), ...varint(said)])

export function floatField(number: number, said: number): Uint8Array {
  return Uint8Array.from([...varint(number * 8 + wire.four), ...new Uint8Array(Float32Array.of(said).buffer)])
}

/** One array of many, in one copy. */
export function join(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}

/** An error about bytes that are no network. */
export const invalid = (what: string): FoveaError =>
  new FoveaError('MODEL_INVALID', `Expected a network in the format of ONNX, but ${what}.`, {
    hint: 'Export it again as one .onnx file, with opset 7 to 23.',
  })

const nothing = new Uint8Array(0)

function varint(said: number): number[] {
  if (said < 0) return varint64(BigInt.asUintN(64, BigInt(said)))
  const bytes: number[] = []
  let left = said
  for (; left >= 128; left = Math.floor(left / 128)) bytes.push((left % 128) + 128)
  return [...bytes, left]
}

function varint64(said: bigint): number[] {
  const bytes: number[] = []
  let left = said
  for (; left >= 128n; left >>= 7n) bytes.push(Number(left & 127n) + 128)
  return [...bytes, Number(left)]
}
