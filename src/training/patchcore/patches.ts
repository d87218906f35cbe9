import { readFile } from 'node:fs/promises'
import {
  builtInBackbone,
  elementType,
  floats,
  integerAttribute,
  integersAttribute,
  joinGraphs,
  readAsHead,
  node,
  stringAttribute,
  value,
  type OnnxGraph,
  type TaskCard,
} from '#models'
import { encodeInput } from './input.ts'
import type { PatchcoreParams } from './params.ts'

/** Channels of the backbone's maps. */
const channelsOf = { stride8: 40, stride16: 112 } as const
type MapName = keyof typeof channelsOf

const mapsOf = ({ maps }: PatchcoreParams): MapName[] => maps.split('+') as MapName[]

/** Numbers that describe one patch. */
export const patchWidth = (params: PatchcoreParams): number =>
  mapsOf(params).reduce((sum, name) => sum + channelsOf[name], 0)

/** Cells of the grid of patches along a side. */
export const gridSide = (params: PatchcoreParams): number => params.size / (mapsOf(params).includes('stride8') ? 8 : 16)

/**
 * From a picture to `patches` [N, width, grid, grid]: each map averaged over 3 × 3 (Roth et al. 2022, section 3.1), the coarser one
 * brought to the grid of the finer one bilinearly, one after the other.
 */
export async function encodePatchNetwork(params: PatchcoreParams): Promise<Uint8Array> {
  const { file, card } = await builtInBackbone()
  const body = await readFile(file)
  const names = mapsOf(params)
  const head: OnnxGraph = {
    nodes: [
      ...names.map((name) => encodeMeanOfNear(name, `${name}.local`, 3)),
      ...(names.length === 1
        ? [node('Identity', [`${names[0]!}.local`], 'patches')]
        : [
            node('Resize', ['stride16.local', '', 'twice'], 'stride16.fine', [stringAttribute('mode', 'linear')]),
            node('Concat', ['stride8.local', 'stride16.fine'], 'patches', [integerAttribute('axis', 1)]),
          ]),
    ],
    initializers: names.length === 1 ? [] : [floats('twice', [4], [1, 1, 2, 2])],
    inputs: [],
    outputs: [value('patches', elementType.float, ['n', patchWidth(params), 'rows', 'columns'])],
  }
  const patches = joinGraphs({ body, keep: names, head })
  const input = encodeInput(params, card.input.name, false)
  return joinGraphs({ body: input, keep: [card.input.name], head: readAsHead(patches) })
}

/** The mean of `side` × `side` cells around each one, of fewer at the edges; `side` is odd. */
export function encodeMeanOfNear(from: string, to: string, side: number): Uint8Array {
  const reach = (side - 1) / 2
  return node('AveragePool', [from], to, [
    integersAttribute('kernel_shape', [side, side]),
    integersAttribute('pads', [reach, reach, reach, reach]),
    integerAttribute('count_include_pad', 0),
  ])
}

/** What the network takes, for a card and for reading pictures. */
export async function describeInput(params: PatchcoreParams): Promise<TaskCard['input']> {
  const { card } = await builtInBackbone()
  return {
    ...card.input,
    name: 'picture',
    size: [params.size, params.size],
    resize: 'exact',
    crop: 1,
  }
}
