import { createHash } from 'node:crypto'
import { constants, mkdir, open, readFile, stat, type FileHandle } from 'node:fs/promises'
import { join } from 'node:path'
import { throwIfAborted } from '#base'
import { builtInBackbone, fillInput, planChannels } from '#models'
import { openGraph } from '../../graph/session.ts'
import type { Example, TrainingJob } from '../../types.ts'
import { featureMaps, type FeatureScale } from './decoder.ts'
import { encodeFeatures } from './network.ts'
import { measureRoom } from './room.ts'

/** A view of a picture whose features are wanted. */
interface Look {
  example: Example
  /** Number of the view, from 0 on. */
  view: number
  /** The picture as the view shows it: [3 × size × size], 8 bits. */
  planes: Uint8Array
}

/** Features of the frozen backbone, each worked out when it is first asked for and kept in a file of its picture from then on. */
export interface FeatureSource {
  /** For each of `featureMaps`: 16-bit floats, [looks × channels × height × width]. */
  read(looks: readonly Look[]): Promise<Uint16Array[]>
  close(): Promise<void>
}

/** A folder holds no more than this; what finds no room is worked out again each time. */
const usualMostBytes = 4e9
/** Stands behind the features of each view, so that a part that was never written, or not to its end, is seen. */
const endMark = 0x5e9

/**
 * Opens the backbone. Files are written below `folder`, made when it is not there and never larger than `mostBytes`: what trainings with
 * other pictures or sizes left there makes room, the oldest first.
 */
export async function openFeatures(
  job: TrainingJob,
  folder: string,
  sizePx: number,
  mostBytes = usualMostBytes,
): Promise<FeatureSource> {
  const { file: weights, card } = await builtInBackbone()
  await mkdir(folder, { recursive: true })
  const session = await openGraph(encodeFeatures(await readFile(weights)), job.threads)
  const channels = planChannels(card.input)
  const sizes = measureMaps(sizePx)
  const perLook = sizes.reduce((sum, size) => sum + size, 0)
  const perRecord = 2 * (perLook + 1)
  const names = new Map<number, Promise<string>>()

  const nameOf = (example: Example): Promise<string> => {
    const name = names.get(example.id) ?? nameFeatures(example, sizePx)
    names.set(example.id, name)
    return name
  }

  const own = await Promise.all(
    // A picture that is gone is told when it is read.
    [...job.train, ...job.validation].map((example) => nameOf(example).catch(() => names.delete(example.id))),
  )
  const inUse = new Set<unknown>(own)
  const room = await measureRoom(folder, mostBytes, (name) => inUse.has(name))

  const make = async (looks: readonly Look[]): Promise<Uint16Array[]> => {
    const perPicture = 3 * sizePx ** 2
    const input = new Float32Array(looks.length * perPicture)
    looks.forEach(({ planes }, i) =>
      fillInput('nchw', channels, { data: planes, channels: 3 }, input.subarray(i * perPicture, (i + 1) * perPicture)),
    )
    const answers = await session.run({
      [card.input.name]: { type: 'float32', data: input, dims: [looks.length, 3, sizePx, sizePx] },
    })
    const maps = featureMaps.map((map) => answers[`${map.name}.half`] as Uint16Array)
    return looks.map((_, row) => {
      const record = new Uint16Array(perLook + 1)
      let at = 0
      maps.forEach((map, i) => {
        record.set(map.subarray(row * sizes[i]!, (row + 1) * sizes[i]!), at)
        at += sizes[i]!
      })
      record[perLook] = endMark
      return record
    })
  }

  const load = async ({ example, view }: Look): Promise<Uint16Array | undefined> => {
    const file = await openExisting(join(folder, await nameOf(example)))
    if (file === undefined) return undefined
    const record = new Uint16Array(perLook + 1)
    try {
      await file.read(new Uint8Array(record.buffer), 0, perRecord, view * perRecord)
    } finally {
      await file.close()
    }
    return record[perLook] === endMark ? record : undefined
  }

  const keep = async ({ example, view }: Look, record: Uint16Array): Promise<void> => {
    if (!(await room.take(perRecord))) return
    try {
      const path = join(folder, await nameOf(example))
      const file = await open(path, constants.O_RDWR | constants.O_CREAT)
      try {
        await file.write(new Uint8Array(record.buffer), 0, perRecord, view * perRecord)
      } finally {
        await file.close()
      }
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== 'ENOSPC') throw error
      room.close()
      job.log('The disk is full: features are worked out anew each time they are needed, which is slower.')
    }
  }

  return {
    async read(looks) {
      throwIfAborted(job.signal)
      const records = await Promise.all(looks.map(load))
      const missing = looks.filter((_, i) => records[i] === undefined)
      const made = missing.length === 0 ? [] : await make(missing)
      for (const [i, look] of missing.entries()) await keep(look, made[i]!)
      let next = 0
      const whole = records.map((record) => record ?? made[next++]!)
      let from = 0
      return sizes.map((size) => {
        const map = new Uint16Array(looks.length * size)
        whole.forEach((record, row) => map.set(record.subarray(from, from + size), row * size))
        from += size
        return map
      })
    },
    close: () => session.close(),
  }
}

/** Changes with the picture's file, with its number, on which its views depend, and with the size that it is brought to. */
async function nameFeatures({ id, file }: Example, sizePx: number): Promise<string> {
  const { mtimeMs, size } = await stat(file)
  const key = JSON.stringify([id, file, mtimeMs, size, sizePx])
  return `${createHash('sha256').update(key).digest('hex').slice(0, 32)}.f16`
}

const openExisting = (path: string): Promise<FileHandle | undefined> =>
  open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return undefined
    throw error
  })

/** Numbers that each map has for one picture. */
const measureMaps = (sizePx: number): number[] =>
  featureMaps.map(({ channels, stride }) => channels * (sizePx / stride) ** 2)

/** Mean and deviation of every channel of maps that `FeatureSource.read` answered with for some looks each. */
export function measureScales(batches: readonly (readonly Uint16Array[])[], sizePx: number): FeatureScale[] {
  const widened = Float32Array.from({ length: 65_536 }, (_, bits) => widenHalf(bits))
  return featureMaps.map(({ channels, stride }, map) => {
    const area = (sizePx / stride) ** 2
    const [sums, squares] = [new Float64Array(channels), new Float64Array(channels)]
    let count = 0
    for (const batch of batches) {
      const data = batch[map]!
      count += data.length / channels
      for (let i = 0; i < data.length; i++) {
        const channel = Math.floor(i / area) % channels
        const value = widened[data[i]!]!
        sums[channel]! += value
        squares[channel]! += value * value
      }
    }
    const mean = Array.from(sums, (sum) => sum / count)
    const variance = mean.map((each, i) => Math.max(0, squares[i]! / count - each * each))
    // A channel that hardly changes is not blown up.
    return { mean, deviation: variance.map((each) => Math.sqrt(each) + 1e-3) }
  })
}

/** IEEE 754 binary16. */
function widenHalf(bits: number): number {
  const [sign, exponent, fraction] = [bits & 0x8000 ? -1 : 1, (bits >> 10) & 31, bits & 1023]
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction === 0 ? sign * Infinity : NaN
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}
