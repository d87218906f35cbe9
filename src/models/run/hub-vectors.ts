import type { Tensor } from '@huggingface/transformers'
import { FoveaError } from '#base'
import type { HubKind } from '../hub-kinds.ts'

/** What a network answered, by name of the output. */
export type Outputs = Readonly<Record<string, Tensor>>

export interface VectorPlan {
  rows: number
  reads: HubKind['reads']
  /** For messages. */
  file: string
}

const outputsOf = {
  projection: ['image_embeds', 'text_embeds', 'pooler_output'],
  'class-token': ['last_hidden_state', 'pooler_output'],
  pool: ['pooler_output', 'last_hidden_state'],
} as const

/**
 * Takes one vector a row from what a network answered, and scales it to unit length; `norm` is the length before. A zero vector
 * stays zero. Throws MODEL_INVALID when the network has no output that can be read so, MODEL_OUTPUT for NaN and infinity.
 */
export function readVectors(
  outputs: Outputs,
  { rows, reads, file }: VectorPlan,
): { vector: Float32Array; norm: number }[] {
  const name = outputsOf[reads].find((each) => outputs[each] !== undefined)
  if (name === undefined)
    throw new FoveaError(
      'MODEL_INVALID',
      `${file} answers with ${Object.keys(outputs).join(', ')}; expected ${outputsOf[reads].join(' or ')}.`,
      {
        hint: 'Export the model for feature extraction, not for classification.',
      },
    )
  const { data, dims, type } = outputs[name]! as { data: unknown; dims: number[]; type: string }
  if (!(data instanceof Float32Array) || dims[0] !== rows || dims.length < 2)
    throw new FoveaError(
      'MODEL_INVALID',
      `${file} answers ${rows} rows with ${name} of ${type} [${dims.join(' × ')}]; expected 32-bit floats, a row each.`,
      {
        hint: 'Export it with float32 outputs and a batch axis that is free.',
      },
    )
  const perRow = data.length / rows
  return Array.from({ length: rows }, (_, row) => {
    const vector = reduce(data.subarray(row * perRow, (row + 1) * perRow), dims.slice(1), reads)
    const norm = normalise(vector)
    if (!Number.isFinite(norm))
      throw new FoveaError('MODEL_OUTPUT', `${file} answered with values that are no numbers (NaN or infinite).`, {
        hint: 'Take another variant of the model: half precision can overflow.',
      })
    return { vector, norm }
  })
}

/** One row: d as it is; tokens × d by the first token or the mean; d × height × width by the mean over the area. */
function reduce(row: Float32Array, dims: readonly number[], reads: HubKind['reads']): Float32Array {
  if (dims.length === 1) return row.slice()
  if (dims.length === 2) {
    const [tokens, width] = dims as [number, number]
    if (reads === 'class-token') return row.slice(0, width)
    const mean = new Float32Array(width)
    for (let token = 0; token < tokens; token++)
      for (let i = 0; i < width; i++) mean[i]! += row[token * width + i]! / tokens
    return mean
  }
  const channels = dims[0]!
  const area = row.length / channels
  return Float32Array.from({ length: channels }, (_, channel) => {
    let sum = 0
    for (let i = channel * area; i < (channel + 1) * area; i++) sum += row[i]!
    return sum / area
  })
}

function normalise(vector: Float32Array): number {
  let squares = 0
  for (const value of vector) squares += value * value
  const norm = Math.sqrt(squares)
  if (norm > 0 && Number.isFinite(norm)) for (let i = 0; i < vector.length; i++) vector[i]! /= norm
  return norm
}
