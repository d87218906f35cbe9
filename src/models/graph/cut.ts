import { readModel, type GraphNode, type Named, type ParsedModel } from './read.ts'
import { writeModel } from './write.ts'
import { invalid, textField } from './wire.ts'

/**
 * A network with those operators, weights and inputs alone that the named outputs need; names of tensors inside the graph count as
 * outputs too. Answers for the outputs stay as they were. Throws MODEL_INVALID for bytes that are no network, for names that it
 * does not have, and for graphs that run in circles.
 */
export function cutGraph(file: Uint8Array, outputs: readonly string[]): Uint8Array {
  return writeModel(cutModel(readModel(file), outputs))
}

/** As `cutGraph`, of a network taken apart. */
export function cutModel(model: ParsedModel, outputs: readonly string[]): ParsedModel {
  const needed = findNeeded(model, outputs)
  const isNeeded = ({ name }: Named): boolean => needed.names.has(name)
  const declared = new Map([...model.valueInfo, ...model.outputs].map((each) => [each.name, each]))
  const wanted = new Set(outputs)
  return {
    ...model,
    nodes: model.nodes.filter((each) => needed.nodes.has(each)),
    initializers: model.initializers.filter(isNeeded),
    sparseInitializers: model.sparseInitializers.filter(isNeeded),
    inputs: model.inputs.filter(isNeeded),
    // A tensor whose kind is said nowhere is given by name: ONNX Runtime finds its kind by itself.
    outputs: [...wanted].map((name) => declared.get(name) ?? { name, bytes: textField(1, name) }),
    valueInfo: model.valueInfo.filter((each) => isNeeded(each) && !wanted.has(each.name)),
  }
}

/** What has to run for the named tensors; operators stand in the order in which they run, as ONNX demands. */
function findNeeded(model: ParsedModel, outputs: readonly string[]): { names: Set<string>; nodes: Set<GraphNode> } {
  const makers = new Map<string, GraphNode>()
  const given = new Set([...model.inputs, ...model.initializers, ...model.sparseInitializers].map(({ name }) => name))
  for (const each of model.nodes)
    for (const output of each.outputs.filter((name) => name !== '')) {
      if (makers.has(output) || given.has(output)) throw invalid(`${output} is made twice`)
      makers.set(output, each)
    }
  const names = new Set<string>()
  const nodes = new Set<GraphNode>()
  const open: string[] = []
  for (const output of outputs) {
    if (!makers.has(output) && !given.has(output))
      throw invalid(`it has no tensor ${output}; its outputs are ${listNames(model.outputs)}`)
    open.push(output)
  }
  for (let name = open.pop(); name !== undefined; name = open.pop()) {
    if (names.has(name)) continue
    const maker = makers.get(name)
    // Names of a graph within a node may be its own; those of this graph are kept.
    if (maker === undefined && !given.has(name)) continue
    names.add(name)
    if (maker === undefined || nodes.has(maker)) continue
    nodes.add(maker)
    const missing = maker.inputs.find((input) => input !== '' && !makers.has(input) && !given.has(input))
    if (missing !== undefined) throw invalid(`${missing}, which ${maker.operator} reads, is made nowhere`)
    for (const input of [...maker.inputs, ...maker.nested]) if (input !== '') open.push(input)
  }
  const made = new Set(given)
  for (const each of model.nodes) {
    if (!nodes.has(each)) continue
    const early = each.inputs.find((input) => input !== '' && !made.has(input))
    if (early !== undefined) throw invalid(`${each.operator} reads ${early} before it is made`)
    for (const output of each.outputs) {
      made.add(output)
      names.add(output)
    }
  }
  names.delete('')
  return { names, nodes }
}

export const listNames = (pieces: readonly { name: string }[]): string =>
  pieces
    .slice(0, 20)
    .map(({ name }) => name)
    .join(', ')
