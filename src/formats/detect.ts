import { extname } from 'node:path'
import { FoveaError } from '#base'
import { readers } from './registry.ts'
import type { Detection, SourceTree } from './types.ts'

/**
 * Asks every reader whether a tree has its layout; the most confident answer is the best.
 * Throws FORMAT_UNKNOWN, which lists what was looked for and what was found, when no reader knows it.
 */
export async function detectFormat(tree: SourceTree): Promise<{ best: Detection; candidates: Detection[] }> {
  const candidates: Detection[] = []
  for (const reader of readers) {
    const detection = await reader.detect(tree)
    if (detection) candidates.push(detection)
  }
  candidates.sort((a, b) => b.confidence - a.confidence)
  const best = candidates[0]
  if (best) return { best, candidates }
  const looked = readers.flatMap((reader) => reader.looksFor.map((layout) => `${reader.format}: ${layout}`))
  const found = describeFiles(tree)
  throw new FoveaError(
    'FORMAT_UNKNOWN',
    `No dataset was recognised in ${tree.file ?? tree.root}. Looked for:\n${looked.map((line) => `  - ${line}`).join('\n')}\nFound: ${found}.`,
    {
      hint: 'Point at the folder that holds the images and their labels, or name the format with --format.',
      details: { lookedFor: looked, found },
    },
  )
}

/** `12 files (9 .pdf, 2 .txt, 1 without extension)`. */
function describeFiles(tree: SourceTree): string {
  if (tree.files.length === 0) return 'no files at all'
  const counts = new Map<string, number>()
  for (const { relative } of tree.files) {
    const extension = extname(relative).toLowerCase() || 'without extension'
    counts.set(extension, (counts.get(extension) ?? 0) + 1)
  }
  const ordered = [...counts].sort((a, b) => b[1] - a[1])
  const shown = ordered.slice(0, 8).map(([extension, count]) => `${count} ${extension}`)
  const rest = ordered.slice(8).reduce((sum, [, count]) => sum + count, 0)
  if (rest > 0) shown.push(`${rest} others`)
  return `${tree.files.length} ${tree.files.length === 1 ? 'file' : 'files'} (${shown.join(', ')})`
}
