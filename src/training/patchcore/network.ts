import {
  elementType,
  floats,
  integerAttribute,
  integers,
  integersAttribute,
  joinGraphs,
  node,
  stringAttribute,
  value,
  type OnnxGraph,
} from '#models'
import type { Rows } from './gather.ts'
import type { Overview } from './overview.ts'
import type { PatchcoreParams } from './params.ts'
import { encodeMeanOfNear, gridSide } from './patches.ts'
import type { Places } from './places.ts'
import { scalingBias, type Scaling } from './whiten.ts'

export interface Memory {
  /** Remembered patches, scaled. */
  bank: Rows
  scaling: Scaling
}

/**
 * From pictures to `distances` [N, 1, grid, grid] of their patches to the nearest remembered one. Scaling and distances are convolutions
 * of one pixel: ‖x − b‖² = ‖x‖² + (‖b‖² − 2·b·x).
 */
export function encodeDistanceNetwork(
  patches: Uint8Array,
  { bank, scaling }: Memory,
  params: PatchcoreParams,
): Uint8Array {
  const head: OnnxGraph = {
    nodes: encodeDistances(params),
    initializers: distanceWeights(bank, scaling),
    inputs: [],
    outputs: [value('distances', elementType.float, ['n', 1, 'rows', 'columns'])],
  }
  return joinGraphs({ body: patches, keep: ['patches'], head })
}

/**
 * The whole detector in one network, over that of distances: `score` [N, 1] and `map` [N, 1, size, size], both in units of distance
 * between patches. The score is the mean of the highest distances or, for a share of 0, follows equation 7 of Roth et al. 2022: the
 * highest distance s*, times 1 − exp(s*) / Σ exp(distance to the neighbours of the nearest patch). With an overview, whose distance the
 * network answers with too, what that adds.
 */
export function encodeDetector(
  distances: Uint8Array,
  bank: Rows,
  { gain, shift }: Places,
  params: PatchcoreParams,
  overview: Overview | undefined,
): Uint8Array {
  const side = gridSide(params)
  const map = encodeMap(params)
  const own = overview === undefined ? 'score' : 'score.patches'
  const score = params.share === 0 ? encodeWeighedScore(bank, params, own) : encodeShareScore(params, own)
  const added = overview === undefined ? none : encodeAdded(overview, own)
  const head: OnnxGraph = {
    nodes: [
      node('Mul', ['distances', 'places.gain'], 'gained'),
      node('Add', ['gained', 'places.shift'], 'evened'),
      ...score.nodes,
      ...added.nodes,
      ...map.nodes,
    ],
    initializers: [
      floats('places.gain', [1, 1, side, side], gain),
      floats('places.shift', [1, 1, side, side], shift),
      integers('flat', [0, -1]),
      ...score.initializers,
      ...added.initializers,
      ...map.initializers,
    ],
    inputs: [],
    outputs: [
      value('score', elementType.float, ['n', 1]),
      value('map', elementType.float, ['n', 1, params.size, params.size]),
    ],
  }
  const keep = [
    'distances',
    ...(params.share === 0 ? ['offsets', 'lengths'] : []),
    ...(overview === undefined ? [] : ['overview.distance']),
  ]
  return joinGraphs({ body: distances, keep, head })
}

type Part = Pick<OnnxGraph, 'nodes' | 'initializers'>
const none: Part = { nodes: [], initializers: [] }

const axis = (said: number): Uint8Array => integerAttribute('axis', said)

/** `offsets` [N, bank, h, w] are squared distances without ‖x‖², `lengths` [N, 1, h, w] the latter. */
function encodeDistances({ smooth }: PatchcoreParams): Uint8Array[] {
  const nearest = smooth === 0 ? 'distances' : 'distances.single'
  return [
    node('Conv', ['patches', 'scaling', 'scaling.bias'], 'scaled'),
    node('Mul', ['scaled', 'scaled'], 'scaled.squares'),
    node('ReduceSum', ['scaled.squares', 'channel'], 'lengths'),
    node('Conv', ['scaled', 'bank', 'bank.lengths'], 'offsets'),
    node('ReduceMin', ['offsets'], 'least', [integersAttribute('axes', [1])]),
    node('Add', ['least', 'lengths'], 'squares'),
    // Rounding can leave less than nothing.
    node('Relu', ['squares'], 'squares.positive'),
    node('Sqrt', ['squares.positive'], nearest),
    ...(smooth === 0 ? [] : [encodeMeanOfNear(nearest, 'distances', 2 * smooth + 1)]),
  ]
}

function distanceWeights(bank: Rows, scaling: Scaling): Uint8Array[] {
  const { width, data } = bank
  const count = data.length / width
  const lengths = Float32Array.from({ length: count }, (_, row) => {
    let sum = 0
    for (let k = 0; k < width; k++) sum += data[row * width + k]! ** 2
    return sum
  })
  return [
    floats('scaling', [width, width, 1, 1], scaling.matrix),
    floats('scaling.bias', [width], scalingBias(scaling)),
    floats(
      'bank',
      [count, width, 1, 1],
      data.map((each) => -2 * each),
    ),
    floats('bank.lengths', [count], lengths),
    integers('channel', [1]),
  ]
}

/** Mean of the highest distances. */
function encodeShareScore(params: PatchcoreParams, output: string): Part {
  const cells = gridSide(params) ** 2
  return {
    nodes: [
      node('Reshape', ['evened', 'flat'], 'row'),
      node('TopK', ['row', 'top.count'], ['top', 'top.cells'], [axis(1)]),
      node('ReduceMean', ['top'], output, [integersAttribute('axes', [1])]),
    ],
    initializers: [integers('top.count', [Math.max(1, Math.round(params.share * cells))])],
  }
}

