import { loadOnnxRuntime } from '#base'
/** A network opened for pictures of one size. */
export interface Network {
  /** Pictures as the network takes them, [3 × side × side] each; all outputs by name. */
  run(inputs: readonly Float32Array[], sidePx: number): Promise<Record<string, Float32Array>>
  close(): Promise<void>
}

export async function openNetwork(model: Uint8Array, threads: number): Promise<Network> {
  const ort = await loadOnnxRuntime()
  const session = await ort.InferenceSession.create(model, {
    intraOpNumThreads: threads,
    interOpNumThreads: 1,
    // Threads that spin while they wait take the machine from all else that runs on it.
    extra: { session: { intra_op: { allow_spinning: '0' } } },
  })
  return {
    async run(inputs, sidePx) {
      const all = new Float32Array(inputs.length * 3 * sidePx ** 2)
      inputs.forEach((input, i) => all.set(input, i * input.length))
      const answers = await session.run({
        [session.inputNames[0]!]: new ort.Tensor('float32', all, [inputs.length, 3, sidePx, sidePx]),
      })
      return Object.fromEntries(Object.entries(answers).map(([name, { data }]) => [name, data as Float32Array]))
    },
    close: () => session.release(),
  }
}
