import { readFile } from 'node:fs/promises'
import { writeFileAtomic } from '#base'
import type { Memory } from './network.ts'

const keyLength = 64

/** Writes what was remembered. `key` (64 hex digits) stands for all that it depends on. */
export async function writeBank(file: string, key: string, { bank, scaling }: Memory): Promise<void> {
  const numbers = [Float32Array.of(bank.width), scaling.mean, scaling.matrix, bank.data]
  const parts = numbers.map(({ buffer, byteOffset, byteLength }) => Buffer.from(buffer, byteOffset, byteLength))
  await writeFileAtomic(file, Buffer.concat([Buffer.from(key), ...parts]))
}

/** What an earlier try left; undefined where there is nothing, it stands for something else, or it is cut off. */
export async function readBank(file: string, key: string): Promise<Memory | undefined> {
  const bytes = await readFile(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })
  if (bytes === undefined || bytes.toString('utf8', 0, keyLength) !== key) return undefined
  const numbers = new Float32Array(bytes.buffer.slice(bytes.byteOffset + keyLength, bytes.byteOffset + bytes.length))
  const width = numbers[0] ?? 0
  const from = 1 + width + width * width
  if (!(width > 0) || numbers.length <= from || (numbers.length - from) % width !== 0) return undefined
  return {
    bank: { width, data: numbers.slice(from) },
    scaling: { mean: numbers.slice(1, 1 + width), matrix: numbers.slice(1 + width, from) },
  }
}
