import { FoveaError } from '#base'
import type { GraphNode } from './read.ts'

/** Newest opset that ONNX Runtime 1.30 runs in full. */
const newestOpset = 23

/**
 * Changes of operators between opset 7 and 23 after which an older node is no longer valid or means another thing: the opset, and
 * the attributes that went (none named: any node). Found by comparing all schemas of the Python package onnx 1.23.2
 * (`onnx.defs.get_all_schemas_with_history`): inputs, outputs, attributes, defaults and types; changes that only add are left out.
 */
const breaks: Readonly<Record<string, readonly { opset: number; attributes?: readonly string[] }[]>> = {
  BatchNormalization: [{ opset: 9, attributes: ['spatial'] }],
  Clip: [{ opset: 11, attributes: ['min', 'max'] }],
  DFT: [{ opset: 20, attributes: ['axis'] }],
  Dropout: [{ opset: 12, attributes: ['ratio'] }],
  GridSample: [{ opset: 20 }],
  GroupNormalization: [{ opset: 21 }],
  Hardmax: [{ opset: 13 }],
  LogSoftmax: [{ opset: 13 }],
  Pad: [{ opset: 11 }],
  ReduceL1: [{ opset: 18, attributes: ['axes'] }],
  ReduceL2: [{ opset: 18, attributes: ['axes'] }],
  ReduceLogSum: [{ opset: 18, attributes: ['axes'] }],
  ReduceLogSumExp: [{ opset: 18, attributes: ['axes'] }],
  ReduceMax: [{ opset: 18, attributes: ['axes'] }],
  ReduceMean: [{ opset: 18, attributes: ['axes'] }],
  ReduceMin: [{ opset: 18, attributes: ['axes'] }],
  ReduceProd: [{ opset: 18, attributes: ['axes'] }],
  ReduceSum: [{ opset: 13, attributes: ['axes'] }],
  ReduceSumSquare: [{ opset: 18, attributes: ['axes'] }],
  Resize: [{ opset: 11 }],
  Scan: [{ opset: 9 }],
  Scatter: [{ opset: 11 }],
  Slice: [{ opset: 10 }],
  Softmax: [{ opset: 13 }],
  Split: [{ opset: 13, attributes: ['split'] }, { opset: 18 }],
  Squeeze: [{ opset: 13, attributes: ['axes'] }],
  TopK: [{ opset: 10 }],
  Unsqueeze: [{ opset: 13 }],
  Upsample: [{ opset: 9 }],
}

/**
 * The opset in which two graphs can stand together: the higher of the two, where no operator of the other changed in between.
 * Throws MODEL_INVALID that names the operator.
 */
export function chooseOpset(
  body: { opset: number; nodes: readonly GraphNode[]; hasFunctions: boolean },
  head: { opset: number; nodes: readonly GraphNode[] },
): number {
  const chosen = Math.max(body.opset, head.opset)
  if (Math.min(body.opset, head.opset) < 7 || chosen > newestOpset)
    throw refuse(`it speaks opset ${body.opset}, and 7 to ${newestOpset} can be joined`, head.opset)
  if (body.opset < chosen && body.hasFunctions)
    throw refuse(`it has functions of its own in opset ${body.opset}`, head.opset)
  for (const part of [body, head]) {
    const changed = findChanged(part.nodes, part.opset, chosen)
    if (changed !== undefined)
      throw refuse(
        `${changed.operator} of ${part === body ? 'it' : 'the head'} changed between opset ${part.opset} and ${chosen}`,
        head.opset,
      )
  }
  return chosen
}

function findChanged(nodes: readonly GraphNode[], from: number, to: number): GraphNode | undefined {
  for (const each of nodes) {
    const isChanged =
      each.domain === '' &&
      (breaks[each.operator] ?? []).some(
        ({ opset, attributes }) =>
          from < opset &&
          opset <= to &&
          (attributes === undefined || attributes.some((name) => each.attributes.includes(name))),
      )
    if (isChanged) return each
    const inner = findChanged(each.nestedNodes, from, to)
    if (inner !== undefined) return inner
  }
  return undefined
}

const refuse = (what: string, opset: number): FoveaError =>
  new FoveaError('MODEL_INVALID', `The network cannot be joined with a head: ${what}.`, {
    hint: `Export the network with opset ${opset}.`,
  })
