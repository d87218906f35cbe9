import { readFile } from 'node:fs/promises'
import {
  builtInBackbone,
  floats,
  elementType,
  integerAttribute,
  integers,
  joinGraphs,
  node,
  readAsHead,
  value,
  type OnnxGraph,
} from '#models'
import type { Example, TrainingJob } from '../types.ts'
import type { Rows } from './gather.ts'
import { encodeInput } from './input.ts'
import { runPictures } from './look.ts'
import type { PatchcoreParams } from './params.ts'
import { scaleRows, scalingBias, whiten, type Scaling } from './whiten.ts'

/** What is usual of pictures as a whole, and what its lack adds to a score: `gain` · distance + `shift`. */
export interface Overview {
  scaling: Scaling
  gain: number
  shift: number
}

/** Held-out pictures below which their mean and spread say too little. */
export const leastHeldOut = 5

/** Last maps of three stages of the backbone, by their channels. */
const channelsOf = { stride8: 40, block7: 80, stride16: 112 } as const
const maps = Object.keys(channelsOf)
const width = 2 * Object.values(channelsOf).reduce((sum, each) => sum + each, 0)

/**
 * From a picture to `overview` [N, width, 1, 1]: mean and spread of every channel over the picture at half the size, so that what is
 * fine enough for patches does not count again.
 */
async function encodeOverviewNetwork(params: PatchcoreParams): Promise<Uint8Array> {
  const { file, card } = await builtInBackbone()
  const head: OnnxGraph = {
    nodes: [
      ...maps.flatMap((name) => [
        node('GlobalAveragePool', [name], `${name}.mean`),
        node('Mul', [name, name], `${name}.square`),
        node('GlobalAveragePool', [`${name}.square`], `${name}.mean.square`),
        node('Mul', [`${name}.mean`, `${name}.mean`], `${name}.square.mean`),
        node('Sub', [`${name}.mean.square`, `${name}.square.mean`], `${name}.difference`),
        // Rounding can leave less than nothing.
        node('Relu', [`${name}.difference`], `${name}.variance`),
        node('Sqrt', [`${name}.variance`], `${name}.spread`),
      ]),
      node(
        'Concat',
        maps.flatMap((name) => [`${name}.mean`, `${name}.spread`]),
        'overview',
        [integerAttribute('axis', 1)],
      ),
    ],
    initializers: [],
    inputs: [],
    outputs: [value('overview', elementType.float, ['n', width, 1, 1])],
  }
  const network = joinGraphs({ body: await readFile(file), keep: maps, head })
  const input = encodeInput(params, card.input.name, true)
  return joinGraphs({ body: input, keep: [card.input.name], head: readAsHead(network) })
}

/** Beside a network that answers with `distances`, `overview.distance` [N, 1]: Mahalanobis' from the usual picture. */
export async function joinOverview(
  distances: Uint8Array,
  { scaling }: Overview,
  params: PatchcoreParams,
): Promise<Uint8Array> {
  const head: OnnxGraph = {
    nodes: [
      node('Conv', ['overview', 'overview.matrix', 'overview.bias'], 'overview.scaled'),
      node('Mul', ['overview.scaled', 'overview.scaled'], 'overview.squares'),
      node('ReduceSum', ['overview.squares', 'overview.channel'], 'overview.square'),
      node('Sqrt', ['overview.square'], 'overview.root'),
      node('Flatten', ['overview.root'], 'overview.distance'),
    ],
    initializers: [
      floats('overview.matrix', [width, width, 1, 1], scaling.matrix),
      floats('overview.bias', [width], scalingBias(scaling)),
      integers('overview.channel', [1]),
    ],
    inputs: [],
    outputs: [value('overview.distance', elementType.float, ['n', 1])],
  }
  const body = joinGraphs({ body: await encodeOverviewNetwork(params), keep: ['overview'], head })
  const also = ['overview.distance']
  return joinGraphs({ body, keep: also, head: readAsHead(distances), also })
}

/**
 * A Gaussian over means and spreads of channels (after Rippel et al. 2021, arXiv 2005.14140, who take means) of the pictures that are
 * remembered. Held-out ones say what distance is usual: a picture that is one spread of theirs farther away gains one spread of `scores`,
 * which are of the patches of the same pictures. Throws CANCELLED, MEDIA_UNREADABLE and the like.
 */
export async function learnOverview(
  job: Pick<TrainingJob, 'threads' | 'maxPixels' | 'signal' | 'progress'>,
  kept: readonly Example[],
  heldOut: readonly Example[],
  scores: readonly number[],
  params: PatchcoreParams,
): Promise<Overview> {
  const network = await encodeOverviewNetwork(params)
  const look = async (examples: readonly Example[]): Promise<Rows> => {
    const data = new Float32Array(examples.length * width)
    let at = 0
    await runPictures(job, network, examples, params, 'look at pictures', ({ overview }) => {
      data.set(overview!, at)
      at += overview!.length
    })
    return { width, data }
  }
  const scaling = whiten(await look(kept), job.signal)
  const scaled = scaleRows(await look(heldOut), scaling, job.signal)
  const distances = heldOut.map((_, i) => Math.hypot(...scaled.data.subarray(i * width, (i + 1) * width)))
  return { scaling, ...matchSpread(distances, scores) }
}

/** The line that leads `from` to a mean of 0 and the spread of `to`; nothing where either has none. */
export function matchSpread(from: readonly number[], to: readonly number[]): { gain: number; shift: number } {
  const [own, wanted] = [measure(from), measure(to)]
  // Equal distances differ by rounding.
  const gain = own.spread > 1e-6 * Math.abs(own.mean) ? wanted.spread / own.spread : 0
  return { gain, shift: gain === 0 ? 0 : -gain * own.mean }
}

function measure(values: readonly number[]): { mean: number; spread: number } {
  const mean = values.reduce((sum, each) => sum + each, 0) / values.length
  return { mean, spread: Math.sqrt(values.reduce((sum, each) => sum + (each - mean) ** 2, 0) / values.length) }
}
