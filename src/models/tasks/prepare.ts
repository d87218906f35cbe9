import { readResized, type ResizePlan } from '#media'
import { fillInput, planChannels } from '../run/fill-input.ts'
import type { TaskCard } from './card.ts'
import type { PreparedPicture, TaskModel } from './types.ts'

/** How a picture is fitted to the network's input. */
export const planInput = (input: TaskCard['input']): ResizePlan => ({
  heightPx: input.size[0],
  widthPx: input.size[1],
  fit: input.resize,
  crop: input.crop,
  kernel: input.interpolation,
  pad: input.pad,
})

/** What `prepare` of a model does, without the network: for a thread that decodes while another runs it. */
export function createPrepare(input: TaskCard['input'], maxPixels: number): TaskModel['prepare'] {
  const plan = planInput(input)
  return async (picture) => {
    const [source, region] = 'file' in picture ? ([picture.file, picture.region] as const) : [picture.bytes]
    const { widthPx, heightPx, ...planes } = await readResized(source, plan, { maxPixels }, region)
    return { widthPx, heightPx, planes }
  }
}

/** One row of the network's input: a prepared picture as numbers, in the card's layout. */
export function inputOf(input: TaskCard['input'], { planes }: PreparedPicture): Float32Array {
  const row = new Float32Array(3 * input.size[0] * input.size[1])
  fillInput(input.layout, planChannels(input), planes, row)
  return row
}
