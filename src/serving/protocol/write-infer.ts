import { FoveaError } from '#base'
import type { TensorValue } from '#models'
import { nameOfType } from './datatypes.ts'
import type { InferRequest } from './read-infer.ts'

/** Answers with tensors in the Open Inference Protocol v2; `headerBytes` is null where all of the body is JSON. */
export function writeInfer(
  about: { model: string; version: string; id: string | undefined },
  outputs: Readonly<Record<string, TensorValue>>,
  request: Pick<InferRequest, 'isBinary' | 'outputs'>,
): { body: Buffer; headerBytes: number | null } {
  const binary: Buffer[] = []
  const names = request.outputs ?? Object.keys(outputs)
  const parts = names.map((name) => {
    const { type, dims, data } = outputs[name]!
    const head = `"name":${JSON.stringify(name)},"shape":[${dims.join(',')}],"datatype":"${nameOfType(type)}"`
    if (!request.isBinary(name)) return `{${head},"data":[${listElements(name, type, data)}]}`
    const bytes = tensorBytes(data)
    binary.push(bytes)
    return `{${head},"parameters":{"binary_data_size":${bytes.length}}}`
  })
  const id = about.id === undefined ? '' : `,"id":${JSON.stringify(about.id)}`
  const head = Buffer.from(
    `{"model_name":${JSON.stringify(about.model)},"model_version":${JSON.stringify(about.version)}${id},"outputs":[${parts.join(',')}]}`,
  )
  return binary.length === 0
    ? { body: head, headerBytes: null }
    : { body: Buffer.concat([head, ...binary]), headerBytes: head.length }
}

/** Elements as JSON writes them. Throws MODEL_OUTPUT for values it has no form for. */
function listElements(name: string, type: string, data: TensorValue['data']): string {
  if (isTexts(data)) return data.map((text) => JSON.stringify(text)).join(',')
  if (type === 'float16')
    throw new FoveaError(
      'INPUT_INVALID',
      `Expected output ${name} to be asked for in binary: FP16 has no form in JSON.`,
      {
        hint: 'Set binary_data of the output.',
      },
    )
  const numbers = data as Float32Array
  if (type === 'bool') return Array.from(numbers, (value) => (value === 0 ? 'false' : 'true')).join(',')
  if (type.startsWith('float') && !numbers.every((value) => Number.isFinite(value)))
    throw new FoveaError(
      'MODEL_OUTPUT',
      `Output ${name} holds values that are no numbers, which JSON has no form for.`,
      {
        hint: 'Ask for it in binary.',
      },
    )
  return numbers.join(',')
}

function tensorBytes(data: TensorValue['data']): Buffer {
  if (!isTexts(data)) return Buffer.from(data.buffer, data.byteOffset, data.byteLength)
  return Buffer.concat(
    data.flatMap((text) => {
      const bytes = Buffer.from(text)
      const length = Buffer.alloc(4)
      length.writeUInt32LE(bytes.length)
      return [length, bytes]
    }),
  )
}

const isTexts = (data: TensorValue['data']): data is readonly string[] => Array.isArray(data)
