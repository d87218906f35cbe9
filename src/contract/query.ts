import { z } from 'zod'
import { labelSchema } from './label.ts'
import { operation } from './operation.ts'
import { datasetErrors, datasetRef, queryText, sampleIdText, scalar, selectionErrors } from './shared.ts'

/** Half-open range of characters in the query text, in UTF-16 units. */
export const spanSchema = z.object({ start: z.number().int(), end: z.number().int() })

export const sampleRow = z.object({
  id: sampleIdText,
  path: z.string(),
  width: z.number().int(),
  height: z.number().int(),
  split: z.string().nullable(),
  tags: z.array(z.string()),
  classes: z.array(z.string()).describe('Distinct classes of the truth layer, sorted'),
  objects: z.number().int().describe('Labels of the truth layer that have a place'),
  fields: z.record(z.string(), scalar).describe('The fields asked for; all of them when none were named'),
})
export type SampleRow = z.infer<typeof sampleRow>

export const runQuery = operation({
  id: 'query.run',
  summary: 'Find samples; one page of rows',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    fields: z.array(z.string()).max(500).optional().describe('Fields to return; all when left out'),
    limit: z.number().int().min(0).max(10_000).default(100),
    offset: z.number().int().min(0).default(0),
  }),
  output: z.object({
    rows: z.array(sampleRow),
    total: z.number().int().describe('Rows the query matches, its own limit applied'),
  }),
  errors: selectionErrors,
})

export const countQuery = operation({
  id: 'query.count',
  summary: 'Count the samples a query matches',
  effect: 'read',
  input: z.object({ dataset: datasetRef, query: queryText }),
  output: z.object({ count: z.number().int() }),
  errors: selectionErrors,
})

export const suggestion = z.object({
  text: z.string().describe('What to put in place of `replace`'),
  kind: z.enum(['field', 'class', 'tag', 'layer', 'slice', 'value', 'keyword', 'operator', 'function']),
  detail: z.string().describe('Type, unit or count, for people'),
  count: z.number().int().nullable().describe('Samples that have it, where known'),
  replace: spanSchema,
})
export type Suggestion = z.infer<typeof suggestion>

export const completeQuery = operation({
  id: 'query.complete',
  summary: 'Suggest what may come next at a place in a query',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    query: z.string().max(20_000),
    at: z.number().int().min(0).optional().describe('Cursor position; the end when left out'),
    limit: z.number().int().min(1).max(200).default(30),
  }),
  output: z.object({ suggestions: z.array(suggestion) }),
  errors: [...datasetErrors],
})

export const checkQuery = operation({
  id: 'query.check',
  summary: 'Say whether a query is well formed and typed, with the place of each fault',
  effect: 'read',
  input: z.object({ dataset: datasetRef, query: z.string().max(20_000) }),
  output: z.object({
    ok: z.boolean(),
    problems: z.array(z.object({ message: z.string(), hint: z.string().nullable(), span: spanSchema })),
  }),
  errors: [...datasetErrors],
})

export const histogram = z.object({
  kind: z.literal('histogram'),
  field: z.string(),
  type: z.enum(['number', 'integer', 'datetime']),
  count: z.number().int().describe('Samples with a value'),
  missing: z.number().int(),
  min: scalar,
  max: scalar,
  mean: z.number().nullable(),
  deviation: z.number().nullable().describe('Sample standard deviation'),
  bins: z
    .array(z.object({ from: scalar, to: scalar, count: z.number().int() }))
    .describe('[from, to), the last one closed'),
})
export const valueCounts = z.object({
  kind: z.literal('counts'),
  field: z.string(),
  type: z.enum(['string', 'boolean', 'integer', 'number']),
  count: z.number().int(),
  missing: z.number().int(),
  distinct: z.number().int(),
  values: z.array(z.object({ value: scalar, count: z.number().int() })).describe('Most frequent first'),
})

/** Beside every field, `by` takes class, tag, layer, kind and folder; a sample counts once for each of its values. */
export const stats = operation({
  id: 'query.stats',
  summary: 'Counts and histograms of fields over the samples a query matches, in one pass',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    by: z.array(z.string()).max(100).optional().describe('Fields; a telling choice when left out'),
    bins: z.number().int().min(1).max(500).default(20),
    top: z.number().int().min(1).max(1_000).default(20).describe('How many values of a counted field'),
  }),
  output: z.object({
    count: z.number().int(),
    fields: z.array(z.discriminatedUnion('kind', [histogram, valueCounts])),
  }),
  errors: [...selectionErrors, 'FIELD_NOT_FOUND'],
})

export const folderTree = operation({
  id: 'query.tree',
  summary: 'Folders of the matched samples with counts',
  effect: 'read',
  input: z.object({ dataset: datasetRef, query: queryText, depth: z.number().int().min(1).max(50).default(50) }),
  output: z.object({
    /** Flat, in path order; `count` includes everything below. The root is the empty path. */
    folders: z.array(z.object({ path: z.string(), depth: z.number().int(), count: z.number().int() })),
  }),
  errors: selectionErrors,
})

export const showSample = operation({
  id: 'sample.show',
  summary: 'Show one sample whole: fields, tags, labels of every layer',
  effect: 'read',
  input: z.object({
    sample: sampleIdText,
    dataset: z
      .string()
      .min(1)
      .max(200)
      .optional()
      .describe('A version (tiles@v3), to see the sample as it was then; left out, as it is now'),
  }),
  output: z.object({
    dataset: z.string(),
    sample: sampleRow,
    layers: z.array(z.object({ layer: z.string(), labels: z.array(labelSchema.extend({ id: z.string() })) })),
  }),
  errors: [...datasetErrors, 'SAMPLE_NOT_FOUND'],
})

export const readLabels = operation({
  id: 'sample.labels',
  summary: 'Read the labels of some samples, of every layer or of one',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    samples: z.array(sampleIdText).max(1_000).describe('Those that are not there are left out of the answer'),
    layer: z.string().min(1).optional(),
  }),
  output: z.object({
    samples: z.array(
      z.object({
        sample: sampleIdText,
        width: z.number().int().describe('px, of the picture as seen'),
        height: z.number().int(),
        layers: z.array(z.object({ layer: z.string(), labels: z.array(labelSchema.extend({ id: z.string() })) })),
      }),
    ),
  }),
  errors: [...datasetErrors],
})
