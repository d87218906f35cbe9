import { elementType, floats, integers, node, value, type OnnxGraph } from '#models'

/** A value of a graph that is being written: rows × channels × anything. */
export interface Tensor {
  readonly name: string
  /** Size of the second axis; what parameters of later operators depend on. */
  readonly channels: number
}

/** Leads the gradient of an operator's result back to one of its inputs. */
type Pull = readonly [input: Tensor, pull: (gradient: Tensor) => Tensor]

/**
 * Writes a graph of ONNX operators forward, and remembers how each is differentiated; `differentiate` then writes the operators of the
 * backward pass (reverse-mode differentiation). Sizes of rows, heights and widths stay free.
 */
export interface Tape {
  /** Something given at every run. */
  input(name: string, channels: number, about?: { type?: number; dims?: readonly (number | string)[] }): Tensor
  /** Something given at every run whose gradient is wanted. */
  parameter(name: string, dims: readonly number[]): Tensor
  /** Constants; a plain list is written once however often it is asked for. */
  floats(dims: readonly number[], data: Float32Array | readonly number[]): Tensor
  integers(data: readonly number[]): Tensor
  /** Appends an operator with one result. Without `pulls` nothing flows back through it. */
  apply(
    operator: string,
    inputs: readonly Tensor[],
    channels: number,
    about?: { attributes?: readonly Uint8Array[]; pulls?: readonly Pull[] },
  ): Tensor
  /** Says how a result that several operators made together is differentiated. */
  record(result: Tensor, pulls: readonly Pull[]): void
  /** Gradients of a result with the gradient `seed` with respect to `of`, in order. Throws for what it does not depend on. */
  differentiate(result: Tensor, seed: Tensor, of: readonly Tensor[]): Tensor[]
  /** The graph that makes the named outputs; floats where no type is said. */
  finish(outputs: Readonly<Record<string, GraphOutput>>): OnnxGraph
}

interface GraphOutput {
  tensor: Tensor
  /** Sizes given as text are free. */
  dims: readonly (number | string)[]
  type?: number
}

export function createTape(): Tape {
  const nodes: Uint8Array[] = []
  const initializers: Uint8Array[] = []
  const inputs: Uint8Array[] = []
  const constants = new Map<string, Tensor>()
  /** Results in the order they were made; a parameter has no pulls. */
  const records: { result: Tensor; pulls: readonly Pull[] }[] = []
  const isTracked = new Set<string>()
  let count = 0
  const nextName = (operator: string): string => `t${count++}.${operator}`

  const share = (key: string, make: (name: string) => Tensor): Tensor => {
    const known = constants.get(key) ?? make(nextName('constant'))
    constants.set(key, known)
    return known
  }

  const tape: Tape = {
    input(name, channels, { type = elementType.float, dims = ['n', channels, `${name}.h`, `${name}.w`] } = {}) {
      inputs.push(value(name, type, dims))
      return { name, channels }
    },
    parameter(name, dims) {
      const tensor = tape.input(name, dims[1] ?? dims[0] ?? 1, { dims })
      isTracked.add(name)
      return tensor
    },
    floats(dims, data) {
      const make = (name: string): Tensor => {
        initializers.push(floats(name, dims, data))
        return { name, channels: dims[1] ?? 1 }
      }
      return data instanceof Float32Array ? make(nextName('weights')) : share(`f${dims.join('x')}:${data.join()}`, make)
    },
    integers: (data) =>
      share(`i${data.join()}`, (name) => {
        initializers.push(integers(name, data))
        return { name, channels: 1 }
      }),
    apply(operator, from, channels, { attributes = [], pulls = [] } = {}) {
      const result = { name: nextName(operator), channels }
      nodes.push(
        node(
          operator,
          from.map(({ name }) => name),
          result.name,
          attributes,
        ),
      )
      tape.record(result, pulls)
      return result
    },
    record(result, pulls) {
      const kept = pulls.filter(([input]) => isTracked.has(input.name))
      if (kept.length === 0) return
      isTracked.add(result.name)
      records.push({ result, pulls: kept })
    },
    differentiate(result, seed, of) {
      const gradients = new Map([[result.name, seed]])
      for (const { result: made, pulls } of records.toReversed()) {
        const gradient = gradients.get(made.name)
        if (gradient === undefined) continue
        for (const [input, pull] of pulls) {
          const [before, more] = [gradients.get(input.name), pull(gradient)]
          gradients.set(input.name, before === undefined ? more : tape.apply('Add', [before, more], more.channels))
        }
      }
      return of.map(({ name }) => {
        const gradient = gradients.get(name)
        if (gradient === undefined) throw new Error(`${result.name} does not depend on ${name}.`)
        return gradient
      })
    },
    finish(outputs) {
      const named = Object.entries(outputs).map(([name, { tensor, dims, type = elementType.float }]) => {
        nodes.push(node('Identity', [tensor.name], name))
        return value(name, type, dims)
      })
      return { nodes, initializers, inputs, outputs: named }
    },
  }
  return tape
}
