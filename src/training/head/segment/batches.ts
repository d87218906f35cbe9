import type { Rng } from '#base'
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
export interface Batch {
  feeds: Record<string, Feed>
  /** [pictures × size × size] */
  target: Uint8Array
  /** For each of `featureMaps`. */
  maps: Uint16Array[]
}

export interface BatchMaker {
  /** With `rng`, brightness and contrast of the pictures that the decoder sees are changed a little. */
  make(shown: readonly Shown[], rng?: Rng): Promise<Batch>
}

/** Greatest change of contrast, as a factor, and of brightness, of half the range of levels. */
const [contrastChange, brightnessChange] = [0.2, 0.15]

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
        planes: turn(planes, shown[i]!.view),
        target: turn(target, shown[i]!.view),
      }))
      const maps = await features.read(
        turned.map(({ planes }, i) => ({ slot: shown[i]!.view * pictures.count + shown[i]!.index, planes })),
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
