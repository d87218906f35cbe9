import { createRng } from '#base'
import type { Planes, Region } from '#media'
import type { Example } from '../../types.ts'
import type { PooledParams } from './params.ts'

/** One look at a picture. */
export interface View {
  /** Undefined for all of it. */
  region: Region | undefined
  mirrorX: boolean
  mirrorY: boolean
  /** 8-bit levels become `(level − 128) · contrast + 128 + lift`. */
  contrast: number
  lift: number
}

const plain: View = { region: undefined, mirrorX: false, mirrorY: false, contrast: 1, lift: 0 }

type ViewParams = Pick<PooledParams, 'flip' | 'crop' | 'light'>

/** Look number `index` at a picture: the first is the picture as a served model sees it, the others are varied, always in the same way. */
export function planView(
  { id, widthPx, heightPx }: Pick<Example, 'id' | 'widthPx' | 'heightPx'>,
  index: number,
  { flip, crop, light }: ViewParams,
  seed: number,
): View {
  if (index === 0) return plain
  const rng = createRng(`view ${seed} ${id} ${index}`)
  const [across, down] = [rng.uniform(crop, 1), rng.uniform(crop, 1)]
  const [width, height] = [Math.max(1, Math.round(widthPx * across)), Math.max(1, Math.round(heightPx * down))]
  return {
    region: { x: rng.integer(0, widthPx - width), y: rng.integer(0, heightPx - height), width, height },
    mirrorX: flip !== 'none' && rng.next() < 0.5,
    mirrorY: flip === 'both' && rng.next() < 0.5,
    contrast: 1 + rng.uniform(-light, light),
    lift: 128 * rng.uniform(-light, light),
  }
}

/** Mirrors and relights a picture of a size, in place of `planes.data`. The region is cut out before. */
export function applyView(planes: Planes, { mirrorX, mirrorY, contrast, lift }: View, widthPx: number): Planes {
  const { data, channels } = planes
  const perPlane = data.length / channels
  const heightPx = perPlane / widthPx
  const out = new Uint8Array(data.length)
  const levels = Uint8Array.from({ length: 256 }, (_, level) =>
    Math.min(255, Math.max(0, Math.round((level - 128) * contrast + 128 + lift))),
  )
  for (let plane = 0; plane < channels; plane++)
    for (let y = 0; y < heightPx; y++) {
      const from = plane * perPlane + (mirrorY ? heightPx - 1 - y : y) * widthPx
      const to = plane * perPlane + y * widthPx
      for (let x = 0; x < widthPx; x++) out[to + x] = levels[data[from + (mirrorX ? widthPx - 1 - x : x)]!]!
    }
  return { data: out, channels }
}
