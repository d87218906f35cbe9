import { FoveaError } from '#base'
import { ownOpset, type OnnxGraph } from '../encode-onnx.ts'
import { cutModel, listNames } from './cut.ts'
import { chooseOpset } from './opsets.ts'
import { readModel, readName, readNode, type GraphNode, type Named, type ParsedModel } from './read.ts'
import { join, readFields, readText, textField } from './wire.ts'
import { writeModel } from './write.ts'

export interface JoinOptions {
  /** A .onnx file. */
  body: Uint8Array
  /** Tensors of the body that the head reads under the same names; outputs, or others within the graph. */
  keep: readonly string[]
  /** Made by the functions of encode-onnx. It may read the body's inputs too. */
  head: OnnxGraph
  /** Tensors of the body that the joined network answers with beside the head's outputs. */
  also?: readonly string[]
  /** Of the head; 17 when left out. */
  opset?: number
}

/**
 * One network of two: the body's inputs, the parts of the body that are needed, then the head and its outputs. Names inside the head
 * that the body has too get a prefix; names of its operators that the body uses are left out. Throws MODEL_INVALID for bytes that are no network, for tensors that the body does not have,
 * for opsets that cannot stand together, and for outputs whose names the body takes.
 */
export function joinGraphs({ body: file, keep, head, also = [], opset = ownOpset }: JoinOptions): Uint8Array {
  const whole = readModel(file)
  const body = cutModel(whole, [...new Set([...keep, ...also])])
  const nodes = head.nodes.map((bytes) => readNode(bytes))
  const initializers = head.initializers.map((bytes) => ({ name: readName(bytes, 8), bytes }))
  const outputs = head.outputs.map((bytes) => ({ name: readName(bytes, 1), bytes }))
  checkHead(nodes, initializers, outputs, new Set([...keep, ...whole.inputs.map(({ name }) => name)]))

  const taken = listTaken(body)
  for (const { name } of outputs)
    if (taken.has(name))
      throw refuse(`the body already has a tensor ${name}`, 'Give the output of the head another name.')
  const inner = new Set([...initializers.map(({ name }) => name), ...nodes.flatMap((each) => each.outputs)])
  const all = new Set([...taken, ...inner])
  const renamed = new Map<string, string>()
  for (const name of inner) {
    if (!taken.has(name) || name === '') continue
    let other = `head.${name}`
    while (all.has(other)) other = `head.${other}`
    all.add(other)
    renamed.set(name, other)
  }

  const operators = new Set(body.nodes.map(({ bytes }) => readName(bytes, 3)))
  const own = body.opsets.get('') ?? ownOpset
  const chosen = chooseOpset({ opset: own, nodes: body.nodes, hasFunctions: body.hasFunctions }, { opset, nodes })
  const readInputs = new Set(nodes.flatMap((each) => each.inputs))
  const kept = new Set(body.inputs.map(({ name }) => name))
  return writeModel({
    ...body,
    irVersion: Math.max(body.irVersion, 8),
    opsets: new Map([...body.opsets, ['', chosen]]),
    nodes: [...body.nodes, ...nodes.map((each) => renameNode(dropName(each, operators), renamed))],
    initializers: [...body.initializers, ...initializers.map((each) => renameField(each, 8, renamed))],
    inputs: whole.inputs.filter(({ name }) => kept.has(name) || readInputs.has(name)),
    outputs: [...outputs, ...body.outputs.filter(({ name }) => also.includes(name))],
  })
}

/** A network as a head for another: its inputs are read under their names from what it is joined to. Throws MODEL_INVALID. */
export function readAsHead(file: Uint8Array): OnnxGraph {
  const model = readModel(file)
  const bytesOf = (pieces: readonly { bytes: Uint8Array }[]): Uint8Array[] => pieces.map(({ bytes }) => bytes)
  return {
    nodes: bytesOf(model.nodes),
    initializers: bytesOf(model.initializers),
    inputs: bytesOf(model.inputs),
    outputs: bytesOf(model.outputs),
  }
}

/** Every tensor that the head reads must be its own, kept of the body, or an input of the body. */
function checkHead(
  nodes: readonly GraphNode[],
  initializers: readonly Named[],
  outputs: readonly Named[],
  fromBody: ReadonlySet<string>,
): void {
  const made = new Set(initializers.map(({ name }) => name))
  for (const each of nodes) {
    const missing = each.inputs.find((name) => name !== '' && !made.has(name) && !fromBody.has(name))
    if (missing !== undefined)
      throw refuse(
        `its ${each.operator} reads ${missing}, which nothing before it makes`,
        'Name the tensors of the body that the head reads in `keep`.',
      )
    for (const name of each.outputs) {
      if (name !== '' && made.has(name)) throw refuse(`it makes ${name} twice`, 'Give each tensor a name of its own.')
      made.add(name)
    }
  }
  const missing = outputs.find(({ name }) => !made.has(name))
  if (missing !== undefined) throw refuse(`nothing makes its output ${missing.name}`, `It makes ${listNames(outputs)}.`)
}

function listTaken({ nodes, initializers, sparseInitializers, inputs }: ParsedModel): Set<string> {
  const named = [...initializers, ...sparseInitializers, ...inputs].map(({ name }) => name)
  return new Set([...named, ...nodes.flatMap((each) => [...each.outputs, ...each.nested])])
}

/** Runtimes refuse two operators of one name, and do without names. */
function dropName(each: GraphNode, taken: ReadonlySet<string>): GraphNode {
  const name = readName(each.bytes, 3)
  if (name === '' || !taken.has(name)) return each
  return { ...each, bytes: join([...readFields(each.bytes)].flatMap(({ number, raw }) => (number === 3 ? [] : [raw]))) }
}

function renameNode(each: GraphNode, renamed: ReadonlyMap<string, string>): GraphNode {
  if (![...each.inputs, ...each.outputs].some((name) => renamed.has(name))) return each
  const fields = [...readFields(each.bytes)].map(({ number, bytes, raw }) => {
    const other = number === 1 || number === 2 ? renamed.get(readText(bytes)) : undefined
    return other === undefined ? raw : textField(number, other)
  })
  return { ...each, bytes: join(fields) }
}

function renameField(piece: Named, nameField: number, renamed: ReadonlyMap<string, string>): Named {
  const name = renamed.get(piece.name)
  if (name === undefined) return piece
  const fields = [...readFields(piece.bytes)].map(({ number, raw }) =>
    number === nameField ? textField(number, name) : raw,
  )
  return { name, bytes: join(fields) }
}

const refuse = (what: string, hint: string): FoveaError =>
  new FoveaError('MODEL_INVALID', `The head cannot be joined: ${what}.`, { hint })
