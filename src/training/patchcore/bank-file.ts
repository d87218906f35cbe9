import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '#base'
import type { Memory } from './network.ts'
import type { Overview } from './overview.ts'
import type { Places } from './places.ts'

/** All that is learnt. */
export interface Learnt {
  memory: Memory
  places: Places
  /** None where pictures are scored by their patches alone. */
  overview: Overview | undefined
}

const keyLength = 64

/** Writes what was remembered. `key` (64 hex digits) stands for all that it depends on. */
export async function writeBank(file: string, key: string, { memory, places, overview }: Learnt): Promise<void> {
  const { bank, scaling } = memory
  const numbers = [
    Float32Array.of(bank.width, places.gain.length, overview?.scaling.mean.length ?? 0),
    places.gain,
    places.shift,
    scaling.mean,
    scaling.matrix,
    ...(overview === undefined
      ? []
      : [Float32Array.of(overview.gain, overview.shift), overview.scaling.mean, overview.scaling.matrix]),
    bank.data,
  ]
  const parts = numbers.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  await writeFileAtomic(file, Buffer.concat([Buffer.from(key), ...parts]))
}

/** What an earlier try left; undefined where there is nothing, it stands for something else, or it is cut off. */
export async function readBank(file: string, key: string): Promise<Learnt | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined || bytes.toString('utf8', 0, keyLength) !== key) return undefined
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset + keyLength, bytes.byteOffset + bytes.length))
  let at = 0
  const take = (count: number): Float32Array => numbers.slice(at, (at += count))
  const [width = 0, cells = 0, wide = 0] = take(3)
  const bankFrom = 3 + 2 * cells + width + width ** 2 + (wide === 0 ? 0 : 2 + wide + wide ** 2)
  if (!(width > 0) || numbers.length <= bankFrom || (numbers.length - bankFrom) % width !== 0) return undefined
  const places = { gain: take(cells), shift: take(cells) }
  const scaling = { mean: take(width), matrix: take(width ** 2) }
  const overview = wide === 0 ? undefined : takeOverview(take, wide)
  return { memory: { bank: { width, data: numbers.slice(at) }, scaling }, places, overview }
}

function takeOverview(take: (count: number) => Float32Array, width: number): Overview {
  const [gain = 0, shift = 0] = take(2)
  return { gain, shift, scaling: { mean: take(width), matrix: take(width ** 2) } }
}
