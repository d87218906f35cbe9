import { z } from 'zod'
import { operation } from './operation.ts'
import { datasetErrors, datasetRef, queryText, sampleIdText, selectionErrors } from './shared.ts'

export const spaceName = z
  .string()
  .regex(/^[a-z0-9][a-z0-9._-]{0,63}$/, 'A space name has 1 to 64 of a-z, 0-9, dot, dash and underscore')

/** Left out, it means the space of the built-in backbone, else the only one of the dataset. */
export const spaceRef = spaceName.optional().describe('Embedding space; the main one when left out')

export const spaceSchema = z.object({
  name: z.string(),
  model: z.string().describe('Model that made the vectors, or "imported"'),
  of: z.enum(['samples', 'labels']),
  layer: z.string().nullable().describe('Layer of the labels; null for samples'),
  dimensions: z.number().int(),
  vectors: z.number().int(),
  failed: z.number().int().describe('Files that could not be read'),
  missing: z.number().int().describe('Samples or labels without a vector'),
  stale: z.number().int().describe('Vectors of pictures that have changed since'),
  bytes: z.number().int(),
  maps: z.array(z.string()).describe('Methods of which a map was made'),
})
export type Space = z.infer<typeof spaceSchema>

export const embed = operation({
  id: 'spaces.embed',
  summary:
    'Give every sample, or every label with a place, a vector from a network; only what is new or changed is looked at',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    model: z.string().min(1).default('efficientnet-lite0'),
    of: z.enum(['samples', 'labels']).default('samples'),
    layer: z.string().min(1).default('truth').describe('Layer of the labels'),
    space: spaceName.optional().describe('Name of the space; that of the model when left out'),
  }),
  output: z.object({
    space: z.string(),
    dimensions: z.number().int(),
    embedded: z.number().int(),
    unchanged: z.number().int(),
    failed: z.number().int(),
    failures: z.array(z.object({ id: z.string(), what: z.string(), fix: z.string() })).describe('The first hundred'),
  }),
  errors: [
    ...selectionErrors,
    'MODEL_NOT_FOUND',
    'MODEL_INVALID',
    'MODEL_MISMATCH',
    'MODEL_OUTPUT',
    'SPACE_EXISTS',
    'LAYER_NOT_FOUND',
  ],
})

export const listSpaces = operation({
  id: 'spaces.list',
  summary: 'List the embedding spaces of a dataset',
  effect: 'read',
  input: z.object({ dataset: datasetRef }),
  output: z.object({ spaces: z.array(spaceSchema) }),
  errors: [...datasetErrors],
})

export const removeSpace = operation({
  id: 'spaces.remove',
  summary: 'Delete the vectors of a space; embedding again brings them back',
  effect: 'destructive',
  input: z.object({ dataset: datasetRef, space: spaceName }),
  output: z.object({ removed: z.string() }),
  errors: selectionErrors,
})

export const importVectors = operation({
  id: 'spaces.import',
  summary: 'Take vectors made elsewhere: .npy with one row a sample, or .parquet with a column of lists',
  effect: 'write',
  long: true,
  input: z.object({
    path: z.string().min(1),
    dataset: datasetRef,
    space: spaceName,
    query: queryText.describe(
      'Which samples the rows of an .npy stand for, in its order; all in id order when left out',
    ),
    key: z.enum(['id', 'path', 'source', 'md5']).default('path').describe('Parquet: column that names the sample'),
    column: z.string().min(1).default('embedding').describe('Parquet: column that holds the vector'),
  }),
  output: z.object({ space: z.string(), dimensions: z.number().int(), vectors: z.number().int() }),
  errors: [...selectionErrors, 'SOURCE_NOT_FOUND', 'VECTORS_INVALID', 'SPACE_EXISTS'],
})

