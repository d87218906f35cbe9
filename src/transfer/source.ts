import { basename, dirname, extname, sep } from 'node:path'
import type { ImportFormat } from '#contract'
import { FoveaError, type MayReach, type Progress, type WalkProblem } from '#base'
import { createSourceTree, detectFormat, readerFor, type Detection, type DraftProblem, type SourceTree } from '#formats'
import { unpackArchive } from './archive.ts'
import { createReach } from './reach.ts'

export interface OpenedSource {
  tree: SourceTree
  detected: Detection
  candidates: Detection[]
  /** What had to be left out already while opening. */
  problems: DraftProblem[]
}

/** Walks a folder, unpacks a zip or takes a single file, and says which format it is. */
export async function openSource(
  path: string,
  format: 'auto' | ImportFormat,
  {
    imports,
    signal,
    progress,
    mayReach,
  }: { imports: string; signal: AbortSignal; progress: Progress; mayReach: MayReach | undefined },
): Promise<OpenedSource> {
  const problems: DraftProblem[] = []
  const onProblem = ({ path: file, what }: WalkProblem): void => {
    problems.push({
      type: 'problem',
      file,
      code: 'file-unreadable',
      what,
      fix: 'Mend or remove it, then import again.',
    })
  }
  progress.report({ stage: 'look', done: 0, unit: 'files' })
  let root = path
  if (extname(path).toLowerCase() === '.zip') {
    // Walking first refuses a path that is missing or no file with the usual error.
    await createSourceTree(path, { signal, onProblem })
    // What was uploaded is unpacked beside the archive, so that both go together.
    const into = path.startsWith(`${imports}${sep}`) ? dirname(path) : imports
    const unpacked = await unpackArchive(path, into, { signal, progress })
    problems.push(...unpacked.problems)
    root = unpacked.folder
  }
  const walked = await createSourceTree(root, { signal, onProblem })
  const tree = await createReach(mayReach).confineTree(walked, (problem) => problems.push(problem))
  if (format === 'auto') {
    const { best, candidates } = await detectFormat(tree)
    if (best.format === 'folder') problems.push(...unreadAnnotations(tree))
    return { tree, detected: best, candidates, problems }
  }
  const reader = readerFor(format)
  const detected = await reader.detect(tree)
  if (!detected) {
    throw new FoveaError(
      'FORMAT_INVALID',
      `${path} does not look like ${format}: expected ${reader.looksFor.join('; or ')}.`,
      {
        hint: 'Let fovea find the format itself with --format auto, or see what it recognises with: fovea inspect PATH',
      },
    )
  }
  return { tree, detected, candidates: [detected], problems }
}

const annotationExtensions = [
  '.json',
  '.jsonl',
  '.ndjson',
  '.csv',
  '.tsv',
  '.parquet',
  '.xml',
  '.yaml',
  '.yml',
  '.data',
]

/** A row for each kind of file that could have said more of images which were taken for plain ones. */
function unreadAnnotations(tree: SourceTree): DraftProblem[] {
  return annotationExtensions.flatMap((extension) => {
    const [first, ...others] = tree.files.filter(({ path }) => extname(path).toLowerCase() === extension)
    if (first === undefined) return []
    const more = others.length === 0 ? '' : ` The same holds for the other ${extension} files (${others.length}).`
    return {
      type: 'problem',
      file: first.path,
      code: 'annotation-unknown',
      what: `The file is broken, or of no format that is known, and was not read; images were taken without labels.${more}`,
      fix: 'If it holds labels, mend it or export it again. If not, import with --format folder, which does not ask for it.',
    }
  })
}

/** A dataset name made from a path: its last part, with what a name may not hold replaced. */
export function datasetNameFrom(path: string): string {
  const stem = basename(path).replace(/\.(zip|json|jsonl|csv|parquet|ya?ml)$/i, '')
  const name = stem.replace(/[^\p{L}\p{N} ._-]+/gu, '-').replace(/^[^\p{L}\p{N}]+/u, '')
  return name.slice(0, 100) || 'dataset'
}
