import { createRng, type Rng } from '#base'
import { builtInBackbone, planChannels } from '#models'
import type { Feed } from '../../graph/session.ts'
import { featureMaps } from './decoder.ts'
import type { FeatureSource } from './features.ts'
import type { PictureStore } from './pictures.ts'
import { mapView } from './views.ts'

/** One picture of a batch, and how it is shown. */
export interface Shown {
  index: number
  view: number
}

/** What the networks of network.ts take, but the weights. */
interface Batch {
  feeds: Record<string, Feed>
  /** [pictures × size × size] */
  target: Uint8Array
  /** For each of `featureMaps`. */
  maps: Uint16Array[]
}

export interface BatchMaker {
  /** With `rng`, brightness and contrast of the pictures that the decoder itself sees are changed a little more. */
  make(shown: readonly Shown[], rng?: Rng): Promise<Batch>
}

/** Greatest change of contrast, as a factor, and of brightness, of half the range of levels. */
const [contrastChange, brightnessChange] = [0.2, 0.15]

/** Contrast and brightness of a view: always the same, so that its features are worked out once; the first is plain. */
function lightOf(id: number, view: number): { contrast: number; lift: number } | undefined {
  if (view === 0) return undefined
  const rng = createRng(`light ${id} ${view}`)
  return {
    contrast: rng.uniform(1 - contrastChange, 1 + contrastChange),
    lift: 128 * rng.uniform(-brightnessChange, brightnessChange),
  }
}

function relight(planes: Uint8Array, light: ReturnType<typeof lightOf>): Uint8Array {
  if (light === undefined) return planes
  const levels = Uint8ClampedArray.from(
    { length: 256 },
    (_, level) => (level - 128) * light.contrast + 128 + light.lift,
  )
  return planes.map((level) => levels[level]!)
}

export async function createBatchMaker(
  pictures: PictureStore,
  features: FeatureSource,
  sizePx: number,
): Promise<BatchMaker> {
  const { card } = await builtInBackbone()
  const channels = planChannels(card.input)
  const area = sizePx ** 2
  const turns = new Map<number, Int32Array>()
  const turn = (data: Uint8Array, view: number): Uint8Array => {
    if (view === 0) return data
    const from = turns.get(view) ?? mapView(view, sizePx)
    turns.set(view, from)
    const out = new Uint8Array(data.length)
    for (let plane = 0; plane < data.length; plane += area)
      for (let i = 0; i < area; i++) out[plane + i] = data[plane + from[i]!]!
    return out
  }
  return {
    async make(shown, rng) {
      const stored = await Promise.all(shown.map(({ index }) => pictures.read(index)))
      const turned = stored.map(({ planes, target }, i) => ({
        planes: relight(turn(planes, shown[i]!.view), lightOf(pictures.examples[shown[i]!.index]!.id, shown[i]!.view)),
        target: turn(target, shown[i]!.view),
      }))
      const maps = await features.read(
        turned.map(({ planes }, i) => ({ example: pictures.examples[shown[i]!.index]!, view: shown[i]!.view, planes })),
      )
      const image = new Float32Array(shown.length * 3 * area)
      const target = new Uint8Array(shown.length * area)
      turned.forEach((one, row) => {
        target.set(one.target, row * area)
        const contrast = rng === undefined ? 1 : rng.uniform(1 - contrastChange, 1 + contrastChange)
        const lift = rng === undefined ? 0 : rng.uniform(-brightnessChange, brightnessChange)
        channels.forEach(({ from, levels }, channel) => {
          const lit = levels.map((level) => level * contrast + lift)
          const source = one.planes.subarray(from * area, (from + 1) * area)
          const start = (row * 3 + channel) * area
          for (let i = 0; i < area; i++) image[start + i] = lit[source[i]!]!
        })
      })
      const feeds: Record<string, Feed> = {
        image: { type: 'float32', data: image, dims: [shown.length, 3, sizePx, sizePx] },
      }
      featureMaps.forEach(({ name, channels: count, stride }, i) => {
        feeds[name] = {
          type: 'float16',
          data: maps[i]!,
          dims: [shown.length, count, sizePx / stride, sizePx / stride],
        }
      })
      return { feeds, target, maps }
    },
  }
}
