import { idKeyAt, type IdKey } from './ids.ts'
import { isObjectAt, skipObject, skipValue } from './json-scan.ts'

/** Places of annotations in their file, grouped by image. 16 bytes an annotation; files end below 4 GiB. */
export interface SpanTable {
  starts: Uint32Array
  ends: Uint32Array
  /** Annotations of image i, in file order: `order[first[i]] … order[first[i + 1] - 1]`. */
  first: Uint32Array
  order: Uint32Array
  /** Numbers of the annotations that name no image. */
  nameless: number[]
  /** Annotations by the id of an image that is not in the file. */
  strays: Map<IdKey, number>
}

export interface SpanCollector {
  /** Takes the annotation that starts at `at`; answers the place behind it. Throws JsonFault. */
  add(bytes: Buffer, at: number): number
  /** `images` says which number an id has; a negative one drops the annotation. */
  group(images: ReadonlyMap<IdKey, number>, imageCount: number): SpanTable
}

const noImage = 0xffff_ffff
const imageIdKey = Buffer.from('image_id')

export function createSpanCollector(): SpanCollector {
  const starts = createUint32List()
  const ends = createUint32List()
  const owners = createUint32List()
  const idNumbers = new Map<IdKey, number>()

  return {
    add(bytes, at) {
      let owner = noImage
      const end = isObjectAt(bytes, at)
        ? skipObject(bytes, at, 2, (keyStart, keyEnd, valueStart, valueEnd) => {
            if (keyEnd - keyStart !== imageIdKey.length || !isImageId(bytes, keyStart)) return
            const id = idKeyAt(bytes, valueStart, valueEnd)
            if (id === undefined) return
            let number = idNumbers.get(id)
            if (number === undefined) idNumbers.set(id, (number = idNumbers.size))
            owner = number
          })
        : skipValue(bytes, at, 2)
      starts.push(at)
      ends.push(end)
      owners.push(owner)
      return end
    },
    group(images, imageCount) {
      const strays = new Map<IdKey, number>()
      const nameless: number[] = []
      const ids = [...idNumbers.keys()]
      const imageOf = ids.map((id) => images.get(id))
      const owner = owners.toArray()
      const first = new Uint32Array(imageCount + 1)
      owner.forEach((number, annotation) => {
        if (number === noImage) return void nameless.push(annotation)
        const image = imageOf[number]
        if (image === undefined) strays.set(ids[number]!, (strays.get(ids[number]!) ?? 0) + 1)
        else if (image >= 0) first[image + 1]!++
      })
      for (let i = 0; i < imageCount; i++) first[i + 1]! += first[i]!
      const next = first.slice()
      const order = new Uint32Array(first[imageCount]!)
      owner.forEach((number, annotation) => {
        const image = number === noImage ? undefined : imageOf[number]
        if (image !== undefined && image >= 0) order[next[image]!++] = annotation
      })
      return { starts: starts.toArray(), ends: ends.toArray(), first, order, nameless, strays }
    },
  }
}

function isImageId(bytes: Buffer, at: number): boolean {
  for (let i = 0; i < imageIdKey.length; i++) if (bytes[at + i] !== imageIdKey[i]) return false
  return true
}

interface Uint32List {
  push(value: number): void
  /** The values so far, without a copy. */
  toArray(): Uint32Array
}

function createUint32List(): Uint32List {
  let values = new Uint32Array(1024)
  let length = 0
  return {
    push(value) {
      if (length === values.length) {
        const wider = new Uint32Array(length * 2)
        wider.set(values)
        values = wider
      }
      values[length++] = value
    },
    toArray: () => values.subarray(0, length),
  }
}
