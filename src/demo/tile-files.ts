import { createRng, type Rng } from '#base'
import { describeExif } from './cameras.ts'
import type { TileClass } from './classes.ts'
import { addDefect } from './defects/index.ts'
import { copyPair, corruptJpeg, encodePhoto, type EncodedPair } from './encode.ts'
import { recordFault, type FaultRecord, type PlantedFault } from './faults.ts'
import { takePhoto, type Photo } from './photograph.ts'
import type { PhotoPlan, TilePlan } from './plan.ts'
import { createSurface, lightOf } from './surface.ts'

export interface DemoFile {
  /** Below the root, forward slashes. */
  path: string
  bytes: Buffer
}

export interface TileFiles {
  files: DemoFile[]
  /** Paths of the pictures among them. */
  images: string[]
  faults: FaultRecord[]
}

/** Grinds, spoils and photographs one tile, and encodes its files. Depends on the seed and the tile's plan alone. */
export async function makeTileFiles(
  tile: TilePlan,
  planted: ReadonlyMap<PhotoPlan, PlantedFault>,
  seed: number,
): Promise<TileFiles> {
  const rng = createRng(seed).fork(tile.name)
  const surface = createSurface(tile.widthPx, tile.heightPx, rng.fork('surface'))
  addDefect(surface, tile.class, rng.fork('defect'))
  const light = lightOf(surface, rng.fork('rims'))
  const made = await Promise.all(
    tile.photos.map(async (photo) => {
      const chance = rng.fork(`photo/${photo.number}`)
      const fault = planted.get(photo)
      const picture = takePhoto(surface, light, shotOf(photo, fault), chance)
      return writePhoto(tile, photo, picture, fault, chance)
    }),
  )
  return {
    files: made.flatMap(({ files }) => files),
    images: made.flatMap(({ images }) => images),
    faults: made.flatMap(({ faults }) => faults),
  }
}

function shotOf({ shot }: PhotoPlan, fault: PlantedFault | undefined): PhotoPlan['shot'] {
  if (fault?.kind === 'blurred') return { ...shot, blurPx: fault.sigmaPx }
  if (fault?.kind === 'dark') return { ...shot, level: shot.level * fault.gain }
  return shot
}

async function writePhoto(
  tile: TilePlan,
  photo: PhotoPlan,
  picture: Photo,
  fault: PlantedFault | undefined,
  rng: Rng,
): Promise<TileFiles> {
  const exif = describeExif(tile.camera, photo.settings, photo.momentMs)
  const pair = await encodePhoto(picture, exif, photo.jpegQuality)
  const stem = stemOf(fault?.kind === 'wrong-class' ? fault.folder : tile.class, photo.exposure, photo.number)
  const image = `${stem}.jpg`
  if (!fault) return { files: filesOf(stem, pair), images: [image], faults: [] }
  if (fault.kind === 'near-duplicate') {
    const copy = stemOf(tile.class, photo.exposure, fault.number)
    const copied = await copyPair(pair, fault.way, fault.jpegQuality)
    return {
      files: [...filesOf(stem, pair), ...filesOf(copy, copied)],
      images: [image, `${copy}.jpg`],
      faults: [recordFault(fault, `${copy}.jpg`, tile, image)],
    }
  }
  const jpeg = fault.kind === 'corrupt' ? corruptJpeg(pair.jpeg, fault.corruption, fault.keep, rng) : pair.jpeg
  return {
    files: filesOf(stem, { ...pair, jpeg }),
    images: [image],
    faults: [recordFault(fault, image, tile, image)],
  }
}

function stemOf(folder: TileClass, exposure: number, number: number): string {
  return `${folder}/Imgs/exp${exposure}_num_${number}`
}

function filesOf(stem: string, { jpeg, mask }: EncodedPair): DemoFile[] {
  return [
    { path: `${stem}.jpg`, bytes: jpeg },
    { path: `${stem}.png`, bytes: mask },
  ]
}
