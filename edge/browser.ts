// Runs a bundle in a browser: pictures are decoded by it, fitted and read as fovea does, and the network runs in WebAssembly.
import type { InferenceSession, Tensor, TensorConstructor } from 'onnxruntime-node'
import { FoveaError } from '#base'
import { fitPixels } from '#media'
import { planInput, wrapTaskSession, type Prediction, type TaskModel } from '#models'
import { checkSeal, tryGolden, type BundleManifest, type ReadBundleFile } from '#release'

export interface Bundle {
  readonly manifest: BundleManifest
  /** SHA-256 of the key that it is signed with, in hex. */
  readonly key: string
  /** Looks at a picture. Throws MEDIA_UNREADABLE for what the browser cannot decode. */
  predict(picture: Blob): Promise<Prediction>
  /** Looks at the golden pictures; answers how many there are. Throws MODEL_MISMATCH. */
  verify(): Promise<number>
  close(): Promise<void>
}

/** What is used of the module in `ort/`. */
interface Runtime {
  env: { wasm: { wasmPaths: string; numThreads: number } }
  InferenceSession: {
    create(weights: Uint8Array, options: { executionProviders: string[] }): Promise<InferenceSession>
  }
  Tensor: TensorConstructor & (new (...given: never) => Tensor)
}

/**
 * Opens the bundle that stands at an address ending in `/`, after holding it against its signature, and its files against their digests.
 * `key`: SHA-256 of the public key it must be signed with. Throws MODEL_INVALID.
 */
export async function openBundle(base: URL, { key }: { key?: string } = {}): Promise<Bundle> {
  const read: ReadBundleFile = async (name) => {
    const answer = await fetch(new URL(name, base))
    if (answer.ok) return new Uint8Array(await answer.arrayBuffer())
    throw new FoveaError('SOURCE_NOT_FOUND', `${name} of the bundle cannot be read (${answer.status}).`)
  }
  const sealed = await checkSeal(read, key)
  const { card, classes } = sealed.manifest
  const ort = (await import(/* @vite-ignore */ new URL('ort/ort.wasm.min.mjs', base).href)) as Runtime
  ort.env.wasm.wasmPaths = new URL('ort/', base).href
  // Threads of WebAssembly share memory, which a page may only where it is isolated.
  ort.env.wasm.numThreads = crossOriginIsolated ? navigator.hardwareConcurrency : 1
  const session = await ort.InferenceSession.create(await read(card.weights), { executionProviders: ['wasm'] })
  const model = await wrapTaskSession({
    card,
    classes,
    session,
    Tensor: ort.Tensor,
    prepare: createPrepare(card.input),
  })
  return {
    ...sealed,
    async predict(picture) {
      const [prediction] = await model.predict([
        await model.prepare({ bytes: new Uint8Array(await picture.arrayBuffer()) }),
      ])
      return prediction!
    },
    verify: () => tryGolden(model, sealed.manifest, read),
    close: () => model.close(),
  }
}

function createPrepare(input: TaskModel['card']['input']): TaskModel['prepare'] {
  const plan = planInput(input)
  return async (picture) => {
    if (!('bytes' in picture)) throw new FoveaError('INPUT_INVALID', 'Expected the bytes of a picture, got a path.')
    const pixels = await decode(picture.bytes)
    return { widthPx: pixels.width, heightPx: pixels.height, planes: fitPixels(pixels, plan) }
  }
}

/** Turned as its EXIF says, levels as they are in the file. */
async function decode(
  bytes: Uint8Array,
): Promise<{ data: Uint8Array; width: number; height: number; channels: number }> {
  const bitmap = await createImageBitmap(new Blob([new Uint8Array(bytes)]), {
    imageOrientation: 'from-image',
    colorSpaceConversion: 'none',
    premultiplyAlpha: 'none',
  }).catch((error: unknown) => {
    throw new FoveaError('MEDIA_UNREADABLE', `The picture cannot be decoded (${(error as Error).message}).`, {
      cause: error,
    })
  })
  const { width, height } = bitmap
  const context = new OffscreenCanvas(width, height).getContext('2d', { willReadFrequently: true })!
  context.drawImage(bitmap, 0, 0)
  bitmap.close()
  const { data } = context.getImageData(0, 0, width, height)
  return { data: new Uint8Array(data.buffer), width, height, channels: 4 }
}
