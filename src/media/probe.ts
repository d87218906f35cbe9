import { orientedSize, readHeader } from './header.ts'
import { problemOf } from './problem.ts'
import { readFileBytes } from './read-bytes.ts'
import type { ImageFormat } from './sniff.ts'
import { defaultLimits, type MediaProblem, type ReadLimits } from './types.ts'

/** Size as seen (EXIF orientation applied), px. */
export type ProbeResult =
  | { ok: true; format: ImageFormat; width: number; height: number }
  | { ok: false; problem: MediaProblem }

/** Enough for the metadata that cameras put before a picture; only what has more is read whole. */
const headBytes = 128 * 1024

/**
 * Reads format and size from the beginning of a file, without decoding; a file may still be broken further on.
 * Never rejects. Cost: one read of up to 128 KiB for JPEG, PNG and BMP, the whole file for the others.
 */
export async function probeImage(file: string, limits: ReadLimits = defaultLimits): Promise<ProbeResult> {
  try {
    const head = readFileBytes(file, headBytes)
    const isWhole = head.bytes.length === head.size
    const header = await readHeader(head.bytes, limits).catch(async (error: unknown) => {
      if (isWhole) throw error
      return readHeader(readFileBytes(file).bytes, limits)
    })
    return { ok: true, format: header.format, ...orientedSize(header) }
  } catch (error) {
    return { ok: false, problem: problemOf(error) }
  }
}
