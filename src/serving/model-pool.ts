import sharp from 'sharp'
import { FoveaError, toFoveaError } from '#base'
import type { ModelRegistry, ModelVersion, PreparedPicture, TaskModel } from '#models'
import type { OpenModel } from './types.ts'

/** One use of an opened version. */
export interface ModelLease {
  version: ModelVersion
  model: TaskModel
  /** The model is closed when its last use ends. */
  release(): Promise<void>
}

export interface ModelPool {
  /**
   * The version that a reference names now: its files checked, opened and warm. Versions in use are shared.
   * Throws MODEL_NOT_FOUND, MODEL_INVALID, MODEL_MISMATCH, MODEL_OUTPUT.
   */
  acquire(reference: string): Promise<ModelLease>
}

interface Held {
  opening: Promise<TaskModel>
  uses: number
}

/** Opened versions, each once however many endpoints serve it. */
export function createModelPool(deps: { registry: ModelRegistry; openModel: OpenModel }): ModelPool {
  const held = new Map<string, Held>()

  const release = async (key: string, one: Held): Promise<void> => {
    one.uses--
    if (one.uses > 0) return
    if (held.get(key) === one) held.delete(key)
    const model = await one.opening.catch(() => undefined)
    await model?.close()
  }

  return {
    async acquire(reference) {
      const version = await deps.registry.load(reference)
      const key = `${version.model}:${version.version}`
      let one = held.get(key)
      if (one === undefined) {
        one = { opening: openWarm(version, deps.openModel), uses: 0 }
        held.set(key, one)
      }
      one.uses++
      const mine = one
      let isHeld = true
      const letGo = async (): Promise<void> => {
        if (!isHeld) return
        isHeld = false
        await release(key, mine)
      }
      try {
        return { version, model: await mine.opening, release: letGo }
      } catch (error) {
        await letGo()
        throw error
      }
    },
  }
}

/** Opens a model and runs it, so that the first request meets memory that is laid out. */
async function openWarm(version: ModelVersion, openModel: OpenModel): Promise<TaskModel> {
  const model = await openModel(version)
  try {
    const grey = await sharp({ create: { width: 64, height: 64, channels: 3, background: '#808080' } })
      .png()
      .toBuffer()
    const prepare = (): Promise<PreparedPicture> => model.prepare({ bytes: grey })
    const pictures = await Promise.all(Array.from({ length: Math.max(2, model.lanes ?? 1) }, prepare))
    const { length } = await model.predict(pictures)
    if (length !== pictures.length)
      throw new FoveaError(
        'MODEL_OUTPUT',
        `Expected ${pictures.length} answers to as many pictures at warm-up, got ${length}.`,
      )
    await model.predict([await prepare()], { run: 'alone' })
    return model
  } catch (error) {
    await model.close()
    throw toFoveaError(error)
  }
}
