import type { Named, ParsedModel } from './read.ts'
import { bytesField, join, numberField, textField } from './wire.ts'

/** Bytes of a network that was taken apart. */
export function writeModel(model: ParsedModel): Uint8Array {
  const pieces = (field: number, named: readonly Named[]): Uint8Array[] =>
    named.map(({ bytes }) => bytesField(field, bytes))
  const graph = bytesField(
    7,
    ...model.nodes.map(({ bytes }) => bytesField(1, bytes)),
    ...pieces(5, model.initializers),
    ...pieces(11, model.inputs),
    ...pieces(12, model.outputs),
    ...pieces(13, model.valueInfo),
    ...pieces(15, model.sparseInitializers),
    ...model.otherGraphFields,
  )
  const opsets = [...model.opsets].map(([domain, version]) =>
    bytesField(8, ...(domain === '' ? [] : [textField(1, domain)]), numberField(2, version)),
  )
  return join([numberField(1, model.irVersion), ...model.otherFields, graph, ...opsets])
}
