import { readResized, type ResizePlan } from '#media'
import { fillInput, planChannels } from '../run/fill-input.ts'
import type { TaskCard } from './card.ts'
import type { TaskModel } from './types.ts'

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
  const channels = planChannels(input)
  const perPicture = 3 * plan.heightPx * plan.widthPx
  return async (picture) => {
    const [source, region] = 'file' in picture ? ([picture.file, picture.region] as const) : [picture.bytes]
    const planes = await readResized(source, plan, { maxPixels }, region)
    const filled = new Float32Array(perPicture)
    fillInput(input.layout, channels, planes, filled)
    return { widthPx: planes.widthPx, heightPx: planes.heightPx, input: filled }
  }
}
