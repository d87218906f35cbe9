import { z } from 'zod'
import { datasetName } from './dataset.ts'
import { operation } from './operation.ts'
import { datasetErrors, datasetRef, queryText } from './shared.ts'

export const importFormats = [
  'folder',
  'imagefolder',
  'hf',
  'coco',
  'yolo',
  'voc',
  'masks',
  'csv',
  'jsonl',
  'parquet',
] as const
export const exportFormats = ['coco', 'yolo', 'voc', 'masks', 'folder', 'csv', 'jsonl', 'parquet'] as const
export type ImportFormat = (typeof importFormats)[number]
export type ExportFormat = (typeof exportFormats)[number]

export const detectionSchema = z.object({
  format: z.enum(importFormats),
  layout: z.string().describe('The layout in words, for example "class folders with mask pairs"'),
  evidence: z.string().describe('What was seen that says so'),
})

export const problemSchema = z.object({
  file: z.string(),
  code: z.string().describe('Stable kind of the problem, for example image-truncated'),
  what: z.string(),
  fix: z.string(),
  at: z.string(),
})
export type Problem = z.infer<typeof problemSchema>

export const inspectSource = operation({
  id: 'dataset.inspect',
  summary: 'Say which format and layout a folder or file has, without importing it',
  effect: 'read',
  input: z.object({ path: z.string().min(1) }),
  output: z.object({ detected: detectionSchema, candidates: z.array(detectionSchema), files: z.number().int() }),
  errors: ['SOURCE_NOT_FOUND', 'FORMAT_UNKNOWN', 'ARCHIVE_UNSAFE', 'PATH_OUTSIDE'],
})

export const importDataset = operation({
  id: 'dataset.import',
  summary: 'Import images and labels as they lie on disk; again adds only what is new or changed',
  effect: 'write',
  long: true,
  input: z.object({
    path: z.string().min(1).describe('Folder, annotation file, manifest or zip'),
    dataset: datasetName.optional().describe('Made when missing; named after the folder when left out'),
    format: z.enum(['auto', ...importFormats]).default('auto'),
    layer: z.string().min(1).max(200).default('truth'),
    split: z.string().min(1).max(100).optional().describe('Split for every sample, over what the format says'),
    copy: z.boolean().default(false).describe('Copy the files into the workspace instead of referring to them'),
    onError: z.enum(['skip', 'stop']).default('skip'),
  }),
  output: z.object({
    dataset: z.string(),
    detected: detectionSchema,
    added: z.number().int(),
    updated: z.number().int().describe('Samples whose file or labels changed'),
    unchanged: z.number().int(),
    skipped: z.number().int().describe('Files that could not be taken; see problems'),
    labels: z.number().int().describe('Labels written'),
    problems: z.number().int().describe('Problem rows of this import'),
    change: z.string().nullable(),
    seconds: z.number(),
  }),
  errors: [
    'SOURCE_NOT_FOUND',
    'SOURCE_UNREADABLE',
    'FORMAT_UNKNOWN',
    'FORMAT_INVALID',
    'IMPORT_STOPPED',
    'ARCHIVE_UNSAFE',
    'PATH_OUTSIDE',
  ],
})

export const listProblems = operation({
  id: 'dataset.problems',
  summary: 'List what imports had to skip: file, what is wrong, how to mend it',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    limit: z.number().int().min(1).max(100_000).default(1_000),
    offset: z.number().int().min(0).default(0),
  }),
  output: z.object({ total: z.number().int(), problems: z.array(problemSchema) }),
  errors: [...datasetErrors],
})

export const lossSchema = z.object({
  code: z.string().describe('Stable kind, for example polygon-holes'),
  count: z.number().int().describe('Labels or samples it touches'),
  what: z.string().describe('What the format cannot hold, and what is written instead'),
})
export type Loss = z.infer<typeof lossSchema>

export const exportDataset = operation({
  id: 'dataset.export',
  summary: 'Write matched samples and labels in another format; says first what the format cannot hold',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    format: z.enum(exportFormats),
    to: z.string().min(1).describe('Folder to make; it must not exist, or be empty'),
    media: z
      .enum(['copy', 'link', 'none'])
      .default('copy')
      .describe('Copy the files, link to them, or write labels only'),
    layer: z.string().min(1).default('truth'),
    onLoss: z
      .enum(['warn', 'stop'])
      .default('warn')
      .describe('Whether to go on when the format cannot hold everything'),
    dryRun: z.boolean().default(false).describe('Only say what would be lost'),
  }),
  output: z.object({
    to: z.string(),
    samples: z.number().int(),
    labels: z.number().int(),
    files: z.number().int(),
    losses: z.array(lossSchema),
  }),
  errors: [
    ...datasetErrors,
    'LAYER_NOT_FOUND',
    'QUERY_INVALID',
    'TARGET_EXISTS',
    'EXPORT_LOSSY',
    'MEDIA_UNREADABLE',
    'PATH_OUTSIDE',
  ],
})
