import { silenceOnnxRuntime } from '#base'

export type Transformers = typeof import('@huggingface/transformers')

/**
 * Loads transformers.js, which takes 0.1 s and 30 MB, for those threads that need it, and shuts its ways out: it reads the files it
 * is told to, fetches nothing, keeps no cache and writes nothing to the terminal.
 */
export async function loadTransformers(): Promise<Transformers> {
  silenceOnnxRuntime()
  const hub = await import('@huggingface/transformers')
  hub.env.allowRemoteModels = false
  hub.env.useFSCache = false
  hub.env.useBrowserCache = false
  hub.env.useWasmCache = false
  hub.env.logLevel = hub.LogLevel.NONE
  hub.env.fetch = (address) => Promise.reject(new Error(`Nothing is fetched here, not ${String(address)} either.`))
  return hub
}
