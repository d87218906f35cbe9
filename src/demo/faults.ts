import { FoveaError, type Rng } from '#base'
import { tileClasses, type TileClass } from './classes.ts'
import type { PhotoPlan, TilePlan } from './plan.ts'

export type Corruption = 'truncated' | 'empty' | 'html' | 'header'
export type CopyWay = 'recompressed' | 'cropped' | 'brighter'

/** What is done to one photograph; at most one thing to each. */
export type PlantedFault =
  | { kind: 'wrong-class'; folder: TileClass }
  | { kind: 'blurred'; sigmaPx: number }
  | { kind: 'dark'; gain: number }
  | { kind: 'corrupt'; corruption: Corruption; keep: number }
  /** The photograph itself stays sound; a copy of it is added under this number. */
  | { kind: 'near-duplicate'; way: CopyWay; number: number; jpegQuality: number }

export type FaultKind = PlantedFault['kind']

const corruptions: readonly Corruption[] = ['truncated', 'empty', 'html', 'header']
const copyWays: readonly CopyWay[] = ['recompressed', 'cropped', 'brighter']
/** Shares of the photographs, at least one of each. */
const shares = { 'wrong-class': 0.05, blurred: 0.03, dark: 0.02, 'near-duplicate': 0.03 }

/** Chooses the photographs that get a fault, and the fault of each. */
export function planFaults(tiles: readonly TilePlan[], rng: Rng): Map<PhotoPlan, PlantedFault> {
  const photos = tiles.flatMap((tile) => tile.photos.map((photo) => ({ tile, photo })))
  const order = rng.shuffle(photos)
  const faults = new Map<PhotoPlan, PlantedFault>()
  const plant = (count: number, draw: (tile: TilePlan, photo: PhotoPlan, i: number) => PlantedFault): void => {
    for (let i = 0; i < count; i++) {
      const next = order.pop()
      if (!next) throw new FoveaError('INTERNAL', 'There are more faults to plant than photographs.')
      faults.set(next.photo, draw(next.tile, next.photo, i))
    }
  }
  const countOf = (kind: keyof typeof shares): number => Math.max(1, Math.round(shares[kind] * photos.length))
  plant(corruptions.length, (_tile, _photo, i) => ({
    kind: 'corrupt',
    corruption: corruptions[i]!,
    keep: rng.uniform(0.35, 0.6),
  }))
  plant(countOf('wrong-class'), (tile) => ({
    kind: 'wrong-class',
    folder: rng.pick(tileClasses.filter((name) => name !== tile.class)),
  }))
  plant(countOf('blurred'), () => ({ kind: 'blurred', sigmaPx: round(rng.uniform(3, 5)) }))
  // Whatever the exposure was, the picture comes out at a level of 18 to 30 of 255.
  plant(countOf('dark'), (_tile, { shot }) => ({ kind: 'dark', gain: round(rng.uniform(18, 30) / 255 / shot.level) }))
  plant(countOf('near-duplicate'), (_tile, photo, i) => ({
    kind: 'near-duplicate',
    way: copyWays[i % copyWays.length]!,
    number: photo.number + rng.integer(1, 9),
    jpegQuality: rng.integer(55, 70),
  }))
  return faults
}

function round(value: number): number {
  return Math.round(value * 1000) / 1000
}

/** One entry of `faults.json`. */
export interface FaultRecord {
  kind: FaultKind
  /** The faulty file, below the root. */
  file: string
  /** What was done to it. */
  done: string
  /** What a tool that finds it should say. */
  truth: Record<string, string | number>
}

/** Describes a planted fault. `source` is the sound photograph that a near duplicate was made of. */
export function recordFault(fault: PlantedFault, file: string, tile: TilePlan, source: string): FaultRecord {
  const { kind } = fault
  switch (kind) {
    case 'wrong-class':
      return { kind, file, done: `put into the folder of ${fault.folder}`, truth: { class: tile.class } }
    case 'blurred':
      return { kind, file, done: 'taken out of focus', truth: { class: tile.class, sigmaPx: fault.sigmaPx } }
    case 'dark':
      return { kind, file, done: 'exposed too short', truth: { class: tile.class, gain: fault.gain } }
    case 'corrupt':
      return { kind, file, done: corruptionWords[fault.corruption], truth: { corruption: fault.corruption } }
    case 'near-duplicate':
      return { kind, file, done: copyWords[fault.way], truth: { of: source, way: fault.way } }
  }
}

const corruptionWords: Record<Corruption, string> = {
  truncated: 'cut off before its end',
  empty: 'emptied',
  html: 'replaced by a web page that says 404',
  header: 'its first 64 bytes overwritten',
}

const copyWords: Record<CopyWay, string> = {
  recompressed: 'copied at a lower JPEG quality',
  cropped: 'copied without 2 px at each side',
  brighter: 'copied 3 grey levels brighter',
}
