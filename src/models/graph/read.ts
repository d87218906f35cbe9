import { invalid, readFields, readText } from './wire.ts'

/** A piece of a graph as it stands in the file, and the name it goes by. */
export interface Named {
  name: string
  bytes: Uint8Array
}

/** One operator of a graph. */
export interface GraphNode {
  operator: string
  /** Empty for the operators of ONNX itself. */
  domain: string
  /** Empty names stand for inputs that are left out. */
  inputs: readonly string[]
  outputs: readonly string[]
  attributes: readonly string[]
  /** Names that graphs inside its attributes read or write; some of them may be of this graph. */
  nested: readonly string[]
  /** Operators inside its attributes. */
  nestedNodes: readonly GraphNode[]
  bytes: Uint8Array
}

/** A network taken apart; every piece is a view on the bytes it was read from. */
export interface ParsedModel {
  irVersion: number
  /** Opset by domain; that of ONNX itself is under the empty name. */
  opsets: ReadonlyMap<string, number>
  nodes: readonly GraphNode[]
  initializers: readonly Named[]
  sparseInitializers: readonly Named[]
  /** Without those that are initialisers too. */
  inputs: readonly Named[]
  outputs: readonly Named[]
  valueInfo: readonly Named[]
  /** Whether it brings functions of its own. */
  hasFunctions: boolean
  /** Fields of the model and of its graph that are handed on as they stand: producer, metadata, functions. */
  otherFields: readonly Uint8Array[]
  otherGraphFields: readonly Uint8Array[]
}

const maxDepth = 16

/** Field numbers in onnx.proto3. */
const ofModel = { irVersion: 1, graph: 7, opsets: 8, functions: 25 } as const
const ofGraph = { node: 1, initializer: 5, input: 11, output: 12, valueInfo: 13, sparse: 15 } as const

/** Takes a .onnx file apart. Throws MODEL_INVALID for what is none. */
export function readModel(file: Uint8Array): ParsedModel {
  let irVersion = 0
  let graph: Uint8Array | undefined
  let hasFunctions = false
  const opsets = new Map<string, number>()
  const otherFields: Uint8Array[] = []
  for (const field of readFields(file)) {
    if (field.number === ofModel.irVersion) irVersion = field.value
    else if (field.number === ofModel.graph) graph = field.bytes
    else if (field.number === ofModel.opsets) {
      const [domain, version] = readOpset(field.bytes)
      opsets.set(domain, version)
    } else {
      hasFunctions ||= field.number === ofModel.functions
      otherFields.push(field.raw)
    }
  }
  if (graph === undefined) throw invalid('there is no graph in it')
  if (irVersion === 0 || opsets.size === 0) throw invalid('it does not say its version')
  return { irVersion, opsets, hasFunctions, otherFields, ...readGraph(graph) }
}

function readGraph(graph: Uint8Array): Omit<ParsedModel, 'irVersion' | 'opsets' | 'hasFunctions' | 'otherFields'> {
  const nodes: GraphNode[] = []
  const [initializers, sparseInitializers, inputs, outputs, valueInfo]: Named[][] = [[], [], [], [], []] as const
  const otherGraphFields: Uint8Array[] = []
  for (const { number, bytes, raw } of readFields(graph)) {
    if (number === ofGraph.node) nodes.push(readNode(bytes, 0))
    else if (number === ofGraph.initializer) initializers.push(readInitializer(bytes))
    else if (number === ofGraph.input) inputs.push({ name: readName(bytes, 1), bytes })
    else if (number === ofGraph.output) outputs.push({ name: readName(bytes, 1), bytes })
    else if (number === ofGraph.valueInfo) valueInfo.push({ name: readName(bytes, 1), bytes })
    else if (number === ofGraph.sparse) sparseInitializers.push({ name: readSparseName(bytes), bytes })
    else otherGraphFields.push(raw)
  }
  const constants = new Set([...initializers, ...sparseInitializers].map(({ name }) => name))
  return {
    nodes,
    initializers: initializers,
    sparseInitializers: sparseInitializers,
    inputs: inputs.filter(({ name }) => !constants.has(name)),
    outputs: outputs,
    valueInfo: valueInfo,
    otherGraphFields,
  }
}

/** One encoded operator. Throws MODEL_INVALID. */
export function readNode(bytes: Uint8Array, depth = 0): GraphNode {
  if (depth > maxDepth) throw invalid(`graphs lie more than ${maxDepth} deep in each other`)
  let operator = ''
  let domain = ''
  const inputs: string[] = []
  const outputs: string[] = []
  const attributes: string[] = []
  const nestedNodes: GraphNode[] = []
  const nested = new Set<string>()
  for (const field of readFields(bytes)) {
    if (field.number === 1) inputs.push(readText(field.bytes))
    else if (field.number === 2) outputs.push(readText(field.bytes))
    else if (field.number === 4) operator = readText(field.bytes)
    else if (field.number === 7) domain = readText(field.bytes)
    else if (field.number === 5) {
      attributes.push(readName(field.bytes, 1))
      for (const part of readFields(field.bytes))
        if (part.number === 6 || part.number === 11) {
          const inner = readInnerGraph(part.bytes, depth + 1)
          nestedNodes.push(...inner.nodes)
          for (const name of inner.names) nested.add(name)
        }
    }
  }
  if (operator === '') throw invalid('an operator has no name')
  return {
    operator,
    domain: domain === 'ai.onnx' ? '' : domain,
    inputs,
    outputs,
    attributes,
    nested: [...nested],
    nestedNodes,
    bytes,
  }
}

function readInnerGraph(graph: Uint8Array, depth: number): { nodes: GraphNode[]; names: string[] } {
  const nodes: GraphNode[] = []
  const names: string[] = []
  for (const { number, bytes } of readFields(graph)) {
    if (number === ofGraph.node) nodes.push(readNode(bytes, depth))
    else if (number === ofGraph.output || number === ofGraph.input) names.push(readName(bytes, 1))
    else if (number === ofGraph.initializer) names.push(readInitializer(bytes).name)
  }
  for (const each of nodes) names.push(...each.inputs, ...each.outputs, ...each.nested)
  return { nodes, names }
}

function readInitializer(bytes: Uint8Array): Named {
  let name = ''
  for (const field of readFields(bytes)) {
    if (field.number === 8) name = readText(field.bytes)
    // Weights outside name files of the caller's disk; nothing of the kind is followed.
    else if (field.number === 13 || (field.number === 14 && field.value !== 0))
      throw invalid('its weights lie in another file')
  }
  if (name === '') throw invalid('weights have no name')
  return { name, bytes }
}

function readSparseName(bytes: Uint8Array): string {
  for (const field of readFields(bytes)) if (field.number === 1) return readInitializer(field.bytes).name
  throw invalid('sparse weights have no values')
}

/** The text of a field of a message; empty where it has none. */
export function readName(message: Uint8Array, fieldNumber: number): string {
  for (const field of readFields(message)) if (field.number === fieldNumber) return readText(field.bytes)
  return ''
}

function readOpset(message: Uint8Array): [string, number] {
  let domain = ''
  let version = 0
  for (const field of readFields(message)) {
    if (field.number === 1) domain = readText(field.bytes)
    else if (field.number === 2) version = field.value
  }
  return [domain === 'ai.onnx' ? '' : domain, version]
}