export const findSimilar = operation({
  id: 'spaces.similar',
  summary: 'Find the samples that look most like one of them, or like a file',
  effect: 'read',
  input: z.object({
    like: z
      .string()
      .min(1)
      .max(4_096)
      .describe('Sample id (s_12), label id of a space of labels, or path of an image file'),
    dataset: datasetRef,
    query: queryText.describe('Only among the samples this matches'),
    space: spaceRef,
    limit: z.number().int().min(1).max(1_000).default(20),
    index: z.enum(['auto', 'exact', 'approximate']).default('auto').describe('auto: exact up to 200 000 vectors'),
  }),
  output: z.object({
    space: z.string(),
    index: z.enum(['exact', 'approximate']),
    recall: z
      .number()
      .nullable()
      .describe('Share of the true 10 nearest that the approximate index found on trial; null when exact'),
    neighbours: z.array(
      z.object({
        sample: z.string(),
        label: z.string().nullable().describe('In a space of labels'),
        path: z.string(),
        score: z.number().describe('Cosine, −1 to 1'),
      }),
    ),
  }),
  errors: [
    ...selectionErrors,
    'SAMPLE_NOT_FOUND',
    'MEDIA_MISSING',
    'MEDIA_UNREADABLE',
    'MEDIA_TOO_LARGE',
    'MODEL_NOT_FOUND',
    'MODEL_INVALID',
  ],
})

export const mapMethod = z.enum(['umap', 'tsne', 'pca'])

export const makeMap = operation({
  id: 'spaces.map',
  summary: 'Lay the vectors of a space out in two dimensions; new samples are placed into the map there is',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    space: spaceRef,
    method: mapMethod.default('umap'),
    seed: z.number().int().min(0).default(0),
    neighbours: z.number().int().min(2).max(200).default(15),
    minDistance: z.number().min(0).max(1).default(0.1).describe('umap: how close points may lie'),
    again: z.boolean().default(false).describe('Make the map anew instead of placing new samples into it'),
  }),
  output: z.object({
    space: z.string(),
    method: mapMethod,
    points: z.number().int(),
    placed: z.number().int().describe('Points put into a map that was there'),
    trustworthiness: z
      .number()
      .nullable()
      .describe('0 to 1, over 15 neighbours of a sample of the points; null for fewer than 50'),
  }),
  errors: selectionErrors,
})

export const listPoints = operation({
  id: 'spaces.points',
  summary: 'Read the points of a map',
  effect: 'read',
  input: z.object({
    dataset: datasetRef,
    query: queryText,
    space: spaceRef,
    method: mapMethod.optional().describe('The newest map when left out'),
  }),
  output: z.object({
    space: z.string(),
    method: mapMethod,
    points: z.array(z.object({ sample: z.string(), label: z.string().nullable(), x: z.number(), y: z.number() })),
  }),
  errors: [...selectionErrors, 'MAP_NOT_FOUND'],
})

export const makeClusters = operation({
  id: 'spaces.cluster',
  summary: 'Group the samples by their vectors and name the groups by classes and auto-tags; written as a field',
  effect: 'write',
  long: true,
  input: z.object({
    dataset: datasetRef,
    space: spaceRef,
    method: z
      .enum(['hdbscan', 'kmeans'])
      .default('hdbscan')
      .describe('hdbscan works on the map, kmeans on the vectors'),
    k: z.number().int().min(2).max(10_000).optional().describe('kmeans: how many; √(n/2) when left out'),
    minSize: z
      .number()
      .int()
      .min(2)
      .optional()
      .describe('hdbscan: smallest cluster; 1 % of the samples, at least 5, when left out'),
    seed: z.number().int().min(0).default(0),
    field: z.string().min(1).default('cluster'),
  }),
  output: z.object({
    space: z.string(),
    field: z.string(),
    clusters: z.array(
      z.object({
        name: z.string(),
        size: z.number().int(),
        classes: z.array(z.object({ name: z.string(), share: z.number() })),
        tags: z.array(z.object({ name: z.string(), lift: z.number() })),
      }),
    ),
    unclustered: z.number().int(),
    change: z.string().nullable(),
  }),
  errors: [...selectionErrors, 'MAP_NOT_FOUND', 'FIELD_READ_ONLY', 'FIELD_TYPE'],
})

export const neighbourPair = z.object({
  a: sampleIdText,
  b: sampleIdText,
  pathA: z.string(),
  pathB: z.string(),
  score: z.number(),
  by: z.enum(['hash', 'pixels', 'embedding']),
})
