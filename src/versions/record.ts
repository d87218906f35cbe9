import { createHash } from 'node:crypto'
import { z } from 'zod'
import { versionChanges, type VersionSummary } from '#contract'

const count = z.number().int().min(0)

/** A file of a version, among the objects. */
const commitFile = z.object({
  table: z.enum(['samples', 'labels', 'tags', 'dictionary']),
  chunk: count,
  rows: count,
  bytes: count,
  md5: z.string().regex(/^[0-9a-f]{32}$/),
  sha256: z.string().regex(/^[0-9a-f]{64}$/),
})
export type CommitFile = z.infer<typeof commitFile>

/** Everything a version is. Its id is the SHA-256 of this as canonical JSON, so no part of it can change. */
export const commitSchema = z.object({
  format: z.literal(1),
  dataset: z.string(),
  parents: z.array(z.string()),
  at: z.string(),
  actor: z.string(),
  message: z.string(),
  /** Number of the newest change of the history; 0 for none. */
  change: count,
  media: z.enum(['store', 'reference']),
  samples: count,
  labels: count,
  changes: versionChanges.nullable(),
  files: z.array(commitFile),
})
export type Commit = z.infer<typeof commitSchema>

/** JSON with the keys of every object in order and no blanks: one text for one value. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map((item) => canonicalJson(item ?? null)).join(',')}]`
  if (typeof value !== 'object' || value === null) return JSON.stringify(value)
  const entries = Object.entries(value).filter(([, item]) => item !== undefined)
  entries.sort(([a], [b]) => (a < b ? -1 : 1))
  return `{${entries.map(([key, item]) => `${JSON.stringify(key)}:${canonicalJson(item)}`).join(',')}}`
}

/** 64 hex digits. */
export const idOf = (text: string | Uint8Array): string => createHash('sha256').update(text).digest('hex')

/** A version as it is kept: what it is, and what it is called. */
export interface NamedCommit {
  id: string
  /** From 1. */
  number: number
  tags: string[]
  commit: Commit
}

export function summariseCommit({ id, number, tags, commit }: NamedCommit): VersionSummary {
  const { dataset, at, actor, message, parents, change, media, samples, labels, changes } = commit
  return {
    dataset,
    version: `v${number}`,
    id,
    tags,
    at,
    actor,
    message,
    parents,
    change: change === 0 ? null : `c_${change}`,
    media,
    samples,
    labels,
    changes,
  }
}
