import { z } from 'zod'
import { FoveaError } from '#base'
import type { TensorValue } from '#models'
import { datatypeByName, datatypeNames, type Datatype } from './datatypes.ts'

const parameters = z.record(z.string(), z.unknown()).default({})
const requestSchema = z.object({
  id: z.string().max(1_000).optional(),
  parameters,
  inputs: z
    .array(
      z.object({
        name: z.string().min(1),
        shape: z.array(z.int().min(0)).max(16),
        datatype: z.enum(datatypeNames as [string, ...string[]]),
        parameters,
        data: z.custom<readonly unknown[]>((value) => value === undefined || Array.isArray(value)).optional(),
      }),
    )
    .min(1),
  outputs: z.array(z.object({ name: z.string().min(1), parameters })).optional(),
})

export interface InferRequest {
  id: string | undefined
  inputs: Record<string, TensorValue>
  /** Names of the outputs asked for; all when left out. */
  outputs: readonly string[] | undefined
  isBinary: (output: string) => boolean
}

/**
 * Reads a request of the Open Inference Protocol v2 with its binary extension: `headerBytes` of JSON, then the tensors that stand
 * outside of it, little-endian, row by row. Throws INPUT_INVALID that says what was expected and what came.
 */
export function readInfer(body: Buffer, headerBytes: number | undefined): InferRequest {
  if (headerBytes !== undefined && headerBytes > body.length)
    throw invalid(`Expected ${headerBytes} bytes of JSON, as Inference-Header-Content-Length says, got ${body.length}.`)
  const request = parseRequest(body.subarray(0, headerBytes ?? body.length))
  let at = headerBytes ?? body.length
  const inputs: Record<string, TensorValue> = Object.create(null) as Record<string, TensorValue>
  for (const { name, shape, datatype, parameters: said, data } of request.inputs) {
    if (name in inputs) throw invalid(`Expected each input once, got ${name} twice.`)
    refuseParameters(name, said)
    const kind = datatypeByName(datatype)
    const elements = shape.reduce((product, size) => product * size, 1)
    if (!Number.isSafeInteger(elements)) throw invalid(`The shape [${shape.join(', ')}] of ${name} is too large.`)
    const bytes = said['binary_data_size']
    let values: TensorValue['data']
    if (bytes === undefined) {
      if (data === undefined) throw invalid(`Expected data of input ${name}, got none.`)
      values = readList(name, kind, elements, data)
    } else {
      if (data !== undefined) throw invalid(`Expected data of input ${name} once, got it in JSON and in binary.`)
      if (typeof bytes !== 'number' || !Number.isInteger(bytes) || bytes < 0 || at + bytes > body.length)
        throw invalid(
          `Expected ${JSON.stringify(bytes)} bytes of input ${name} after the JSON, got ${body.length - at}${headerBytes === undefined ? ' (the header Inference-Header-Content-Length is missing)' : ''}.`,
        )
      values = readBytes(name, kind, elements, body.subarray(at, at + bytes))
      at += bytes
    }
    inputs[name] = { type: kind?.type ?? 'string', dims: shape, data: values }
  }
  if (at !== body.length) throw invalid(`Expected the body to end after ${at} bytes, got ${body.length}.`)
  const asked = new Map(request.outputs?.map((output) => [output.name, output.parameters['binary_data']]))
  for (const { name, parameters: said } of request.outputs ?? []) refuseParameters(name, said)
  const byDefault = request.parameters['binary_data_output'] === true
  return {
    id: request.id,
    inputs,
    outputs: request.outputs === undefined || request.outputs.length === 0 ? undefined : [...asked.keys()],
    isBinary: (output) => {
      const own = asked.get(output)
      return own === undefined ? byDefault : own === true
    },
  }
}

function parseRequest(bytes: Buffer): z.output<typeof requestSchema> {
  let json: unknown
  try {
    json = JSON.parse(bytes.toString('utf8'))
  } catch (error) {
    throw invalid(`Expected a request in JSON: ${(error as Error).message}.`)
  }
  const result = requestSchema.safeParse(json)
  if (result.success) return result.data
  const [issue] = result.error.issues
  throw invalid(`The request is not valid at ${issue!.path.join('.') || 'its top'}: ${issue!.message}.`)
}

/** Parts of other extensions change what a request means, so they are not passed over. */
function refuseParameters(name: string, said: Record<string, unknown>): void {
  for (const key of ['shared_memory_region', 'classification'])
    if (key in said) throw invalid(`Expected no parameter ${key} of ${name}: this server has not that extension.`)
}

