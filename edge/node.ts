// Runs a bundle in Node: the code that fovea itself runs, around the onnxruntime-node and sharp that stand beside it.
import { readFile } from 'node:fs/promises'
import { InferenceSession, Tensor } from 'onnxruntime-node'
import { FoveaError, resolveInside, silenceOnnxRuntime } from '#base'
import { createPrepare, wrapTaskSession, type Prediction } from '#models'
import { checkSeal, tryGolden, type BundleManifest } from '#release'

export { describeGolden as describePrediction } from '#release'

export interface Bundle {
  readonly manifest: BundleManifest
  /** SHA-256 of the key that it is signed with, in hex. */
  readonly key: string
  /** Looks at a picture, by its path or by its bytes. Throws MEDIA_UNREADABLE and the like. */
  predict(picture: string | Uint8Array): Promise<Prediction>
  /** Looks at the golden pictures; answers how many there are. Throws MODEL_MISMATCH. */
  verify(): Promise<number>
  close(): Promise<void>
}

/**
 * Opens a bundle after holding it against its signature, and its files against their digests. `key`: SHA-256 of the public key it
 * must be signed with; `threads`: of one run; `maxPixels`: of the largest picture that is looked at. Throws MODEL_INVALID.
 */
export async function openBundle(
  folder: string,
  { key, threads = 0, maxPixels = 100_000_000 }: { key?: string; threads?: number; maxPixels?: number } = {},
): Promise<Bundle> {
  const read = async (name: string): Promise<Uint8Array<ArrayBuffer>> => {
    try {
      return new Uint8Array(await readFile(resolveInside(folder, name)))
    } catch (error) {
      throw new FoveaError('SOURCE_NOT_FOUND', `${name} of the bundle cannot be read in ${folder}.`, { cause: error })
    }
  }
  const sealed = await checkSeal(read, key)
  const { card, classes } = sealed.manifest
  silenceOnnxRuntime()
  const session = await InferenceSession.create(await read(card.weights), { intraOpNumThreads: threads })
  const model = await wrapTaskSession({
    card,
    classes,
    session,
    Tensor,
    prepare: createPrepare(card.input, maxPixels),
  })
  return {
    ...sealed,
    async predict(picture) {
      const source = typeof picture === 'string' ? { file: picture } : { bytes: picture }
      const [prediction] = await model.predict([await model.prepare(source)])
      return prediction!
    },
    verify: () => tryGolden(model, sealed.manifest, read),
    close: () => model.close(),
  }
}
