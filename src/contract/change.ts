import { z } from 'zod'
import { operation } from './operation.ts'
import { changeResult, datasetErrors, datasetRef, queryText, scalar, selectionErrors } from './shared.ts'

const tagName = z
  .string()
  .min(1)
  .max(200)
  .refine((t) => t.trim() === t && !/[\p{Cc}]/u.test(t), 'A tag has no blanks at its ends and no control characters')

export const tagSamples = operation({
  id: 'sample.tag',
  summary: 'Put tags on the samples a query matches',
  effect: 'write',
  input: z.object({ dataset: datasetRef, query: queryText, tags: z.array(tagName).min(1).max(100) }),
  output: changeResult,
  errors: selectionErrors,
})

export const untagSamples = operation({
  id: 'sample.untag',
  summary: 'Take tags off the samples a query matches',
  effect: 'write',
  input: z.object({ dataset: datasetRef, query: queryText, tags: z.array(tagName).min(1).max(100) }),
  output: changeResult,
  errors: selectionErrors,
})

export const setField = operation({
  id: 'sample.set',
  summary: 'Set a field of the samples a query matches; a new field is made with the type of the value',
  effect: 'write',
  input: z.object({ dataset: datasetRef, query: queryText, field: z.string().min(1), value: scalar }),
  output: changeResult,
  errors: [...selectionErrors, 'FIELD_READ_ONLY', 'FIELD_TYPE'],
})

export const deleteSamples = operation({
  id: 'sample.delete',
  summary: 'Remove the samples a query matches from the dataset; undo brings them back, files are never touched',
  effect: 'destructive',
  input: z.object({ dataset: datasetRef, query: z.string().min(1).max(20_000) }),
  output: changeResult,
  errors: selectionErrors,
})

export const sliceSchema = z.object({
  name: z.string(),
  query: z.string(),
  count: z.number().int().nullable(),
  createdAt: z.string(),
})

export const saveSlice = operation({
  id: 'slice.save',
  summary: 'Save a query under a name; an old one of that name is replaced',
  effect: 'write',
  input: z.object({
    dataset: datasetRef,
    name: z
      .string()
      .min(1)
      .max(200)
      .regex(/^[\p{L}\p{N}][\p{L}\p{N}._-]*$/u, 'A slice name holds letters, digits, ".", "_" and "-"'),
    query: z.string().max(20_000),
  }),
  output: z.object({ slice: sliceSchema, change: z.string().nullable() }),
  errors: selectionErrors,
})

export const listSlices = operation({
  id: 'slice.list',
  summary: 'List the saved slices with their counts; a slice whose query no longer fits has none',
  effect: 'read',
  input: z.object({ dataset: datasetRef }),
  output: z.object({ slices: z.array(sliceSchema) }),
  errors: [...datasetErrors],
})

export const showSlice = operation({
  id: 'slice.show',
  summary: 'Show the query of a slice and its count',
  effect: 'read',
  input: z.object({ dataset: datasetRef, name: z.string().min(1) }),
  output: z.object({ slice: sliceSchema }),
  errors: [...datasetErrors, 'SLICE_NOT_FOUND'],
})

export const removeSlice = operation({
  id: 'slice.remove',
  summary: 'Forget a saved slice; the samples stay',
  effect: 'write',
  input: z.object({ dataset: datasetRef, name: z.string().min(1) }),
  output: z.object({ change: z.string() }),
  errors: [...datasetErrors, 'SLICE_NOT_FOUND'],
})

export const changeEntry = z.object({
  id: z.string().describe('c_<n>'),
  at: z.string(),
  actor: z.string(),
  operation: z.string(),
  dataset: z.string().nullable(),
  summary: z.string(),
  changed: z.number().int(),
  state: z
    .enum(['applied', 'undone', 'interrupted'])
    .describe('interrupted: the process died in the middle; what it had written stands and can be undone'),
})
export type ChangeEntry = z.infer<typeof changeEntry>

export const listHistory = operation({
  id: 'history.list',
  summary: 'List changes, newest first: who, what, when, and whether undone',
  effect: 'read',
  input: z.object({
    dataset: z.string().optional(),
    limit: z.number().int().min(1).max(1_000).default(30),
    offset: z.number().int().min(0).default(0),
  }),
  output: z.object({ changes: z.array(changeEntry) }),
  errors: ['DATASET_NOT_FOUND'],
})

export const undoChange = operation({
  id: 'history.undo',
  summary: 'Take back the newest change, or a given one when nothing later builds on it',
  effect: 'write',
  input: z.object({ change: z.string().optional(), dataset: z.string().optional() }),
  output: z.object({ undone: changeEntry }),
  errors: ['CHANGE_NOT_FOUND', 'UNDO_NOTHING', 'UNDO_CONFLICT', 'DATASET_NOT_FOUND'],
})

export const redoChange = operation({
  id: 'history.redo',
  summary: 'Bring back the change that was undone last, or a given one',
  effect: 'write',
  input: z.object({ change: z.string().optional(), dataset: z.string().optional() }),
  output: z.object({ redone: changeEntry }),
  errors: ['CHANGE_NOT_FOUND', 'UNDO_NOTHING', 'UNDO_CONFLICT', 'DATASET_NOT_FOUND'],
})
