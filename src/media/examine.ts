import { hash } from 'node:crypto'
import { existsSync } from 'node:fs'
import type { MediaFacts } from '#contract'
import { decodePixels, type Pixels } from './decode.ts'
import { readExif } from './exif.ts'
import { readHeader } from './header.ts'
import { readMask } from './mask.ts'
import { createGate } from './gate.ts'
import { hashPicture } from './phash.ts'
import { problemOf } from './problem.ts'
import { readFileBytes } from './read-bytes.ts'
import { measurePixels, type PixelStatistics } from './statistics.ts'
import { measureEdges, reduceGray, scoreBlur, scoreSharpness } from './structure.ts'
import { makeThumbnail, thumbnailPath, writeThumbnail } from './thumbnail.ts'
import type { ExamineResult, ExamineTask } from './types.ts'

/** Pixels that one thread holds at a time, so that a folder of huge pictures does not exhaust memory. */
const gate = createGate(64_000_000)

/**
 * Reads an image once, decodes it once, measures every field of MediaFacts, makes its thumbnail and reads its masks.
 * A file that is bad in any way is a result with `ok: false`. Rejects only when the thumbnail cannot be written.
 */
export async function examineFile({ file, thumbnails, limits, masks }: ExamineTask): Promise<ExamineResult> {
  let facts: MediaFacts
  let modifiedMs: number
  let thumbnail: { path: string; bytes: Uint8Array } | undefined
  try {
    const { bytes, modifiedMs: modified } = readFileBytes(file)
    modifiedMs = modified
    const header = await readHeader(bytes, limits)
    const exif = await readExif(header.exif)
    const md5 = hash('md5', bytes)
    const path = thumbnails === null ? null : thumbnailPath(thumbnails, md5)
    const { measured, size, picture } = await gate.run(header.width * header.height, async () => {
      const pixels = await decodePixels(bytes, header, limits)
      // Started first: it is made on another thread while this one measures.
      const making = path === null || existsSync(path) ? undefined : makeThumbnail(pixels, header, bytes)
      const found = measure(pixels)
      return { measured: found, size: { width: pixels.width, height: pixels.height }, picture: await making }
    })
    if (path !== null && picture !== undefined) thumbnail = { path, bytes: picture }
    facts = {
      ...exif,
      ...measured,
      format: header.format,
      bytes: bytes.length,
      md5,
      sha256: hash('sha256', bytes),
      ...size,
      aspect: size.width / size.height,
      channels: header.channels,
      depth: header.depth,
      mode: header.mode,
      frames: header.frames,
    }
  } catch (error) {
    return { ok: false, problem: problemOf(error) }
  }
  if (thumbnail) writeThumbnail(thumbnail.path, thumbnail.bytes)
  const size = { width: facts.width, height: facts.height }
  return { ok: true, facts, modifiedMs, masks: await Promise.all(masks.map((mask) => readMask(mask, limits, size))) }
}

function measure(pixels: Pixels): PixelStatistics & Pick<MediaFacts, 'sharpness' | 'blur_score' | 'phash'> {
  const { statistics, gray } = measurePixels(pixels)
  const edges = measureEdges(gray)
  const reduced = reduceGray(gray)
  return {
    ...statistics,
    sharpness: scoreSharpness(edges),
    blur_score: scoreBlur(pixels, reduced, edges),
    phash: hashPicture(reduced),
  }
}
