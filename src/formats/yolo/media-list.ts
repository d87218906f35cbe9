import { dirname, join, resolve, sep } from 'node:path'
import { pathExists } from '#base'
import { problem, readText } from '../layout.ts'
import type { DraftProblem } from '../types.ts'

/**
 * File of an export without media: a JSON row an image, `{"path": "images/train/a.jpg", "file": "/where/it/lies.jpg"}`.
 * Label files go by `path`, the place the image has in a whole dataset.
 */
export const mediaListFile = 'media.jsonl'

/** One image of a split. */
export interface YoloImage {
  /** Absolute path. */
  file: string
  /** Path of the sample. */
  path: string
  /** Where the image would lie by its description, absolute, when that is not where it is: its label file goes by that. */
  statedFile: string | null
}

export interface MediaList {
  /** Images whose path leads below a folder. */
  imagesBelow(folder: string): YoloImage[]
  problems: DraftProblem[]
}

export function mediaRow(path: string, file: string): string {
  return `${JSON.stringify({ path, file })}\n`
}

/** The list that lies in a folder; null when there is none. */
export async function readMediaList(folder: string): Promise<MediaList | null> {
  const list = join(folder, mediaListFile)
  if (!(await pathExists(list))) return null
  const problems: DraftProblem[] = []
  const byFolder = new Map<string, YoloImage[]>()
  for (const [i, line] of (await readText(list)).split('\n').entries()) {
    if (line.trim() === '') continue
    const row = parseRow(line)
    if (!row) {
      problems.push(
        problem(
          list,
          'media-row',
          `${mediaListFile}:${i + 1}: expected an object with path and file.`,
          'Correct or remove the row.',
        ),
      )
      continue
    }
    const statedFile = resolve(folder, row.path)
    const image = { file: row.file, path: row.path, statedFile }
    // Every folder above the image knows it, so that a split finds all below its own.
    for (let above = dirname(statedFile); above.startsWith(folder + sep); above = dirname(above)) {
      const images = byFolder.get(above)
      if (images) images.push(image)
      else byFolder.set(above, [image])
    }
  }
  return { imagesBelow: (below) => byFolder.get(below) ?? [], problems }
}

function parseRow(line: string): { path: string; file: string } | null {
  try {
    const row: unknown = JSON.parse(line)
    if (typeof row !== 'object' || row === null) return null
    const { path, file } = row as { path?: unknown; file?: unknown }
    return typeof path === 'string' && typeof file === 'string' ? { path, file } : null
  } catch {
    return null
  }
}
