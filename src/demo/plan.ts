import type { Rng } from '#base'
import { drawCamera, drawMoment, type Camera, type Settings } from './cameras.ts'
import { apportionClasses, type TileClass } from './classes.ts'
import type { Shot } from './photograph.ts'

/** Photographs of each tile. */
export const exposuresPerTile = 3
/** File numbers a tile has to itself, so that no two tiles share one. */
const numbersPerTile = 400

/** One file to write, before faults are planted. */
export interface PhotoPlan {
  /** 1 (dark) … 6 (bright). */
  exposure: number
  number: number
  shot: Shot
  settings: Settings
  momentMs: number
  jpegQuality: number
}

export interface TilePlan {
  /** Name of the tile's stream of chance. */
  name: string
  class: TileClass
  widthPx: number
  heightPx: number
  camera: Camera
  photos: PhotoPlan[]
}

/** Brightness of the tile's middle, grey levels of 255, by exposure 1 … 6. */
const levels = [70, 84, 100, 120, 145, 172]

/** Decides everything about the tiles but their looks, from the seed alone. Tiles come in the order of their file numbers. */
export function planTiles(tiles: number, rng: Rng): TilePlan[] {
  const classes = rng.fork('classes').shuffle(apportionClasses(tiles))
  return classes.map((tileClass, i) => planTile(tileClass, i, rng.fork(`tile/${i}`)))
}

function planTile(tileClass: TileClass, index: number, rng: Rng): TilePlan {
  const [widthPx, heightPx] = drawSize(rng)
  const camera = drawCamera(rng)
  const exposures = rng
    .shuffle([1, 2, 3, 4, 5, 6])
    .slice(0, exposuresPerTile)
    .toSorted((a, b) => a - b)
  const aperture = rng.pick(camera.apertures)
  const iso = rng.pick(camera.isos)
  const reflectance = Math.exp(rng.normal(0, 0.07))
  let momentMs = drawMoment(rng)
  let number = (index + 1) * numbersPerTile + rng.integer(0, 60)
  const photos = exposures.map((exposure): PhotoPlan => {
    momentMs += rng.integer(2, 9) * 1000
    number += rng.integer(12, 45)
    const bright = levels[exposure - 1]! * reflectance
    return {
      exposure,
      number,
      momentMs,
      shot: {
        level: (camera.gain * Math.min(178, Math.max(70, bright * Math.exp(rng.normal(0, 0.03))))) / 255,
        gamma: rng.uniform(0.88, 1.02),
        noise: camera.noise * Math.sqrt(iso / camera.isos[0]!),
        blurPx: 0,
      },
      // A third of a stop more light from one exposure to the next.
      settings: { aperture, iso, shutterSeconds: camera.shutterSeconds * 2 ** ((exposure - 3.5) / 3) },
      jpegQuality: rng.pick(camera.jpegQualities),
    }
  })
  return { name: `tile/${index}`, class: tileClass, widthPx, heightPx, camera, photos }
}

/** Sizes of the magnetic-tile set in three groups: narrow and tall, middling, broad. */
function drawSize(rng: Rng): [number, number] {
  const group = rng.next()
  if (group < 0.33) return [rng.integer(108, 160), rng.integer(255, 335)]
  if (group < 0.72) return [rng.integer(205, 290), rng.integer(258, 388)]
  return [rng.integer(330, 430), rng.integer(225, 350)]
}
