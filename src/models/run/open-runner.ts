import type { Runner, RunnerSource } from '../types.ts'
import { readHubLayout } from '../hub-layout.ts'
import { openTaskRunner } from './hub-tasks.ts'
import { openHubRunner } from './hub.ts'
import { openOnnxRunner } from './onnx.ts'
import { createPixelRunner } from './pixels.ts'

/** Opens a model on this thread. Throws MODEL_INVALID, MODEL_MISMATCH. */
export async function openRunner(
  source: RunnerSource,
  options: { threads: number; maxPixels: number },
): Promise<Runner> {
  switch (source.kind) {
    case 'pixels':
      return createPixelRunner(options.maxPixels)
    case 'onnx':
      return openOnnxRunner({ ...source, ...options })
    case 'hub': {
      const layout = await readHubLayout(source.folder)
      return layout.task === 'embedding'
        ? openHubRunner({ layout, ...options })
        : openTaskRunner({ layout, ...options })
    }
  }
}
