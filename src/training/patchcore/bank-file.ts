import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '#base'
import type { Memory } from './network.ts'
import type { Places } from './places.ts'

/** All that is learnt. */
export interface Learnt {
  memory: Memory
  places: Places
}

const keyLength = 64

/** Writes what was remembered. `key` (64 hex digits) stands for all that it depends on. */
export async function writeBank(file: string, key: string, { memory, places }: Learnt): Promise<void> {
  const { bank, scaling } = memory
  const numbers = [
    Float32Array.of(bank.width, places.gain.length),
    places.gain,
    places.shift,
    scaling.mean,
    scaling.matrix,
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
  const [width = 0, cells = 0] = numbers
  const scalingFrom = 2 + 2 * cells
  const bankFrom = scalingFrom + width + width * width
  if (!(width > 0) || numbers.length <= bankFrom || (numbers.length - bankFrom) % width !== 0) return undefined
  return {
    memory: {
      bank: { width, data: numbers.slice(bankFrom) },
      scaling: {
        mean: numbers.slice(scalingFrom, scalingFrom + width),
        matrix: numbers.slice(scalingFrom + width, bankFrom),
      },
    },
    places: { gain: numbers.slice(2, 2 + cells), shift: numbers.slice(2 + cells, scalingFrom) },
  }
}
