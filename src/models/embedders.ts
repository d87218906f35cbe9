import { createEmbedder, type Embedder } from './embedder.ts'
import type { ShelvedModel } from './shelf.ts'

/** Opened models, each once. */
export interface Embedders {
  open(model: ShelvedModel): Embedder
  close(): Promise<void>
}

/** Threads of a model stop when it has been idle; weights are read again when it is next asked. */
export function createEmbedders(options: { threads: number; maxPixels: number }): Embedders {
  const opened = new Map<string, Embedder>()
  return {
    open(model) {
      const key = `${model.name} ${model.fingerprint}`
      const known = opened.get(key)
      if (known !== undefined) return known
      const embedder = createEmbedder({ source: model.runner, ...options })
      opened.set(key, embedder)
      return embedder
    },
    async close() {
      await Promise.all([...opened.values()].map((embedder) => embedder.close()))
      opened.clear()
    },
  }
}
