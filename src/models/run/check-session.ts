import type { InferenceSession } from 'onnxruntime-node'
import { FoveaError } from '#base'
import type { ModelCard } from '../card.ts'

/** Holds the input of an opened network, and the names of outputs, against its card. Throws MODEL_MISMATCH with what was found. */
export function checkSession(
  session: InferenceSession,
  card: Pick<ModelCard, 'name' | 'input'>,
  outputs: readonly (string | undefined)[],
): void {
  const { input } = card
  const inputs = session.inputMetadata.map((each) => (each.isTensor ? each : { ...each, type: 'other', shape: [] }))
  const found = inputs.find((each) => each.name === input.name)
  if (found === undefined)
    throw mismatch(card, `has no input ${input.name}; it has ${list(session.inputNames)}`, 'input.name')
  if (inputs.length > 1)
    throw mismatch(
      card,
      `takes ${inputs.length} inputs (${list(session.inputNames)}); one picture can be given`,
      'input',
    )
  if (found.type !== 'float32') throw mismatch(card, `takes ${found.type}; 32-bit floats can be given`, 'input.name')
  const [height, width] = input.size
  const wanted = input.layout === 'nchw' ? [null, 3, height, width] : [null, height, width, 3]
  const fits =
    found.shape.length === 4 &&
    wanted.every((size, i) => size === null || typeof found.shape[i] !== 'number' || found.shape[i] === size)
  if (!fits) {
    const said = wanted.map((size) => size ?? 'n').join(' × ')
    throw mismatch(card, `takes ${found.shape.join(' × ')}, its card says ${said}`, 'input.size and input.layout')
  }
  for (const name of outputs) {
    if (name !== undefined && !session.outputNames.includes(name))
      throw mismatch(card, `has no output ${name}; it has ${list(session.outputNames)}`, 'output')
  }
}

function mismatch({ name }: { name: string }, what: string, key: string): FoveaError {
  return new FoveaError('MODEL_MISMATCH', `Model ${name} ${what}.`, {
    hint: `Correct ${key} of its card, then add it again.`,
  })
}

const list = (names: readonly string[]): string => names.slice(0, 20).join(', ')
