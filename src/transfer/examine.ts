import { stat } from 'node:fs/promises'
import type { Label, MediaFacts } from '#contract'
import type { KnownSource } from '#catalog'
import type { DraftMask, DraftProblem, DraftSample } from '#formats'
import type { MaskResult, MediaPool, ReadLimits } from '#media'
import type { MediaStore } from '#store'
import { checkLabel } from './check-label.ts'
import { digestDraft } from './digest.ts'

export interface ExamineDeps {
  media: MediaPool
  limits: ReadLimits
  thumbnails: string
  /** Where bytes are copied; null when files are only referred to. */
  store: MediaStore | null
  split: string | null
  signal: AbortSignal
}

/** What became of one stated sample. */
export type Examined =
  | { state: 'unchanged' }
  | { state: 'skipped'; problems: DraftProblem[] }
  | {
      state: 'new' | 'changed'
      draft: DraftSample
      known: KnownSource | null
      /** Null when the bytes are those already known. */
      facts: MediaFacts | null
      modifiedMs: number
      digest: string
      labels: Label[]
      problems: DraftProblem[]
    }

/** Looks at one stated sample: nothing to do, nothing to be had, or facts and checked labels to be written. */
export async function examineSample(
  draft: DraftSample,
  known: KnownSource | null,
  deps: ExamineDeps,
): Promise<Examined> {
  const digest = await digestDraft(draft, deps.split)
  const masks = draft.masks ?? []
  const problem = (code: string, what: string, fix: string): DraftProblem => ({
    type: 'problem',
    file: draft.file,
    code,
    what,
    fix,
  })
  if (known) {
    const file = await stat(draft.file).catch(() => null)
    const sameFile =
      file !== null && file.size === known.bytes && Math.trunc(file.mtimeMs) === Math.trunc(known.modifiedMs)
    const isTold = known.digest === digest
    if (sameFile && deps.store && (isTold || masks.length === 0))
      await deps.store.put(draft.file, known.md5, deps.signal)
    if (sameFile && isTold) return { state: 'unchanged' }
    if (sameFile && masks.length === 0) {
      const { labels, problems } = takeLabels(draft, [], known.width, known.height)
      return { state: 'changed', draft, known, facts: null, modifiedMs: known.modifiedMs, digest, labels, problems }
    }
  }
  const seen = await deps.media.examine(
    {
      file: draft.file,
      thumbnails: deps.thumbnails,
      limits: deps.limits,
      masks: masks.map(({ file, values, ignore }) => ({ file, values, ignore })),
    },
    deps.signal,
  )
  if (!seen.ok && seen.problem.code === 'image-missing' && draft.file.includes('\ufffd')) {
    const what = 'The name holds bytes that are no UTF-8, so the file cannot be opened by it.'
    return { state: 'skipped', problems: [problem('name-unreadable', what, 'Rename the file or its folder.')] }
  }
  if (!seen.ok) return { state: 'skipped', problems: [problem(seen.problem.code, seen.problem.what, seen.problem.fix)] }
  if (deps.store) await deps.store.put(draft.file, seen.facts.md5, deps.signal)
  const { labels, problems } = takeLabels(draft, seen.masks, seen.facts.width, seen.facts.height)
  const sameBytes = known !== null && known.md5 === seen.facts.md5
  if (sameBytes && known.digest === digest && Math.trunc(known.modifiedMs) === Math.trunc(seen.modifiedMs))
    return { state: 'unchanged' }
  return {
    state: known ? 'changed' : 'new',
    draft,
    known,
    facts: seen.facts,
    modifiedMs: seen.modifiedMs,
    digest,
    labels,
    problems,
  }
}

function takeLabels(
  draft: DraftSample,
  masks: readonly MaskResult[],
  width: number,
  height: number,
): { labels: Label[]; problems: DraftProblem[] } {
  const labels: Label[] = []
  const problems: DraftProblem[] = []
  // All stand under the image, so that they go when it is taken anew; a mask is named in the words.
  const report = (code: string, what: string, fix: string, mask?: string): void => {
    problems.push({
      type: 'problem',
      file: draft.file,
      code,
      what: mask === undefined ? what : `${mask}: ${what}`,
      fix,
    })
  }
  const { statedSize: size } = draft
  if (size && draft.labels.length > 0 && (size.width !== width || size.height !== height)) {
    const what = `The annotation is for an image of ${size.width} × ${size.height} px, the file has ${width} × ${height} px; its labels were taken as they stand.`
    report('size-differs', what, 'See whether the labels fit; if not, put back the image they were made for.')
  }
  for (const stated of draft.labels) {
    const { label, fault } = checkLabel(stated, width, height)
    if (fault) report(fault.code, fault.what, fault.fix)
    if (label) labels.push(label)
  }
  masks.forEach((result, i) => {
    const source = draft.masks![i]!
    if (!result.ok) return report(result.problem.code, result.problem.what, result.problem.fix, source.file)
    for (const region of result.regions) {
      const className = classOfRegion(source, result.values, region.value)
      if (className === null) {
        report(
          'mask-class',
          `The mask has pixels of value ${region.value}, which stands for no class.`,
          'Name the value in labelmap.txt.',
          source.file,
        )
        continue
      }
      const stated = { kind: 'mask', class: className, unit: 'px', geometry: region.mask } as const
      const { label, fault } = checkLabel(stated, width, height)
      if (fault) report(fault.code, fault.what, fault.fix, source.file)
      if (label) labels.push(label)
    }
  })
  return { labels, problems }
}

function classOfRegion(source: DraftMask, values: 'binary' | 'index', value: number): string | null {
  const listed = source.classes[value] ?? (values === 'binary' ? source.classes[1] : undefined)
  return listed ?? source.otherClass?.replace('<value>', String(value)) ?? null
}