/** The highest distance, weighed by how alone the nearest remembered patch is. */
function encodeWeighedScore(bank: Rows, params: PatchcoreParams, output: string): Part {
  const count = bank.data.length / bank.width
  const neighbours = Math.min(params.neighbours, count)
  const highest: Part = {
    nodes: [node('Reshape', ['evened', 'flat'], 'row'), node('TopK', ['row', 'one'], ['highest', 'cell'], [axis(1)])],
    initializers: [integers('one', [1])],
  }
  if (neighbours === 1)
    return { nodes: [...highest.nodes, node('Identity', ['highest'], output)], initializers: highest.initializers }
  return {
    nodes: [
      ...highest.nodes,
      // Squared distances of the farthest patch to all of the bank, [N, bank].
      node('Reshape', ['offsets', 'rows'], 'offsets.rows'),
      node('Unsqueeze', ['cell', 'one'], 'cell.column'),
      node('Expand', ['cell.column', 'spread'], 'cell.rows'),
      node('GatherElements', ['offsets.rows', 'cell.rows'], 'offsets.column', [axis(2)]),
      node('Squeeze', ['offsets.column', 'two'], 'offsets.cell'),
      node('Reshape', ['lengths', 'flat'], 'lengths.row'),
      node('GatherElements', ['lengths.row', 'cell'], 'length', [axis(1)]),
      node('Add', ['offsets.cell', 'length'], 'all'),
      // Those around the nearest one, [N, neighbours].
      node('ArgMin', ['all'], 'nearest', [axis(1), integerAttribute('keepdims', 0)]),
      node('Gather', ['around', 'nearest'], 'around.rows', [axis(0)]),
      node('GatherElements', ['all', 'around.rows'], 'around.squares', [axis(1)]),
      node('Relu', ['around.squares'], 'around.positive'),
      node('Sqrt', ['around.positive'], 'around.distances'),
      node('Softmax', ['around.distances'], 'around.shares', [axis(1)]),
      node('Slice', ['around.shares', 'zero', 'one', 'one'], 'nearest.share'),
      node('Sub', ['whole', 'nearest.share'], 'weight'),
      node('Mul', ['weight', 'highest'], output),
    ],
    initializers: [
      ...highest.initializers,
      integers('zero', [0]),
      integers('two', [2]),
      integers('rows', [0, count, -1]),
      integers('spread', [1, count, 1]),
      integers('around', findNeighbours(bank, neighbours), [count, neighbours]),
      floats('whole', [], [1]),
    ],
  }
}

/** `score`: that of the patches, and what the overview adds. */
function encodeAdded({ gain, shift }: Overview, score: string): Part {
  return {
    nodes: [
      node('Mul', ['overview.distance', 'overview.gain'], 'overview.gained'),
      node('Add', ['overview.gained', 'overview.shift'], 'overview.added'),
      node('Add', [score, 'overview.added'], 'score'),
    ],
    initializers: [floats('overview.gain', [], [gain]), floats('overview.shift', [], [shift])],
  }
}

/** For each remembered patch the nearest ones, itself first. O(bank² · width). */
function findNeighbours({ width, data }: Rows, count: number): BigInt64Array {
  const all = data.length / width
  const table = new BigInt64Array(all * count)
  const distances = new Float64Array(all)
  for (let row = 0; row < all; row++) {
    for (let other = 0; other < all; other++) {
      let squares = 0
      for (let k = 0; k < width; k++) squares += (data[row * width + k]! - data[other * width + k]!) ** 2
      distances[other] = other === row ? -1 : squares
    }
    const best = pickLowest(distances, count)
    for (let i = 0; i < count; i++) table[row * count + i] = BigInt(best[i]!)
  }
  return table
}

/** Indices of the lowest values, ascending. */
function pickLowest(values: Float64Array, count: number): number[] {
  const best: number[] = []
  for (let i = 0; i < values.length; i++) {
    if (best.length === count && values[i]! >= values[best.at(-1)!]!) continue
    if (best.length === count) best.pop()
    let at = best.length
    while (at > 0 && values[best[at - 1]!]! > values[i]!) at--
    best.splice(at, 0, i)
  }
  return best
}

/** Distances brought to the size of the picture bilinearly and blurred (Roth et al. 2022, section 3.3), edges repeated outwards. */
function encodeMap(params: PatchcoreParams): Part {
  const scale = params.size / gridSide(params)
  const resize = node('Resize', ['evened', '', 'scales'], params.blur === 0 ? 'map' : 'large', [
    stringAttribute('mode', 'linear'),
  ])
  const scales = floats('scales', [4], [1, 1, scale, scale])
  if (params.blur === 0) return { nodes: [resize], initializers: [scales] }
  const reach = Math.ceil(3 * params.blur)
  const kernel = Array.from({ length: 2 * reach + 1 }, (_, i) => Math.exp(-((i - reach) ** 2) / (2 * params.blur ** 2)))
  const sum = kernel.reduce((all, each) => all + each, 0)
  const side = kernel.length
  return {
    nodes: [
      resize,
      node('Pad', ['large', 'pads'], 'padded', [stringAttribute('mode', 'edge')]),
      node('Conv', ['padded', 'blur.across'], 'across'),
      node('Conv', ['across', 'blur.down'], 'map'),
    ],
    initializers: [
      scales,
      integers('pads', [0, 0, reach, reach, 0, 0, reach, reach]),
      floats(
        'blur.across',
        [1, 1, 1, side],
        kernel.map((each) => each / sum),
      ),
      floats(
        'blur.down',
        [1, 1, side, 1],
        kernel.map((each) => each / sum),
      ),
    ],
  }
}
