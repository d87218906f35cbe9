import { readFile } from 'node:fs/promises'
import { builtInBackbone, elementType, encodeModel, floats, integerAttribute, joinGraphs, node, value } from '#models'
import type { HeadWeights } from './layers.ts'
import type { PooledParams } from './params.ts'

/** Maps of the backbone whose means and maxima are features too, and their channels. */
const maps = [
  ['stride8', 40],
  ['stride16', 112],
  ['stride32', 320],
] as const
const lastFeatures = 1280

export type FeatureKind = PooledParams['features']

export const countFeatures = (kind: FeatureKind): number =>
  lastFeatures + (kind === 'last' ? 0 : maps.reduce((sum, [, channels]) => sum + 2 * channels, 0))

/** Nodes from what the backbone answers to one row of features a picture, under `output`. */
function poolNodes(kind: FeatureKind, output: string): { keep: string[]; nodes: Uint8Array[] } {
  if (kind === 'last') return { keep: ['features'], nodes: [node('Identity', ['features'], output)] }
  const parts: string[] = []
  const nodes: Uint8Array[] = []
  for (const [name] of maps)
    for (const operator of ['GlobalAveragePool', 'GlobalMaxPool']) {
      const pooled = `${name}.${operator}`
      nodes.push(node(operator, [name], pooled), node('Flatten', [pooled], `${pooled}.row`))
      parts.push(`${pooled}.row`)
    }
  nodes.push(node('Concat', ['features', ...parts], output, [integerAttribute('axis', 1)]))
  return { keep: ['features', ...maps.map(([name]) => name)], nodes }
}

/** Network from pictures to features: input as the built-in backbone's, output `rows` [N × features]. */
export async function encodeFeatureNetwork(kind: FeatureKind): Promise<Uint8Array> {
  const { keep, nodes } = poolNodes(kind, 'rows')
  return joinGraphs({
    body: await readFile((await builtInBackbone()).file),
    keep,
    head: {
      nodes,
      initializers: [],
      inputs: [],
      outputs: [value('rows', elementType.float, ['batch', countFeatures(kind)])],
    },
  })
}

/** Network from pictures to the head's answers: backbone, pooling and head in one graph. */
export async function encodeWhole(kind: FeatureKind, weights: HeadWeights, output: string): Promise<Uint8Array> {
  const { keep, nodes } = poolNodes(kind, 'head.rows')
  const { layers } = weights
  const initializers = layers.flatMap(({ weight, bias, inputs, outputs }, i) => [
    floats(`head.weight${i}`, [inputs, outputs], weight),
    floats(`head.bias${i}`, [outputs], bias),
  ])
  layers.forEach((_, i) => {
    const isLast = i === layers.length - 1
    const from = i === 0 ? 'head.rows' : `head.hidden${i - 1}`
    nodes.push(node('Gemm', [from, `head.weight${i}`, `head.bias${i}`], isLast ? output : `head.linear${i}`))
    if (!isLast) nodes.push(node('Relu', [`head.linear${i}`], `head.hidden${i}`))
  })
  return joinGraphs({
    body: await readFile((await builtInBackbone()).file),
    keep,
    head: {
      nodes,
      initializers,
      inputs: [],
      outputs: [value(output, elementType.float, ['batch', layers.at(-1)!.outputs])],
    },
  })
}

/**
 * One step of a head of one or two layers: forward, and the gradients of ½-type losses whose slope at the output is `activate(z) − y`
 * (cross-entropy behind softmax or sigmoid, squared error behind none), each row weighed by `w`. Inputs x, y, w, keep (dropout of the
 * last layer's input, already scaled), weights and biases; outputs z, gW*, gb*.
 */
export function encodeStep(activation: 'softmax' | 'sigmoid' | 'none', isDeep: boolean): Uint8Array {
  const first = isDeep
    ? [
        node('Gemm', ['x', 'W0', 'b0'], 'linear'),
        node('Relu', ['linear'], 'relu'),
        node('Mul', ['relu', 'keep'], 'last'),
      ]
    : [node('Mul', ['x', 'keep'], 'last')]
  const top = isDeep ? '1' : '0'
  const pulls = {
    softmax: [node('Softmax', ['z'], 'said')],
    sigmoid: [node('Sigmoid', ['z'], 'said')],
    none: [node('Identity', ['z'], 'said')],
  }[activation]
  const nodes = [
    ...first,
    node('Gemm', ['last', `W${top}`, `b${top}`], 'z'),
    ...pulls,
    node('Sub', ['said', 'y'], 'miss'),
    node('Mul', ['miss', 'w'], 'pull'),
    node('Gemm', ['last', 'pull'], `gW${top}`, [integerAttribute('transA', 1)]),
    node('Gemm', ['ones', 'pull'], `gb${top}`, [integerAttribute('transA', 1)]),
    ...(isDeep
      ? [
          node('Gemm', ['pull', 'W1'], 'back', [integerAttribute('transB', 1)]),
          node('Mul', ['back', 'keep'], 'kept'),
          node('Sign', ['relu'], 'open'),
          node('Mul', ['kept', 'open'], 'pull0'),
          node('Gemm', ['x', 'pull0'], 'gW0', [integerAttribute('transA', 1)]),
          node('Gemm', ['ones', 'pull0'], 'gb0', [integerAttribute('transA', 1)]),
        ]
      : []),
  ]
  const matrix = (name: string): Uint8Array => value(name, elementType.float, [`${name}.rows`, `${name}.columns`])
  const layerNames = isDeep ? ['0', '1'] : ['0']
  return encodeModel({
    nodes,
    initializers: [],
    inputs: ['x', 'y', 'w', 'keep', 'ones', ...layerNames.flatMap((n) => [`W${n}`, `b${n}`])].map(matrix),
    outputs: ['z', ...layerNames.flatMap((n) => [`gW${n}`, `gb${n}`])].map(matrix),
  })
}
