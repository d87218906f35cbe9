import { z } from 'zod'
import { operation } from './operation.ts'
import { datasetErrors, datasetRef } from './shared.ts'

/** Names that mean something else as a reference are refused as tags. */
export const versionTag = z
  .string()
  .max(100)
  .regex(
    /^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u,
    'A tag starts with a letter or digit and holds letters, digits, ".", "_" and "-"',
  )
  .refine(
    (name) => !/^(latest|v\d+|[0-9a-f]{6,64})$/i.test(name),
    'A tag is not called latest, nor like a number (v3) or an id (6 or more hex digits)',
  )

export const versionRef = z
  .string()
  .min(1)
  .max(300)
  .describe(
    'v3, a tag, latest, or the beginning of an id (6 hex digits or more); DATASET@REF names the dataset as well',
  )

const count = z.number().int()
const tally = z.object({ added: count, removed: count, changed: count })

/** How one state of a dataset differs from another, in numbers. */
export const versionChanges = z.object({
  samples: tally.describe(
    'Changed are samples with another value of any field but updated_at, other labels or other tags',
  ),
  fields: z
    .array(z.object({ field: z.string(), samples: count }))
    .describe('Fields by the samples that differ in them'),
  labels: z.array(tally.extend({ layer: z.string() })),
  tags: z.array(z.object({ tag: z.string(), added: count, removed: count })).describe('Tags of samples'),
  dictionary: z
    .array(
      z.object({
        kind: z.enum(['class', 'field', 'slice', 'card']),
        name: z.string(),
        what: z.enum(['added', 'removed', 'changed']),
        how: z.string().describe('In words; empty where there is nothing to add'),
      }),
    )
    .describe('Classes, fields, slices and the card'),
})
export type VersionChanges = z.infer<typeof versionChanges>

const versionSummary = z.object({
  dataset: z.string(),
  version: z.string().describe('v<n>'),
  id: z.string().describe('SHA-256 of what the version is, 64 hex digits'),
  tags: z.array(z.string()),
  at: z.string(),
  actor: z.string(),
  message: z.string(),
  parents: z.array(z.string()).describe('Ids of the versions it was made from'),
  change: z.string().nullable().describe('Newest change of the history that it holds, c_<n>'),
  media: z.enum(['store', 'reference']),
  samples: count,
  labels: count,
  changes: versionChanges.nullable().describe('Since the version before; null for the first'),
})
export type VersionSummary = z.infer<typeof versionSummary>

const refErrors = [...datasetErrors, 'INPUT_INVALID'] as const

export const commitVersion = operation({
  id: 'versions.commit',
  summary: 'Keep a dataset as it is now, as a version that never changes',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    message: z.string().trim().min(1).max(10_000).describe('What this version is, or what changed'),
    tag: versionTag.optional().describe('Gives the version this name as well'),
    media: z
      .enum(['store', 'reference'])
      .default('store')
      .describe('store keeps every picture in the workspace; reference leaves them where they were imported from'),
  }),
  output: z.object({
    created: z.boolean().describe('False when nothing changed since the last version, which is answered then'),
    version: versionSummary,
    stored: z.object({
      pictures: count.describe('Copied into the workspace; those that were there already are not counted'),
      files: count.describe('Files of samples, labels and tags that no earlier version has'),
      bytes: count.describe('Of those files'),
    }),
  }),
  errors: [
    ...refErrors,
    'DATASET_BUSY',
    'TAG_EXISTS',
    'SOURCE_UNREADABLE',
    'PATH_OUTSIDE',
    'STORAGE_FULL',
    'STORAGE_DENIED',
  ],
})

export const listVersions = operation({
  id: 'versions.list',
  summary: 'List the versions of a dataset, or of all, newest first',
  effect: 'read',
  input: z.object({
    dataset: z.string().min(1).max(200).optional().describe('Name of the dataset; all when left out'),
    limit: z.number().int().min(1).max(10_000).default(100),
    offset: z.number().int().min(0).default(0),
  }),
  output: z.object({ total: count, versions: z.array(versionSummary) }),
  errors: ['DATASET_NOT_FOUND', 'VERSION_DAMAGED'],
})

export const showVersion = operation({
  id: 'versions.show',
  summary: 'Show a version: what it holds, what changed, its files',
  effect: 'read',
  input: z.object({ dataset: datasetRef, ref: versionRef }),
  output: z.object({
    version: versionSummary,
    classes: count,
    layers: z.array(z.string()),
    bytes: count.describe('Of its files, those it shares with other versions too'),
    files: z.array(
      z.object({
        table: z.enum(['samples', 'labels', 'tags', 'dictionary']),
        chunk: count.describe('Holds what belongs to samples with ids from 65 536 · chunk on'),
        rows: count,
        bytes: count,
        md5: z.string().describe('Where it lies among the objects'),
        sha256: z.string(),
      }),
    ),
  }),
  errors: refErrors,
})

export const tagVersion = operation({
  id: 'versions.tag',
  summary: 'Give a version a name',
  effect: 'write',
  input: z.object({
    dataset: datasetRef,
    ref: versionRef,
    name: versionTag,
    move: z.boolean().default(false).describe('Take the name from the version that has it'),
  }),
  output: z.object({
    version: versionSummary,
    moved: z.string().nullable().describe('Version that had the name, v<n>'),
  }),
  errors: [...refErrors, 'TAG_EXISTS'],
})

export const untagVersion = operation({
  id: 'versions.untag',
  summary: 'Take a name from a version; the version stays',
  effect: 'write',
  input: z.object({ dataset: datasetRef, name: z.string().min(1).max(100) }),
  output: z.object({ version: versionSummary }),
  errors: refErrors,
})

export const diffVersions = operation({
  id: 'versions.diff',
  summary: 'Say what differs between two versions, or a version and the data as it is now',
  effect: 'read',
  long: true,
  input: z.object({
    dataset: datasetRef,
    before: versionRef,
    after: versionRef.optional().describe('Like before; left out, the data as it is now'),
    limit: z.number().int().min(0).max(100_000).default(20).describe('Samples that are listed'),
  }),
  output: versionChanges.extend({
    dataset: z.string(),
    before: z.string().describe('v<n>'),
    after: z.string().nullable().describe('v<n>; null for the data as it is now'),
    same: z.boolean().describe('Nothing differs'),
    listed: z.array(
      z.object({
        sample: z.string(),
        path: z.string(),
        what: z.enum(['added', 'removed', 'changed']),
        fields: z.array(z.string()),
        labels: tally,
        tags: z.object({ added: z.array(z.string()), removed: z.array(z.string()) }),
      }),
    ),
  }),
  errors: refErrors,
})
