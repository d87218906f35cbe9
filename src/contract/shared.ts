import { z } from 'zod'

/** Left out, it means the only dataset of the workspace; with several it must be given (DATASET_AMBIGUOUS). */
export const datasetRef = z
  .string()
  .min(1)
  .max(200)
  .optional()
  .describe('Name of the dataset, or of a version to read (tiles@v3); may be left out when there is only one')

export const queryText = z.string().max(20_000).default('').describe('Query; empty selects everything')

export const sampleIdText = z.string().regex(/^s_\d{1,15}$/, 'A sample id looks like s_12')

export const scalar = z.union([z.string(), z.number(), z.boolean(), z.null()])

/** What every change of data answers: how many things it touched and the id `fovea undo` takes. */
export const changeResult = z.object({
  changed: z.number().int().describe('Samples (or other things) that are different now'),
  matched: z.number().int().describe('Samples the query matched'),
  change: z.string().nullable().describe('Id in the history, c_<n>; null when nothing changed'),
})

/** What any operation may raise that takes a dataset, which may be a version (`tiles@v3`). */
export const datasetErrors = [
  'DATASET_NOT_FOUND',
  'DATASET_AMBIGUOUS',
  'VERSION_NOT_FOUND',
  'VERSION_DAMAGED',
  'VERSION_READ_ONLY',
] as const

/** What any operation may raise that selects samples by a query. */
export const selectionErrors = [
  ...datasetErrors,
  'QUERY_INVALID',
  'QUERY_NEEDS_EMBEDDINGS',
  'SPACE_NOT_FOUND',
  'SPACE_STALE',
  'SAMPLE_NOT_FOUND',
  'TEXT_UNKNOWN',
] as const