function readList(
  name: string,
  kind: Datatype | undefined,
  elements: number,
  data: readonly unknown[],
): TensorValue['data'] {
  const flat: readonly unknown[] = data.some(Array.isArray) ? data.flat<readonly unknown[], 16>(16) : data
  if (flat.length !== elements)
    throw invalid(`Expected ${elements} elements of input ${name}, as its shape says, got ${flat.length}.`)
  if (kind === undefined) {
    const wrong = flat.find((value) => typeof value !== 'string')
    if (wrong !== undefined) throw notElement(name, 'text', wrong)
    return flat as string[]
  }
  if (kind.name === 'FP16') throw invalid(`Expected input ${name} in binary: FP16 has no form in JSON.`)
  const values = kind.make(new ArrayBuffer(elements * kind.bytes), 0, elements)
  const fill = fillers[kind.name] ?? fillIntegers
  fill(name, flat, values as Int32Array)
  return values
}

type Fill = (name: string, from: readonly unknown[], into: Int32Array) => void

const fillFloats: Fill = (name, from, into) => {
  for (let i = 0; i < from.length; i++) {
    const value = from[i]
    if (typeof value !== 'number') throw notElement(name, 'a number', value)
    into[i] = value
  }
}
const fillIntegers: Fill = (name, from, into) => {
  for (let i = 0; i < from.length; i++) {
    const value = from[i]
    if (typeof value !== 'number') throw notElement(name, 'a whole number', value)
    into[i] = value
    if (into[i] !== value) throw notElement(name, 'a whole number that its datatype holds', value)
  }
}
const fillBig: Fill = (name, from, into) => {
  const big = into as unknown as BigInt64Array
  for (let i = 0; i < from.length; i++) {
    const value = from[i]
    if (!Number.isSafeInteger(value)) throw notElement(name, 'a whole number', value)
    big[i] = BigInt(value as number)
    if (Number(big[i]) !== value) throw notElement(name, 'a whole number that its datatype holds', value)
  }
}
const fillers: Readonly<Record<string, Fill>> = {
  FP32: fillFloats,
  FP64: fillFloats,
  INT64: fillBig,
  UINT64: fillBig,
  BOOL(name, from, into) {
    for (let i = 0; i < from.length; i++) {
      const value = from[i]
      if (typeof value !== 'boolean' && value !== 0 && value !== 1) throw notElement(name, 'true or false', value)
      into[i] = Number(value)
    }
  },
}

function readBytes(name: string, kind: Datatype | undefined, elements: number, bytes: Buffer): TensorValue['data'] {
  if (kind === undefined) return readTexts(name, elements, bytes)
  if (bytes.length !== elements * kind.bytes)
    throw invalid(
      `Expected ${elements * kind.bytes} bytes of input ${name} (${elements} of ${kind.name}), got ${bytes.length}.`,
    )
  if (bytes.byteOffset % kind.bytes === 0) return kind.make(bytes.buffer as ArrayBuffer, bytes.byteOffset, elements)
  // A copy of its own, so that the tensor begins where its type may.
  const own = new Uint8Array(bytes.length)
  own.set(bytes)
  return kind.make(own.buffer, 0, elements)
}

/** BYTES: a 32-bit length before each element. */
function readTexts(name: string, elements: number, bytes: Buffer): string[] {
  const texts: string[] = []
  let at = 0
  while (at < bytes.length && texts.length < elements) {
    const length = at + 4 <= bytes.length ? bytes.readUInt32LE(at) : Number.POSITIVE_INFINITY
    if (at + 4 + length > bytes.length) throw invalid(`Element ${texts.length} of input ${name} ends beyond its bytes.`)
    texts.push(bytes.toString('utf8', at + 4, at + 4 + length))
    at += 4 + length
  }
  if (texts.length === elements && at === bytes.length) return texts
  throw invalid(
    `Expected ${elements} elements of input ${name} in ${bytes.length} bytes, got ${texts.length} in ${at}.`,
  )
}

const notElement = (name: string, expected: string, value: unknown): FoveaError =>
  invalid(
    `Expected ${expected} in the data of input ${name}, got ${(JSON.stringify(value) ?? 'nothing').slice(0, 60)}.`,
  )

const invalid = (message: string): FoveaError =>
  new FoveaError('INPUT_INVALID', message, { hint: 'docs/serving.md shows requests of this protocol.' })
