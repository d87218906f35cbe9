import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import type { DraftSample } from '#formats'

/**
 * Digest of everything a source says about a sample, by which importing again tells changed from unchanged.
 * Mask files enter by size and time of change, so that they need not be read.
 */
export async function digestDraft(draft: DraftSample, split: string | null): Promise<string> {
  const masks = await Promise.all(
    (draft.masks ?? []).map(async (mask) => {
      const facts = await stat(mask.file).catch(() => null)
      return [
        mask.file,
        facts?.size ?? null,
        facts ? Math.trunc(facts.mtimeMs) : null,
        mask.values,
        mask.ignore,
        mask.classes,
        mask.otherClass,
      ]
    }),
  )
  const labels = draft.labels.map(({ where: _, ...label }) => label)
  return createHash('md5')
    .update(JSON.stringify([labels, masks, split, draft.tags ?? [], draft.fields ?? {}]))
    .digest('hex')
}
