// Makes many vectors of few: mixtures of those of a space, for benches of large spaces.
import { readdirSync, readFileSync, writeFileSync, openSync, writeSync, closeSync } from 'node:fs'
import { join } from 'node:path'
import { createRng } from '#base'

/**
 * Writes `rows` unit vectors as .npy: each a mixture of a vector of the space and the nearest of 40 others drawn at random (by every
 * tenth column), with noise of length 0.1.
 */
export function makeVectors(spaceFolder: string, file: string, rows: number): void {
  const columns = (JSON.parse(readFileSync(join(spaceFolder, 'space.json'), 'utf8')) as { dimensions: number })
    .dimensions
  const base = Buffer.concat(
    readdirSync(spaceFolder)
      .filter((name) => name.endsWith('.f32'))
      .toSorted()
      .map((name) => readFileSync(join(spaceFolder, name))),
  )
  const real = new Float32Array(base.buffer, base.byteOffset, base.byteLength / 4)
  const count = real.length / columns
  const rng = createRng('vectors')
  const header = `{'descr': '<f4', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`
  const head = Buffer.alloc(10)
  head.write('\x93NUMPY\x01\x00', 'latin1')
  const text = `${header.padEnd(Math.ceil((header.length + 11) / 64) * 64 - 11)}\n`
  head.writeUInt16LE(text.length, 8)
  writeFileSync(file, Buffer.concat([head, Buffer.from(text)]))
  const handle = openSync(file, 'a')
  const row = new Float32Array(columns)
  for (let i = 0; i < rows; i++) {
    const a = i % count
    let best = -Infinity
    let b = a
    for (let draw = 0; draw < 40; draw++) {
      const other = rng.integer(0, count - 1)
      if (other === a) continue
      let cosine = 0
      for (let c = 0; c < columns; c += 10) cosine += real[a * columns + c]! * real[other * columns + c]!
      if (cosine > best) [best, b] = [cosine, other]
    }
    const share = rng.next()
    let squares = 0
    for (let c = 0; c < columns; c++) {
      const mixed = share * real[a * columns + c]! + (1 - share) * real[b * columns + c]!
      row[c] = mixed + (0.1 / Math.sqrt(columns)) * rng.normal()
      squares += row[c]! ** 2
    }
    const scale = 1 / Math.sqrt(squares)
    for (let c = 0; c < columns; c++) row[c]! *= scale
    writeSync(handle, new Uint8Array(row.buffer))
  }
  closeSync(handle)
}
