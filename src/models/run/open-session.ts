import type { InferenceSession } from 'onnxruntime-node'
import { FoveaError, loadOnnxRuntime } from '#base'

/**
 * Opens a network on `threads` threads inside an operator. With `spin` they wait for work without sleeping: the soonest answer where
 * nothing else wants the processor, and by far the latest where pictures are decoded meanwhile. Throws MODEL_INVALID.
 */
export async function openSession(
  weights: string,
  threads: number,
  { spin = false }: { spin?: boolean } = {},
): Promise<InferenceSession> {
  // Loaded here, so that a thread that needs no network does without its 100 ms and 100 MB.
  const ort = await loadOnnxRuntime()
  try {
    return await ort.InferenceSession.create(weights, {
      intraOpNumThreads: threads,
      interOpNumThreads: 1,
      // Once a run has ended nobody spins: by default that goes on for some 30 ms.
      extra: { session: { force_spinning_stop: '1', intra_op: { allow_spinning: spin ? '1' : '0' } } },
    })
  } catch (error) {
    throw new FoveaError(
      'MODEL_INVALID',
      `${weights} is no network that ONNX Runtime can open (${firstLine(error)}).`,
      {
        hint: 'Export it again, with opset 7 to 23 and without custom operators.',
        cause: error,
      },
    )
  }
}

/** What a library says, short enough for a message. */
export function firstLine(error: unknown): string {
  return (error instanceof Error ? error.message : String(error)).split('\n')[0]!.slice(0, 300)
}
