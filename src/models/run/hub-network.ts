import type { ImageProcessor, PreTrainedModel, Tensor } from '@huggingface/transformers'
import { FoveaError } from '#base'
import type { Pixels } from '#media'
import type { HubLayout, HubNetwork } from '../hub-layout.ts'
import { createHubPicture } from './hub-picture.ts'
import type { Transformers } from './transformers.ts'

/** A picture as a network takes it. */
export interface PreparedInput {
  pixel_values: Tensor
  /** Marks what is no padding; for some architectures. */
  pixel_mask?: Tensor
  /** [height, width] of the picture inside the padding, for some. */
  reshaped_input_sizes?: [number, number][]
}

/** Throws MODEL_INVALID when preprocessor_config.json cannot be followed. */
export async function preparePicture(
  hub: Transformers,
  processor: ImageProcessor,
  { folder }: HubLayout,
  picture: Pixels,
): Promise<PreparedInput> {
  try {
    return (await processor(createHubPicture(hub, picture))) as PreparedInput
  } catch (error) {
    throw new FoveaError(
      'MODEL_INVALID',
      `preprocessor_config.json of ${folder} cannot be followed: ${firstLine(error)}`,
      {
        hint: 'Take the file from where the model was exported.',
        cause: error,
      },
    )
  }
}

/** What prepares pictures as preprocessor_config.json says. Throws MODEL_INVALID. */
export async function openProcessor(hub: Transformers, { folder }: HubLayout): Promise<ImageProcessor> {
  try {
    return await hub.AutoImageProcessor.from_pretrained(folder, { local_files_only: true })
  } catch (error) {
    throw new FoveaError('MODEL_INVALID', `preprocessor_config.json of ${folder} cannot be read: ${firstLine(error)}`, {
      hint: 'Take the file from where the model was exported.',
      cause: error,
    })
  }
}

/** Opens a network's file as one session and nothing around it. Throws MODEL_INVALID. */
export async function openNetwork(
  hub: Transformers,
  { folder }: HubLayout,
  network: HubNetwork,
  threads: number,
): Promise<PreTrainedModel> {
  try {
    // The base class of all architectures: what is particular to one is done here.
    return await hub.PreTrainedModel.from_pretrained(folder, {
      local_files_only: true,
      model_file_name: network.stem,
      dtype: network.variant,
      device: 'cpu',
      session_options: { intraOpNumThreads: threads, interOpNumThreads: 1, enableMemPattern: false },
    })
  } catch (error) {
    throw new FoveaError(
      'MODEL_INVALID',
      `${network.file} of ${folder} is no network that ONNX Runtime can open (${firstLine(error)}).`,
      {
        hint: 'Copy the files again, those with weights beside them (.onnx_data) as well.',
        cause: error,
      },
    )
  }
}

/** What a library says of a failure, in one line. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300)
}
