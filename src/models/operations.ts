import { mkdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { addModel, listModels, pullModel as pullSpec, removeModel, showModel, type Model } from '#contract'
import { implement, type Operation } from '#base'
import { createEmbedder } from './embedder.ts'
import { pullModel } from './pull.ts'
import type { ModelShelf, ShelvedModel, TryOut } from './shelf.ts'

/** Handlers of `models.*`. `folder` is where fetched files lie until they are added. */
export function createModelOperations(deps: { shelf: ModelShelf; folder: string; maxPixels: number }): Operation[] {
  const { shelf, folder, maxPixels } = deps
  /** Opens the model on a thread of its own and shows it nothing but an empty list: opening runs it once. */
  const tryOut: TryOut = async (source) => {
    const embedder = createEmbedder({ source, threads: 1, maxPixels })
    try {
      return { dimensions: await embedder.open() }
    } finally {
      await embedder.close()
    }
  }
  return [
    implement(listModels, async () => ({ models: (await shelf.list()).map(describe) })),
    implement(showModel, async ({ model: name }) => {
      const model = await shelf.find(name)
      return { model: describe(model), card: model.card }
    }),
    implement(addModel, async ({ path, card, name }) => ({
      model: describe(
        await shelf.add(path, {
          tryOut,
          ...(card === undefined ? {} : { card }),
          ...(name === undefined ? {} : { name }),
        }),
      ),
    })),
    implement(pullSpec, async ({ id, name }, { signal, progress }) => {
      const into = join(folder, `.pulling-${process.pid}`)
      await mkdir(into, { recursive: true })
      try {
        const pulled = await pullModel(id, { into, signal, progress })
        const chosen =
          name ??
          id
            .split('/')
            .at(-1)!
            .toLowerCase()
            .replaceAll(/[^a-z0-9._-]/g, '-')
        return { model: describe(await shelf.add(pulled, { name: chosen, tryOut })) }
      } finally {
        await rm(into, { recursive: true, force: true })
      }
    }),
    implement(removeModel, async ({ model }) => {
      await shelf.remove(model)
      return { removed: model }
    }),
  ]
}

function describe(model: ShelvedModel): Model {
  const { name, title, origin, kind, task, dimensions, readsText, classes, licence, source, bytes, fingerprint } = model
  return {
    name,
    title,
    origin,
    kind,
    task,
    dimensions,
    readsText,
    classes: classes.length,
    licence,
    source,
    bytes,
    fingerprint,
  }
}
