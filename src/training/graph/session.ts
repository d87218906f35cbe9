import type { Tensor } from 'onnxruntime-node'
import { loadOnnxRuntime } from '#base'

/** Numbers for one input of a graph; 16-bit floats by their bits. */
export type Feed =
  | { type: 'float32'; dims: readonly number[]; data: Float32Array }
  | { type: 'float16'; dims: readonly number[]; data: Uint16Array }
  | { type: 'uint8'; dims: readonly number[]; data: Uint8Array }

export interface GraphSession {
  /** Answers by the names of the outputs; they are the caller's. */
  run(feeds: Readonly<Record<string, Feed>>): Promise<Record<string, Float32Array | Uint16Array | Uint8Array>>
  close(): Promise<void>
}

/** Opens a graph made here on ONNX Runtime, with `threads` inside one operator. */
export async function openGraph(model: Uint8Array, threads: number): Promise<GraphSession> {
  // Loaded here, so that who trains nothing does without its 100 ms and 100 MB.
  const ort = await loadOnnxRuntime()
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: threads, interOpNumThreads: 1 })
  const toTensor = ({ type, data, dims }: Feed): Tensor => new ort.Tensor(type, data as Float32Array, dims)
  return {
    async run(feeds) {
      const answers = await session.run(
        Object.fromEntries(Object.entries(feeds).map(([name, feed]) => [name, toTensor(feed)])),
      )
      return Object.fromEntries(Object.entries(answers).map(([name, tensor]) => [name, readNumbers(tensor)]))
    },
    close: () => session.release(),
  }
}

function readNumbers({ type, data }: Tensor): Float32Array | Uint16Array | Uint8Array {
  if (type !== 'float16') return data as Float32Array | Uint8Array
  // Where JavaScript has 16-bit floats they come as such.
  const { buffer, byteOffset, length } = data as unknown as Uint16Array
  return new Uint16Array(buffer, byteOffset, length)
}
